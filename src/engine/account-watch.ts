import { DAY_MS, type Direction } from './units.ts';

const PEAK_DAYS = 20;

/**
 * The account figures that risk rules count in: equity at 00:00 UTC, the all-time peak, the 20-day
 * peak, realised R of the day by direction. Transfers move every reference, so that a withdrawal is
 * not a loss.
 */
export class AccountWatch {
  equityAtMidnight = Number.NaN;
  equityPeak = Number.NaN;
  closedTrades = 0;
  nextMidnightMs = 0;
  private longDayR = 0;
  private shortDayR = 0;
  private readonly dayPeaks: number[] = [];

  start(nowMs: number, equity: number): void {
    this.equityAtMidnight = equity;
    this.equityPeak = equity;
    this.dayPeaks.length = 0;
    this.dayPeaks.push(equity);
    this.nextMidnightMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
  }

  /** Call once when engine time has reached `nextMidnightMs`. */
  rollDay(nowMs: number, equity: number): void {
    const days = Math.floor((nowMs - this.nextMidnightMs) / DAY_MS) + 1;
    this.nextMidnightMs += days * DAY_MS;
    this.equityAtMidnight = equity;
    this.longDayR = 0;
    this.shortDayR = 0;
    for (let i = 0; i < Math.min(days, PEAK_DAYS); i++) this.dayPeaks.push(equity);
    while (this.dayPeaks.length > PEAK_DAYS) this.dayPeaks.shift();
    this.see(equity);
  }

  /** Call whenever equity may have made a new high. */
  see(equity: number): void {
    if (equity > this.equityPeak) this.equityPeak = equity;
    const today = this.dayPeaks.length - 1;
    if (equity > this.dayPeaks[today]) this.dayPeaks[today] = equity;
  }

  get equityPeak20d(): number {
    let peak = Number.NEGATIVE_INFINITY;
    for (const value of this.dayPeaks) if (value > peak) peak = value;
    return peak;
  }

  transfer(amount: number): void {
    this.equityAtMidnight += amount;
    this.equityPeak += amount;
    for (let i = 0; i < this.dayPeaks.length; i++) this.dayPeaks[i] += amount;
  }

  /** The operator accepted the drawdown of the equity stop: the peak starts anew. */
  resetPeak(equity: number): void {
    this.equityPeak = equity;
    this.dayPeaks.fill(equity);
  }

  tradeClosed(direction: Direction, tradeR: number): void {
    this.closedTrades++;
    if (direction === 1) this.longDayR += tradeR;
    else this.shortDayR += tradeR;
  }

  dayTradeR(direction: Direction): number {
    return direction === 1 ? this.longDayR : this.shortDayR;
  }

  save(): unknown {
    return {
      equityAtMidnight: this.equityAtMidnight,
      equityPeak: this.equityPeak,
      closedTrades: this.closedTrades,
      nextMidnightMs: this.nextMidnightMs,
      longDayR: this.longDayR,
      shortDayR: this.shortDayR,
      dayPeaks: [...this.dayPeaks],
    };
  }

  load(state: unknown): void {
    const saved = state as {
      equityAtMidnight: number;
      equityPeak: number;
      closedTrades: number;
      nextMidnightMs: number;
      longDayR: number;
      shortDayR: number;
      dayPeaks: number[];
    };
    this.equityAtMidnight = saved.equityAtMidnight;
    this.equityPeak = saved.equityPeak;
    this.closedTrades = saved.closedTrades;
    this.nextMidnightMs = saved.nextMidnightMs;
    this.longDayR = saved.longDayR;
    this.shortDayR = saved.shortDayR;
    this.dayPeaks.length = 0;
    this.dayPeaks.push(...saved.dayPeaks);
  }
}
