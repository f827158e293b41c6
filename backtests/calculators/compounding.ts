import { mulberry32 } from '../metrics/bootstrap.ts';
import { quantile } from '../metrics/trade-stats.ts';

export interface CompoundingOptions {
  equity: number;
  riskPercent: number;
  /** Net R of the trades to draw from, with replacement; costs are inside. */
  outcomesR: readonly number[];
  tradesPerDay: number;
  days: number;
  paths: number;
  seed: number;
  /** Ruin: equity at or below this part of the start, 0..1. The path ends there. */
  ruinFraction: number;
  /** Smallest risk that can still be traded: minimum notional x stop distance; 0 for none. */
  riskMin?: number;
}

export interface CompoundingResult {
  trades: number;
  paths: number;
  /** Share of paths that met ruin. */
  ruinShare: number;
  /** 95 % interval of that share (Wilson); with no ruin at all the upper end is not zero. */
  ruinInterval: { low: number; high: number };
  /** Share of paths that end below the start. */
  lossShare: number;
  /** End equity of the paths at 5, 25, 50, 75 and 95 %. */
  endEquity: readonly number[];
  /** Largest fall from a peak, as a fraction: median and 95 %. */
  drawdownMedian: number;
  drawdownP95: number;
  /** Longest run of losing trades: median and 95 %. */
  lossStreakMedian: number;
  lossStreakP95: number;
  /** Median growth of a month of 30 days, compounded; -1 when the median path is ruined. */
  monthMedian: number;
  meanR: number;
}

export const END_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/**
 * Fixed-fraction compounding by Monte Carlo: each trade multiplies equity by 1 + risk % x R, R drawn
 * with replacement. Seeded; the same options give the same numbers. Trades are drawn one by one, so
 * losing streaks that cluster in real markets are milder here: ruin is a lower bound.
 * @throws RangeError without outcomes, paths or trades
 */
export function simulateCompounding(options: CompoundingOptions): CompoundingResult {
  const { outcomesR, paths, equity } = options;
  const trades = Math.round(options.tradesPerDay * options.days);
  if (outcomesR.length === 0) throw new RangeError('there are no outcomes to draw from');
  if (!(paths >= 1) || !(trades >= 1)) throw new RangeError('paths and trades must be at least 1');
  const random = mulberry32(options.seed);
  const ends: number[] = [];
  const drawdowns: number[] = [];
  const streaks: number[] = [];
  let ruined = 0;
  for (let path = 0; path < paths; path++) {
    const walked = walk(options, trades, random);
    ends.push(walked.equity);
    drawdowns.push(walked.drawdown);
    streaks.push(walked.lossStreak);
    if (walked.isRuined) ruined++;
  }
  const at = (values: readonly number[], share: number) => quantile(values, share) ?? Number.NaN;
  const medianGrowth = at(ends, 0.5) / equity;
  return {
    trades,
    paths,
    ruinShare: ruined / paths,
    ruinInterval: wilson(ruined, paths),
    lossShare: ends.filter((end) => end < equity).length / paths,
    endEquity: END_SHARES.map((share) => at(ends, share)),
    drawdownMedian: at(drawdowns, 0.5),
    drawdownP95: at(drawdowns, 0.95),
    lossStreakMedian: at(streaks, 0.5),
    lossStreakP95: at(streaks, 0.95),
    monthMedian: medianGrowth > 0 ? Math.exp((Math.log(medianGrowth) * 30) / options.days) - 1 : -1,
    meanR: outcomesR.reduce((total, r) => total + r, 0) / outcomesR.length,
  };
}

function walk(options: CompoundingOptions, trades: number, random: () => number) {
  const { outcomesR, riskPercent, riskMin = 0 } = options;
  const floor = options.equity * options.ruinFraction;
  let { equity } = options;
  let peak = equity;
  let drawdown = 0;
  let streak = 0;
  let lossStreak = 0;
  for (let i = 0; i < trades; i++) {
    const risk = (equity * riskPercent) / 100;
    // Too small for the exchange: the account can neither win nor lose any more.
    if (risk < riskMin) return { equity, drawdown, lossStreak, isRuined: true };
    const r = outcomesR[Math.floor(random() * outcomesR.length)];
    equity = Math.max(0, equity + risk * r);
    streak = r > 0 ? 0 : streak + 1;
    if (streak > lossStreak) lossStreak = streak;
    if (equity > peak) peak = equity;
    drawdown = Math.max(drawdown, 1 - equity / peak);
    if (equity <= floor) return { equity, drawdown, lossStreak, isRuined: true };
  }
  return { equity, drawdown, lossStreak, isRuined: false };
}

/** Wilson's score interval at 95 %. */
export function wilson(hits: number, count: number): { low: number; high: number } {
  const z = 1.959_963_985;
  const share = hits / count;
  const scale = 1 + (z * z) / count;
  const middle = (share + (z * z) / (2 * count)) / scale;
  const half =
    (z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))) / scale;
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
