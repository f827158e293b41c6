import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { quantile } from '../../../backtests/metrics/trade-stats.ts';

/** R of pretended gains and losses that pull a small sample's profit factor towards 1. */
export const SHRINK_R = 5;
const RESAMPLES = 1_000;

/**
 * Profit factor by its lower bound, for choosing between parameters: (gains + g0) / (losses + g0)
 * in R, g0 = 5 R. Ten lucky trades cannot beat a hundred decent ones, and a sample without a loss
 * has a finite value. 1 without a trade.
 */
export function shrunkProfitFactor(rs: readonly number[], shrinkR = SHRINK_R): number {
  const { gains, losses } = gainsAndLosses(rs);
  return (gains + shrinkR) / (losses + shrinkR);
}

/** Sum of winning / |sum of losing| R; undefined, not infinite, without a loss. */
export function profitFactor(rs: readonly number[]): number | undefined {
  const { gains, losses } = gainsAndLosses(rs);
  return losses > 0 ? gains / losses : undefined;
}

/**
 * A quantile (default 10 %) of the profit factor over resamples of whole days; days without a loss
 * at all count as infinite luck, so the value exists when at most that share lacks a loss.
 * Seeded. Undefined without trades.
 */
export function bootstrapProfitFactor(
  days: readonly (readonly number[])[],
  options: { seed: number; share?: number },
): number | undefined {
  if (!days.some((rs) => rs.length > 0)) return undefined;
  const sums = days.map(gainsAndLosses);
  const random = mulberry32(options.seed);
  const values: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    let gains = 0;
    let losses = 0;
    for (let d = 0; d < sums.length; d++) {
      const day = sums[Math.floor(random() * sums.length)];
      gains += day.gains;
      losses += day.losses;
    }
    if (gains + losses > 0) values.push(losses > 0 ? gains / losses : Number.MAX_VALUE);
  }
  const value = quantile(values, options.share ?? 0.1);
  return value === Number.MAX_VALUE ? undefined : value;
}

function gainsAndLosses(rs: readonly number[]): { gains: number; losses: number } {
  let gains = 0;
  let losses = 0;
  for (const r of rs) {
    if (r > 0) gains += r;
    else losses -= r;
  }
  return { gains, losses };
}
