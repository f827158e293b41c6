import { wilson } from '../../../backtests/calculators/compounding.ts';
import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { quantile } from '../../../backtests/metrics/trade-stats.ts';
import { AppError } from '../../engine/error.ts';
import { automaticBlockLength, stationaryIndices } from '../statistics/day-resampling.ts';
import { type AccountPath, type PathTrade, walkAccount } from './account-walk.ts';

/** Ruin: 70 % of the start or less, within a year. */
export const RUIN_FRACTION = 0.7;
export const RUIN_TARGET = 0.01;
export const HORIZON_DAYS = 365;
export const PATH_SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
/** Places of the distributions that are drawn: 1 %, 3 % ... 99 %. */
export const CURVE_SHARES: readonly number[] = Array.from({ length: 50 }, (_, i) => 0.01 + i / 50);

export interface TradePathOptions {
  riskPercent: number;
  paths: number;
  seed: number;
  /** Days of a path. */
  days?: number;
}

/** What a set of paths ends in; quantiles at `PATH_SHARES`. Start = 1. */
export interface PathSpread {
  method: 'blocks' | 'shuffle';
  hasBreakers: boolean;
  paths: number;
  days: number;
  end: number[];
  maxDrawdown: number[];
  lossStreak: number[];
  winStreak: number[];
  underWaterDays: number[];
  ruinShare: number;
  ruinInterval: { low: number; high: number };
  lossShare: number;
  /** Share of paths in which the equity stop would have latched. */
  stoppedShare: number;
  /** Part of the trades that breakers kept out. */
  keptOutShare: number;
  /** End and largest drawdown at `CURVE_SHARES`. */
  curves: { end: number[]; maxDrawdown: number[] };
}

/**
 * Paths of a year from days of trades, drawn in blocks of days (stationary bootstrap), so that
 * losses that came together stay together. Empty days are days too.
 * @throws AppError DATA_NO_TRADES without a trade
 */
export function blockPaths(
  days: readonly (readonly PathTrade[])[],
  options: TradePathOptions & { hasBreakers: boolean },
): PathSpread {
  requireTrades(days);
  const horizon = options.days ?? HORIZON_DAYS;
  const sums = days.map((trades) => trades.reduce((total, { r }) => total + r, 0));
  const blockLength = Math.max(2, automaticBlockLength(sums));
  const random = mulberry32(options.seed);
  const indices = new Int32Array(horizon);
  const paths = Array.from({ length: options.paths }, () => {
    stationaryIndices(indices, { length: days.length, blockLength, random });
    return walk(
      Array.from(indices, (i) => days[i]),
      options,
    );
  });
  return spread(paths, { method: 'blocks', days: horizon, hasBreakers: options.hasBreakers });
}

/**
 * The measured trades in another order: under a fixed fraction every path ends where the measured
 * one did, and clusters of losses are torn apart, so drawdowns come out too small.
 * @throws AppError DATA_NO_TRADES without a trade
 */
export function shuffledPaths(
  days: readonly (readonly PathTrade[])[],
  options: TradePathOptions,
): PathSpread {
  requireTrades(days);
  const random = mulberry32(options.seed);
  const trades = days.flat();
  const paths = Array.from({ length: options.paths }, () => {
    for (let i = trades.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [trades[i], trades[j]] = [trades[j], trades[i]];
    }
    let next = 0;
    const same = days.map((day) => trades.slice(next, (next += day.length)));
    return walk(same, { ...options, hasBreakers: false });
  });
  return spread(paths, { method: 'shuffle', days: days.length, hasBreakers: false });
}

function walk(
  days: readonly (readonly PathTrade[])[],
  options: { riskPercent: number; hasBreakers: boolean },
): AccountPath {
  const { riskPercent, hasBreakers } = options;
  return walkAccount(days, { riskPercent, hasBreakers, ruinFraction: RUIN_FRACTION });
}

function spread(
  paths: readonly AccountPath[],
  of: Pick<PathSpread, 'method' | 'days' | 'hasBreakers'>,
): PathSpread {
  const at = (read: (path: AccountPath) => number, shares: readonly number[] = PATH_SHARES) => {
    const values = paths.map(read);
    return shares.map((share) => quantile(values, share) ?? Number.NaN);
  };
  const count = (holds: (path: AccountPath) => boolean) => paths.filter(holds).length;
  const ruined = count((path) => path.isRuined);
  const taken = paths.reduce((total, path) => total + path.trades, 0);
  const keptOut = paths.reduce((total, path) => total + path.keptOut, 0);
  return {
    ...of,
    paths: paths.length,
    end: at((path) => path.end),
    maxDrawdown: at((path) => path.maxDrawdown),
    lossStreak: at((path) => path.lossStreak),
    winStreak: at((path) => path.winStreak),
    underWaterDays: at((path) => path.underWaterDays),
    ruinShare: ruined / paths.length,
    ruinInterval: wilson(ruined, paths.length),
    lossShare: count((path) => path.end < 1) / paths.length,
    stoppedShare: count((path) => path.isStopped) / paths.length,
    keptOutShare: keptOut / Math.max(1, taken + keptOut),
    curves: {
      end: at((path) => path.end, CURVE_SHARES),
      maxDrawdown: at((path) => path.maxDrawdown, CURVE_SHARES),
    },
  };
}

function requireTrades(days: readonly (readonly PathTrade[])[]): void {
  if (days.some((trades) => trades.length > 0)) return;
  throw new AppError(
    'DATA_NO_TRADES',
    'there are no trades to resample',
    'more data, or another preset (--trade smc-stand-in)',
  );
}
