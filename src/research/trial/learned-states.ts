import { type BarFeed, makeFeeds, step } from '../../../backtests/run.ts';
import type { BacktestOptions } from '../../../backtests/run-options.ts';
import { readBarInto } from '../../../data/bars/bars.ts';
import type { Bucket } from '../../../data/bars/resample.ts';
import type { BarClosed } from '../../engine/event.ts';
import type { StrategyView } from '../../engine/strategy.ts';

/** What strategy, rules and cost model have learned from all bars up to a moment. */
export interface LearnedState {
  /** Bars that close up to here are in it. */
  atMs: number;
  strategy: unknown;
  /** By rule id; only rules that learn from bars. */
  rules: ReadonlyMap<string, unknown>;
  costs: unknown;
}

/**
 * Shows all bars, in the runner's order, to a set of fresh objects that never trade, and keeps what
 * they have learned at the moments asked for. No setting that may differ between the trials which
 * use the result may change what is learned: the recording's key sees to that.
 */
export function recordLearning(
  options: BacktestOptions,
  momentsMs: readonly number[],
): LearnedState[] {
  const { strategies, rules, costs } = options;
  const [strategy] = strategies;
  const learners = rules.filter((rule) => rule.onBar !== undefined);
  const out: LearnedState[] = [];
  const show = (bar: BarClosed) => {
    costs.onBar?.(bar);
    for (const rule of learners) rule.onBar?.(bar);
    if (strategy.symbols.includes(bar.symbol)) strategy.onBar(bar, NOTHING_KNOWN);
  };
  let next = 0;
  const walk = new BarWalk(options, show);
  while (next < momentsMs.length) {
    const closeMs = walk.nextCloseMs();
    for (; next < momentsMs.length && momentsMs[next] < closeMs; next++) {
      out.push({
        atMs: momentsMs[next],
        strategy: strategy.save(),
        rules: new Map(learners.map((rule) => [rule.id, rule.save?.()])),
        costs: costs.save?.(),
      });
    }
    if (closeMs === Number.POSITIVE_INFINITY) break;
    walk.close(closeMs);
  }
  return out;
}

/** Makes fresh objects know what was learned. */
export function loadLearned(options: BacktestOptions, learned: LearnedState): void {
  options.strategies[0].load(learned.strategy);
  for (const rule of options.rules) {
    if (learned.rules.has(rule.id)) rule.load?.(learned.rules.get(rule.id));
  }
  options.costs.load?.(learned.costs);
}

/** The order of `BacktestRun`: at one instant detail bars of all feeds, then signal bars. */
class BarWalk {
  declare private readonly feeds: BarFeed[];
  declare private readonly show: (bar: BarClosed) => void;

  constructor(options: BacktestOptions, show: (bar: BarClosed) => void) {
    this.feeds = makeFeeds(options);
    this.show = show;
    for (const feed of this.feeds) feed.onStale = (bucket) => this.showSignal(feed, bucket);
  }

  nextCloseMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const feed of this.feeds) if (feed.closeMs < atMs) atMs = feed.closeMs;
    return atMs;
  }

  close(atMs: number): void {
    const { feeds } = this;
    for (const feed of feeds) {
      if (feed.closeMs !== atMs) continue;
      readBarInto(feed.bar, feed.bars, feed.next);
      if (feed.signal !== undefined) feed.isSignalDue = feed.signal.add(feed.bar, feed.onStale);
      this.show(feed.bar);
    }
    for (const feed of feeds) {
      if (feed.closeMs !== atMs) continue;
      if (feed.isSignalDue && feed.signal !== undefined) this.showSignal(feed, feed.signal.done);
      step(feed);
    }
  }

  private showSignal(feed: BarFeed, bucket: Bucket): void {
    const bar = feed.signalBar;
    bar.openTime = bucket.openTime;
    bar.open = bucket.open;
    bar.high = bucket.high;
    bar.low = bucket.low;
    bar.close = bucket.close;
    bar.volume = bucket.volume;
    bar.takerBuyVolume = bucket.takerBuyVolume;
    this.show(bar);
  }
}

/** For a strategy that only learns: nothing is open and nothing is told. */
const NOTHING_KNOWN: StrategyView = {
  nowMs: Number.NaN,
  tradeOn: () => undefined,
  bid: () => Number.NaN,
  ask: () => Number.NaN,
  fundingRate: () => Number.NaN,
  fundingIntervalHours: () => 8,
};
