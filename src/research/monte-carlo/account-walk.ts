/** A finished trade as a path of days replays it. */
export interface PathTrade {
  /** Net R. */
  r: number;
  direction: 1 | -1;
}

export interface WalkOptions {
  riskPercent: number;
  /** Throttle, direction breaker and daily circuit breaker applied again inside the path. */
  hasBreakers: boolean;
  /** Ruin: equity at or below this part of the start. The path goes on, the share is counted. */
  ruinFraction: number;
}

/** One path of an account, start = 1. */
export interface AccountPath {
  end: number;
  maxDrawdown: number;
  /** Longest run of trades without a gain. */
  lossStreak: number;
  winStreak: number;
  /** Longest time below an earlier peak, days. */
  underWaterDays: number;
  isRuined: boolean;
  /** Day of the ruin, from 0; -1 without. */
  ruinDay: number;
  trades: number;
  /** Trades that a breaker kept out. */
  keptOut: number;
  /** Whether the account fell 6 account-R below its peak: the equity stop would have latched. */
  isStopped: boolean;
}

const THROTTLE_RANGE = 0.08;
const THROTTLE_FLOOR = 0.5;
const DIRECTION_LIMIT_R = -3;
const CIRCUIT_LIMIT_R = -3;
const EQUITY_STOP_R = 6;

/**
 * Fixed-fraction compounding over days of trades. With breakers: risk x max(0.5, 1 - DD / 8 %); a
 * side pauses for the day at -3 R; at -3 account-R the day is over. Both see closed trades only, a
 * live account also its open ones. The equity stop is observed, not applied.
 */
export function walkAccount(
  days: readonly (readonly PathTrade[])[],
  options: WalkOptions,
): AccountPath {
  const { riskPercent, hasBreakers, ruinFraction } = options;
  const risk = riskPercent / 100;
  const out: AccountPath = {
    end: 1,
    maxDrawdown: 0,
    lossStreak: 0,
    winStreak: 0,
    underWaterDays: 0,
    isRuined: false,
    ruinDay: -1,
    trades: 0,
    keptOut: 0,
    isStopped: false,
  };
  let equity = 1;
  let peak = 1;
  let peakDay = 0;
  let losses = 0;
  let wins = 0;
  for (let day = 0; day < days.length; day++) {
    const midnight = equity;
    const sideR = { up: 0, down: 0 };
    for (const { r, direction } of days[day]) {
      const side = direction === 1 ? 'up' : 'down';
      const dayR = (equity - midnight) / (risk * midnight);
      if (hasBreakers && (dayR <= CIRCUIT_LIMIT_R || sideR[side] <= DIRECTION_LIMIT_R)) {
        out.keptOut++;
        continue;
      }
      const drawdown = 1 - equity / peak;
      const throttle = hasBreakers ? Math.max(THROTTLE_FLOOR, 1 - drawdown / THROTTLE_RANGE) : 1;
      equity = Math.max(0, equity * (1 + risk * throttle * r));
      sideR[side] += r;
      out.trades++;
      losses = r > 0 ? 0 : losses + 1;
      wins = r > 0 ? wins + 1 : 0;
      if (losses > out.lossStreak) out.lossStreak = losses;
      if (wins > out.winStreak) out.winStreak = wins;
      if (equity >= peak) {
        out.underWaterDays = Math.max(out.underWaterDays, day - peakDay);
        peak = equity;
        peakDay = day;
      }
      const fall = 1 - equity / peak;
      if (fall > out.maxDrawdown) out.maxDrawdown = fall;
      if (fall >= EQUITY_STOP_R * risk) out.isStopped = true;
      if (equity <= ruinFraction && !out.isRuined) {
        out.isRuined = true;
        out.ruinDay = day;
      }
    }
  }
  if (equity < peak) out.underWaterDays = Math.max(out.underWaterDays, days.length - peakDay);
  out.end = equity;
  return out;
}
