import { type BarFeed, makeFeeds, step } from '../../backtests/run.ts';
import type { BacktestOptions } from '../../backtests/run-options.ts';
import type { Bucket } from '../../data/bars/resample.ts';
import type { BarClosed } from '../engine/event.ts';
import { HOUR_MS } from '../engine/units.ts';
import type { LiveCore } from './live-core.ts';
import { PaperLeverage } from './paper-feed.ts';
import { type PaperVenue, VENUE_RANK } from './paper-venue.ts';
import type { EventSink, FeedPort } from './ports.ts';
import type { VirtualTime } from './virtual-time.ts';

const INSTANTS_A_COMMIT = 500;

type FeedStart = Parameters<FeedPort['start']>[0];

export interface BarReplayOptions
  extends Pick<
    BacktestOptions,
    'feeds' | 'mainSymbol' | 'signalTimeframeMs' | 'funding' | 'fromMs' | 'toMs'
  > {
  leverageAfter: BacktestOptions['account']['leverageAfter'];
  time: VirtualTime;
  venue: PaperVenue;
  core: () => LiveCore;
  /** Makes what was journalled durable. */
  commit: () => void;
}

/**
 * Bars of files (or of the simulated market) as a feed of the live core, at full speed on virtual
 * time. The order is the backtest's: at equal times the venue's facts, funding, detail bars before
 * signal bars, the main symbol last, timers at the very end. Starts behind what was seen before.
 */
export class BarReplay implements FeedPort {
  barsDone = 0;
  declare readonly barsTotal: number;
  declare private readonly options: BarReplayOptions;
  declare private readonly feeds: BarFeed[];
  private sink: EventSink = () => {};
  private onEnd: () => void = () => {};
  private isRunning = false;
  private nextFunding = 0;
  private instants = 0;
  declare private readonly ramp: PaperLeverage;

  constructor(options: BarReplayOptions) {
    this.options = options;
    this.feeds = makeFeeds(options);
    this.ramp = new PaperLeverage({ ...options, symbol: options.mainSymbol });
    this.barsTotal = this.feeds.reduce((sum, feed) => sum + feed.bars.length, 0);
    for (const feed of this.feeds) {
      feed.onStale = (bucket) => this.deliverSignal(feed, bucket);
    }
  }

  start({ sinceMs, sink, onWarm, onEnd }: FeedStart): void {
    const { funding, time } = this.options;
    this.sink = sink;
    this.onEnd = onEnd;
    let lastMs = 0;
    for (const feed of this.feeds) {
      const seenMs = sinceMs[feed.symbol] ?? 0;
      lastMs = Math.max(lastMs, seenMs);
      this.skipTo(feed, seenMs);
    }
    while (this.nextFunding < funding.length && funding[this.nextFunding].atMs <= lastMs) {
      this.nextFunding++;
    }
    time.wake(time.nowMs(), () => {
      this.isRunning = true;
      onWarm();
    });
    time.runTo(Math.max(time.nowMs(), lastMs), VENUE_RANK + 1);
  }

  stop(): void {
    this.isRunning = false;
  }

  /** Plays up to this many instants at which bars close; false when there is nothing left. */
  advance(instants: number): boolean {
    const { toMs = Number.POSITIVE_INFINITY } = this.options;
    for (let i = 0; i < instants; i++) {
      if (!this.isRunning) return false;
      let atMs = Number.POSITIVE_INFINITY;
      for (const feed of this.feeds) if (feed.closeMs < atMs) atMs = feed.closeMs;
      if (!(atMs <= toMs) || atMs === Number.POSITIVE_INFINITY) {
        this.isRunning = false;
        this.onEnd();
        return false;
      }
      this.closeInstant(atMs);
      this.options.core().takeSnapshotIfDue();
      if (++this.instants % INSTANTS_A_COMMIT === 0) this.options.commit();
    }
    return true;
  }

  /** Bars that an earlier run has seen only fill the signal bar that is under way. */
  private skipTo(feed: BarFeed, seenMs: number): void {
    while (feed.closeMs <= seenMs) {
      feed.signal?.add(readBar(feed, false), () => {});
      feed.shown = feed.next;
      step(feed);
      this.barsDone++;
    }
  }

