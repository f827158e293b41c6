import type { Divergences } from './divergences.ts';
import type { Hyperwave } from './hyperwave.ts';
import type { MoneyFlow } from './money-flow.ts';

const MEMORY_BARS = 10;

/**
 * Confluence zones 0, 1, 2: how many of Hyperwave and money flow are above 50 (upper) or below it
 * (lower), as they are after the same bar; NaN until both are warm. Documented by the original:
 * zones of three shades, the darkest where both agree.
 */
export function confluenceUpper(wave: Hyperwave, flow: MoneyFlow): number {
  if (Number.isNaN(wave.hw + flow.mf)) return Number.NaN;
  return (wave.hw > 50 ? 1 : 0) + (flow.mf > 50 ? 1 : 0);
}

/** See `confluenceUpper`. */
export function confluenceLower(wave: Hyperwave, flow: MoneyFlow): number {
  if (Number.isNaN(wave.hw + flow.mf)) return Number.NaN;
  return (wave.hw < 50 ? 1 : 0) + (flow.mf < 50 ? 1 : 0);
}

/**
 * Confluence meter, 0..100: 50 + 10 * (sign of hw - signal, + sign of hw - 50, + sign of flow - 50,
 * + bearish overflow - bullish overflow, + bullish divergence - bearish divergence on any of the
 * last 11 bars). NaN until both are warm. Documented by the original: the range; the terms are our
 * design.
 */
export function confluenceMeter(
  wave: Hyperwave,
  flow: MoneyFlow,
  divergences: Divergences,
): number {
  const zones = confluenceUpper(wave, flow) - confluenceLower(wave, flow);
  const overflow = flow.bearOverflow - flow.bullOverflow;
  const bull = divergences.barsSinceBull <= MEMORY_BARS ? 1 : 0;
  const bear = divergences.barsSinceBear <= MEMORY_BARS ? 1 : 0;
  return 50 + 10 * (Math.sign(wave.difference) + zones + overflow + bull - bear);
}
