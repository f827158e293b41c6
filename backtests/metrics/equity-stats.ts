import { DAY_MS } from '../../src/engine/units.ts';
import type { EquityPoint } from '../equity-curve.ts';
import { mean, sampleSd, sum } from './trade-stats.ts';

const DAYS_A_YEAR = 365;

/** Figures of marked equity. Fractions, not percent; undefined where the data gives none. */
export interface EquityStats {
  startEquity: number;
  endEquity: number;
  returnFraction: number;
  days: number;
  /** Largest fall from a peak: quote currency, and as a fraction of that peak. */
  maxDrawdown: number;
  maxDrawdownFraction: number;
  /** Largest fall below 00:00 UTC equity within a day, in account-R (base risk x that equity). */
  worstDayR: number;
  /** UTC day of it, ms; undefined when no day lost. */
  worstDayMs: number | undefined;
  /** Mean / sample sd of daily returns x sqrt(365), days without a trade included. */
  sharpe: number | undefined;
  /** Mean / downside deviation (target 0, all days in the divisor) x sqrt(365). */
  sortino: number | undefined;
  /** Compound yearly return / maximum drawdown fraction. */
  calmar: number | undefined;
  /** Net profit / maximum drawdown. */
  recoveryFactor: number | undefined;
  months: MonthReturn[];
  /** Compound return of 30 days at the whole run's pace. */
  monthlyReturn: number | undefined;
}

export interface MonthReturn {
  /** `YYYY-MM`. */
  month: string;
  returnFraction: number;
  /** Days of it inside the run. */
  days: number;
}

export interface EquityInput {
  /** Marked equity in time order. */
  equity: readonly EquityPoint[];
  /** Equity at the start and at each 00:00 UTC since. */
  days: readonly EquityPoint[];
  endMs: number;
  endEquity: number;
  /** Base risk of a trade, percent of equity: one account-R. */
  riskPercent: number;
}

export function equityStats(input: EquityInput): EquityStats {
  const { equity, days, endMs, endEquity } = input;
  const startEquity = days[0].equity;
  const spanDays = (endMs - days[0].atMs) / DAY_MS;
  const returns = dailyReturns(input);
  const { money, fraction } = maxDrawdown(equity);
  const worst = worstDay(input);
  const growth = endEquity / startEquity;
  const yearly = spanDays > 0 && growth > 0 ? growth ** (DAYS_A_YEAR / spanDays) - 1 : undefined;
  const sd = sampleSd(returns);
  const downside = Math.sqrt(sum(returns.map((r) => Math.min(0, r) ** 2)) / returns.length);
  const scale = Math.sqrt(DAYS_A_YEAR);
  const middle = mean(returns) ?? 0;
  return {
    startEquity,
    endEquity,
    returnFraction: growth - 1,
    days: spanDays,
    maxDrawdown: money,
    maxDrawdownFraction: fraction,
    worstDayR: worst.r,
    worstDayMs: worst.atMs,
    sharpe: sd !== undefined && sd > 0 ? (middle / sd) * scale : undefined,
    sortino: downside > 0 ? (middle / downside) * scale : undefined,
    calmar: yearly !== undefined && fraction > 0 ? yearly / fraction : undefined,
    recoveryFactor: money > 0 ? (endEquity - startEquity) / money : undefined,
    months: monthReturns(input),
    monthlyReturn: spanDays > 0 && growth > 0 ? growth ** (30 / spanDays) - 1 : undefined,
  };
}

/** Simple returns of UTC days; the first and last may be shorter than a day. */
export function dailyReturns(input: Pick<EquityInput, 'days' | 'endMs' | 'endEquity'>): number[] {
  const out: number[] = [];
  const points = closedDays(input);
  for (let i = 1; i < points.length; i++) out.push(points[i].equity / points[i - 1].equity - 1);
  return out;
}

export function maxDrawdown(points: readonly EquityPoint[]): { money: number; fraction: number } {
  let peak = Number.NEGATIVE_INFINITY;
  let money = 0;
  let fraction = 0;
  for (const { equity } of points) {
    if (equity > peak) peak = equity;
    money = Math.max(money, peak - equity);
    fraction = Math.max(fraction, (peak - equity) / peak);
  }
  return { money, fraction };
}

function closedDays(input: Pick<EquityInput, 'days' | 'endMs' | 'endEquity'>): EquityPoint[] {
  const { days, endMs, endEquity } = input;
  const isWhole = days[days.length - 1].atMs === endMs;
  return isWhole ? [...days] : [...days, { atMs: endMs, equity: endEquity }];
}

/** Equity against 00:00 UTC of its day, open positions marked, in account-R. */
function worstDay(input: EquityInput): { r: number; atMs: number | undefined } {
  let r = 0;
  let atMs: number | undefined;
  let day = 0;
  for (const point of input.equity) {
    while (day + 1 < input.days.length && input.days[day + 1].atMs <= point.atMs) day++;
    const start = input.days[day];
    const lost = (start.equity - point.equity) / ((input.riskPercent / 100) * start.equity);
    if (lost <= r) continue;
    r = lost;
    atMs = start.atMs;
  }
  return { r, atMs };
}

function monthReturns(input: EquityInput): MonthReturn[] {
  const out: MonthReturn[] = [];
  const points = closedDays(input);
  for (let i = 1; i < points.length; i++) {
    const from = points[i - 1];
    const month = new Date(from.atMs).toISOString().slice(0, 7);
    const growth = points[i].equity / from.equity;
    const days = (points[i].atMs - from.atMs) / DAY_MS;
    const last = out[out.length - 1];
    if (last?.month === month) {
      last.returnFraction = (1 + last.returnFraction) * growth - 1;
      last.days += days;
    } else out.push({ month, returnFraction: growth - 1, days });
  }
  return out;
}
