import type { BarClosed } from '../../src/engine/event.ts';
import type { KlineBar } from './market-frame.ts';

/** The closing frame has this long after the bar's end; then the bar is asked for. */
export const CLOSE_GRACE_MS = 1_500;
/** An answer may be a moment behind the close: it is asked again after this. */
const ASK_AGAIN_MS = 1_000;
const REMEMBERED = 64;

/**
 * Closes the bars of one symbol and timeframe, each once and in order, without holes. The stream's
 * `x` closes a bar at once; when it does not come (a bar without trades may never get its frame) or
 * a bar is missing before it, the venue's own list is asked. What was told is compared with it.
 */
export class KlineCloser {
  /** Bars told that the list has otherwise. */
  differing = 0;
  declare readonly symbol: string;
  declare readonly timeframeMs: number;
  declare private nextOpenTime: number;
  private askedMs = Number.NEGATIVE_INFINITY;
  private readonly told = new Map<number, KlineBar>();
  private ahead: KlineBar | undefined;

  /** `nextOpenTime` is the first bar that is wanted. */
  constructor(options: { symbol: string; timeframeMs: number; nextOpenTime: number }) {
    this.symbol = options.symbol;
    this.timeframeMs = options.timeframeMs;
    this.nextOpenTime = options.nextOpenTime;
  }

  /** A frame of the stream; the bars that it closes. */
  onFrame(bar: KlineBar, isClosed: boolean): BarClosed[] {
    if (!isClosed || bar.openTime % this.timeframeMs !== 0) return [];
    if (bar.openTime < this.nextOpenTime) {
      this.compare(bar);
      return [];
    }
    if (bar.openTime > this.nextOpenTime) {
      this.ahead = bar;
      return [];
    }
    return [this.close(bar)];
  }

  /** Open time to ask the list from, when a bar is overdue or missing; undefined when all is well. */
  askFrom(nowMs: number): number | undefined {
    const isOverdue = nowMs >= this.nextOpenTime + this.timeframeMs + CLOSE_GRACE_MS;
    if (!isOverdue && this.ahead === undefined) return undefined;
    if (nowMs - this.askedMs < ASK_AGAIN_MS) return undefined;
    this.askedMs = nowMs;
    return this.nextOpenTime;
  }

  /** Rows of the list, ascending. A row whose end has not passed is still moving. */
  onList(rows: readonly KlineBar[], nowMs: number): BarClosed[] {
    const closed: BarClosed[] = [];
    for (const bar of rows) {
      if (bar.openTime + this.timeframeMs > nowMs) break;
      if (bar.openTime < this.nextOpenTime) this.compare(bar);
      else if (bar.openTime === this.nextOpenTime) closed.push(this.close(bar));
    }
    if (this.ahead?.openTime === this.nextOpenTime) closed.push(this.close(this.ahead));
    if (this.ahead !== undefined && this.ahead.openTime < this.nextOpenTime) this.ahead = undefined;
    return closed;
  }

  /** Open time of the oldest bar that a comparison can still check. */
  compareFrom(): number {
    return this.told.keys().next().value ?? this.nextOpenTime;
  }

  private close(bar: KlineBar): BarClosed {
    this.nextOpenTime = bar.openTime + this.timeframeMs;
    this.told.set(bar.openTime, bar);
    if (this.told.size > REMEMBERED) {
      for (const oldest of this.told.keys()) {
        this.told.delete(oldest);
        break;
      }
    }
    const { symbol, timeframeMs } = this;
    return { kind: 'bar.closed', symbol, timeframeMs, ...bar, isWarmUp: false };
  }

  private compare(bar: KlineBar): void {
    const told = this.told.get(bar.openTime);
    if (told === undefined) return;
    const isSame =
      told.open === bar.open &&
      told.high === bar.high &&
      told.low === bar.low &&
      told.close === bar.close &&
      Math.abs(told.volume - bar.volume) <= 1e-9 * Math.max(1, bar.volume);
    if (isSame) return;
    this.differing++;
    // Told once: the next comparison is against what the venue says now.
    this.told.set(bar.openTime, bar);
  }
}
