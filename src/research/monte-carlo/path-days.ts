import { DAY_MS } from '../../engine/units.ts';
import type { PathTrade } from './account-walk.ts';

/** Trades by the UTC day they closed on, empty days kept. R beyond the plan's risk is as measured. */
export function pathDays(
  trades: readonly { tradeR: number; direction: 1 | -1; closedMs: number }[],
  span: { startMs: number; endMs: number },
): PathTrade[][] {
  const first = Math.floor(span.startMs / DAY_MS);
  const count = Math.max(1, Math.ceil(span.endMs / DAY_MS) - first);
  const days: PathTrade[][] = Array.from({ length: count }, () => []);
  for (const { tradeR, direction, closedMs } of trades) {
    const day = Math.min(count - 1, Math.max(0, Math.floor(closedMs / DAY_MS) - first));
    days[day].push({ r: tradeR, direction });
  }
  return days;
}