  private closeInstant(atMs: number): void {
    const { funding, time } = this.options;
    while (this.nextFunding < funding.length && funding[this.nextFunding].atMs <= atMs) {
      this.settleFunding();
    }
    this.walkTo(atMs);
    for (const feed of this.feeds) {
      if (feed.closeMs !== atMs) continue;
      const bar = readBar(feed, this.isWarmUp(feed.bars.openTime[feed.next]));
      if (feed.signal !== undefined) feed.isSignalDue = feed.signal.add(bar, feed.onStale);
      this.deliverBar(feed, bar);
    }
    for (const feed of this.feeds) {
      if (feed.closeMs !== atMs) continue;
      if (feed.isSignalDue && feed.signal !== undefined) this.deliverSignal(feed, feed.signal.done);
      step(feed);
      this.barsDone++;
    }
    time.runTo(atMs);
  }

  /** Everything inside the bars: facts up to this instant, timers before it. */
  private walkTo(atMs: number): void {
    const { venue, time } = this.options;
    const isBusy = !venue.exchange.isIdle || time.nextMs() < atMs;
    for (const feed of this.feeds) {
      if (!isBusy || feed.shown === feed.next) continue;
      if (!(feed.bars.openTime[feed.next] < atMs)) continue;
      venue.setBar(feed.symbol, feed.bars, feed.next);
      feed.shown = feed.next;
    }
    time.runTo(atMs, VENUE_RANK);
  }

  private settleFunding(): void {
    const { funding, venue } = this.options;
    const row = funding[this.nextFunding++];
    const feed = this.feeds.find((entry) => entry.symbol === row.symbol);
    if (feed === undefined) return;
    this.walkTo(row.atMs);
    const { bars, next } = feed;
    const index = feed.closeMs === row.atMs ? next : next - 1;
    if (index < 0 || row.atMs < bars.openTime[0]) return;
    const { symbol, rate, intervalHours } = row;
    const mark = bars.close[index];
    const bookedUnits = undefined;
    venue.exchange.settleFunding(symbol, rate, mark);
    this.sink({ kind: 'funding.settled', symbol, rate, intervalHours, mark, bookedUnits });
    this.sink({
      kind: 'mark.changed',
      symbol,
      mark: Number.NaN,
      fundingRate: rate,
      fundingIntervalHours: intervalHours,
      nextFundingMs: row.atMs + intervalHours * HOUR_MS,
    });
  }

  private deliverSignal(feed: BarFeed, bucket: Bucket): void {
    const timeframeMs = this.options.signalTimeframeMs;
    this.deliverBar(feed, {
      kind: 'bar.closed',
      symbol: feed.symbol,
      timeframeMs,
      openTime: bucket.openTime,
      open: bucket.open,
      high: bucket.high,
      low: bucket.low,
      close: bucket.close,
      volume: bucket.volume,
      takerBuyVolume: bucket.takerBuyVolume,
      isWarmUp: this.isWarmUp(bucket.openTime),
    });
  }

  private deliverBar(feed: BarFeed, bar: BarClosed): void {
    this.sink(bar);
    if (!feed.isMain || bar.isWarmUp || bar.timeframeMs !== this.options.signalTimeframeMs) return;
    this.ramp.onHandled();
  }

  private isWarmUp(openTime: number): boolean {
    return openTime < (this.options.fromMs ?? Number.NEGATIVE_INFINITY);
  }
}

function readBar({ bars, next, symbol }: BarFeed, isWarmUp: boolean): BarClosed {
  return {
    kind: 'bar.closed',
    symbol,
    timeframeMs: bars.timeframeMs,
    openTime: bars.openTime[next],
    open: bars.open[next],
    high: bars.high[next],
    low: bars.low[next],
    close: bars.close[next],
    volume: bars.volume[next],
    takerBuyVolume: bars.takerBuyVolume[next],
    isWarmUp,
  };
}
