import type { BarClosed, EngineEvent } from '../engine/event.ts';
import type { EventSink, FeedPort, TimePort, WakeUp } from './ports.ts';

/** A leg's bar may come this much after the main symbol's; then the signal is decided without it. */
export const LEG_WAIT_MS = 2_000;
/** Warm-up bars told in one go: some milliseconds, so that facts of the venue get their turn. */
const SLICE = 150;
/** Part of the history that still counts as all of it: it is half as long again as needed. */
const HISTORY_ENOUGH = 2 / 3;

export interface OrderedFeedOptions {
  feed: FeedPort;
  time: TimePort;
  /** The main symbol first. */
  symbols: readonly string[];
  timeframeMs: number;
  /** Bars of each symbol that a start without memory loads. */
  historyBars: number;
  notice: (level: 'info' | 'warning', code: string, text: string) => void;
}

type FeedStart = Parameters<FeedPort['start']>[0];

/**
 * Bars in the order in which a backtest has them: by time, legs before the main symbol. A venue
 * tells the history symbol by symbol and closes the bars of one instant in any order; a signal that
 * is decided before its legs' bars are known would be another one than in the backtest.
 */
export class OrderedFeed implements FeedPort {
  declare private readonly options: OrderedFeedOptions;
  private sink: EventSink = () => {};
  private history: BarClosed[] | undefined = [];
  /** Live events while the history is still being told. */
  private later: EngineEvent[] = [];
  private readonly openTimes = new Map<string, number>();
  private held: BarClosed | undefined;
  private deadline: WakeUp | undefined;
  private slice: WakeUp | undefined;
  private isStopped = false;
  private barsWanted = 0;

  constructor(options: OrderedFeedOptions) {
    this.options = options;
  }

  start(start: FeedStart): void {
    const { feed, time, symbols, timeframeMs, historyBars } = this.options;
    this.sink = start.sink;
    const coldMs = time.nowMs() - historyBars * timeframeMs;
    const isCold = start.isCold === true || !((start.sinceMs[symbols[0]] ?? 0) > 0);
    this.barsWanted = isCold ? historyBars : 0;
    const sinceMs = Object.fromEntries(
      symbols.map((symbol) => {
        const seenMs = start.isCold === true ? 0 : (start.sinceMs[symbol] ?? 0);
        return [symbol, seenMs > 0 ? seenMs : coldMs];
      }),
    );
    feed.start({
      ...start,
      sinceMs,
      sink: (event) => this.onEvent(event),
      onWarm: () => this.tellHistory(start.onWarm),
    });
  }

  stop(): void {
    this.isStopped = true;
    this.deadline?.cancel();
    this.slice?.cancel();
    this.options.feed.stop();
  }

  private onEvent(event: EngineEvent): void {
    if (this.isStopped) return;
    if (this.history === undefined) this.pass(event);
    else if (event.kind === 'bar.closed' && event.isWarmUp) this.history.push(event);
    else this.later.push(event);
  }

  private tellHistory(onWarm: () => void): void {
    const { time, symbols } = this.options;
    const [main] = symbols;
    const bars = this.history ?? [];
    const rank = (bar: BarClosed) => (bar.symbol === main ? 1 : 0);
    this.warnIfShort(bars.filter(({ symbol }) => symbol === main).length);
    // Stable: legs keep the order in which they are listed.
    bars.sort((a, b) => a.openTime - b.openTime || rank(a) - rank(b));
    let next = 0;
    const tell = (): void => {
      if (this.isStopped) return;
      for (const end = Math.min(bars.length, next + SLICE); next < end; next++) {
        this.openTimes.set(bars[next].symbol, bars[next].openTime);
        this.sink(bars[next]);
      }
      if (next < bars.length) {
        this.slice = time.wake(time.nowMs(), tell);
        return;
      }
      this.history = undefined;
      onWarm();
      for (const event of this.later.splice(0)) this.pass(event);
    };
    tell();
  }

  private warnIfShort(found: number): void {
    if (found >= this.barsWanted * HISTORY_ENOUGH) return;
    const text = `${found} of ${this.barsWanted} bars of history: early signals may differ`;
    this.options.notice('warning', 'SHORT_HISTORY', text);
  }

  private pass(event: EngineEvent): void {
    if (event.kind !== 'bar.closed') {
      this.sink(event);
      return;
    }
    const [main] = this.options.symbols;
    if (event.symbol === main) this.hold(event);
    else {
      this.openTimes.set(event.symbol, event.openTime);
      this.sink(event);
    }
    if (this.held !== undefined && this.missing(this.held).length === 0) this.release();
  }

  private hold(bar: BarClosed): void {
    // A bar that still waits goes first, whatever its legs do.
    if (this.held !== undefined) this.release();
    this.held = bar;
    const { time, notice } = this.options;
    this.deadline = time.wake(time.nowMs() + LEG_WAIT_MS, () => {
      const names = this.missing(bar).join(', ');
      notice('warning', 'BAR_LATE', `no bar of ${names} in time; decided without`);
      this.release();
    });
  }

  private release(): void {
    const { held } = this;
    this.deadline?.cancel();
    this.held = undefined;
    if (held !== undefined) this.sink(held);
  }

  private missing(bar: BarClosed): string[] {
    const [, ...legs] = this.options.symbols;
    return legs.filter((symbol) => (this.openTimes.get(symbol) ?? 0) < bar.openTime);
  }
}
