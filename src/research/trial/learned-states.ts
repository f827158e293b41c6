import { type BarFeed, makeFeeds, step } from '../../../backtests/run.ts';
import type { BacktestOptions } from '../../../backtests/run-options.ts';
import { firstAtOrAfter } from '../../../backtests/skipping-run.ts';
import { copyBarRow, readBarInto } from '../../../data/bars/bars.ts';
import type { Bucket } from '../../../data/bars/resample.ts';
import type { BarClosed } from '../../engine/event.ts';
import type { RiskRule } from '../../engine/risk-gate.ts';
import type { StrategyView } from '../../engine/strategy.ts';
import { DAY_MS } from '../../engine/units.ts';

/** What strategy, rules and cost model have learned from all bars up to a moment. */
export interface LearnedState {
  /** Bars that close up to here are in it. */
  atMs: number;
  strategy: unknown;
  /** By rule id; only rules that learn from bars. */
  rules: ReadonlyMap<string, unknown>;
  costs: unknown;
}

/** Time between the states that are kept for all recordings. */
const KEEP_EVERY_MS = DAY_MS;

/**
 * What a set of objects that never trade learns from all bars, shown in the runner's order, at any
 * moment asked for. Walked once; a state for each day is kept, and later questions go on from there.
 * No setting that may differ between the trials which use the result may change what is learned:
 * the recording's key sees to that.
 */
export class Learning {
  declare private readonly options: BacktestOptions;
  declare private readonly walk: BarWalk;
  declare private readonly learners: readonly RiskRule[];
  private readonly kept: LearnedState[] = [];
  private isWalked = false;
  /** Everything that closes up to here has been shown. */
  private atMs = Number.NEGATIVE_INFINITY;

  constructor(options: BacktestOptions) {
    const { strategies, rules, costs } = options;
    const [strategy] = strategies;
    this.options = options;
    this.learners = rules.filter((rule) => rule.onBar !== undefined);
    this.walk = new BarWalk(options, (bar) => {
      costs.onBar?.(bar);
      for (let i = 0; i < this.learners.length; i++) this.learners[i].onBar?.(bar);
      if (strategy.symbols.includes(bar.symbol)) strategy.onBar(bar, NOTHING_KNOWN);
    });
  }

  /** Whether further questions may follow the first. */
  get isReusable(): boolean {
    return this.walk.canJump || !this.isWalked;
  }

  /** States before the bars that open at these moments, which ascend. */
  statesAt(momentsMs: readonly number[]): LearnedState[] {
    if (!this.walk.canJump) return this.walkAll(momentsMs);
    if (!this.isWalked) this.kept.push(...this.walkAll(this.days()));
    return momentsMs.map((momentMs) => {
      const from = this.kept.findLast(({ atMs }) => atMs <= momentMs);
      if (from !== undefined && !(this.atMs >= from.atMs && this.atMs <= momentMs)) {
        loadLearned(this.options, from);
        this.walk.jumpTo(from.atMs);
      }
      this.showUpTo(momentMs);
      return this.state(momentMs);
    });
  }

  /** Once through everything; a second time would need fresh objects. */
  private walkAll(momentsMs: readonly number[]): LearnedState[] {
    this.isWalked = true;
    return momentsMs.map((momentMs) => {
      this.showUpTo(momentMs);
      return this.state(momentMs);
    });
  }

  private showUpTo(momentMs: number): void {
    for (let closeMs = this.walk.nextCloseMs(); closeMs <= momentMs; ) {
      this.walk.close(closeMs);
      closeMs = this.walk.nextCloseMs();
    }
    this.atMs = momentMs;
  }

  private state(atMs: number): LearnedState {
    const { strategies, costs } = this.options;
    return {
      atMs,
      strategy: strategies[0].save(),
      rules: new Map(this.learners.map((rule) => [rule.id, rule.save?.()])),
      costs: costs.save?.(),
    };
  }

  /** From before the first bar on. */
  private days(): number[] {
    const { feeds } = this.options;
    const firstMs = Math.min(...feeds.map((bars) => bars.openTime[0]));
    const lastMs = Math.max(...feeds.map((bars) => bars.openTime[bars.length - 1]));
    const out: number[] = [];
    for (let ms = Math.floor(firstMs / DAY_MS) * DAY_MS; ms <= lastMs; ms += KEEP_EVERY_MS) {
      out.push(ms);
    }
    return out;
  }
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

  /** Half-built signal bars cannot be made again from the middle. */
  get canJump(): boolean {
    return this.feeds.every((feed) => feed.signal === undefined);
  }

  /** The next bars are the first that close after this. */
  jumpTo(atMs: number): void {
    for (const feed of this.feeds) {
      const { bars } = feed;
      feed.next = firstAtOrAfter(bars.openTime, atMs - bars.timeframeMs + 1, 0) - 1;
      step(feed);
    }
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
    copyBarRow(feed.signalBar, bucket);
    this.show(feed.signalBar);
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
