import { type Bars, copyBarRow, readBarInto } from '../data/bars/bars.ts';
import { BarAggregator, type Bucket } from '../data/bars/resample.ts';
import type { Effect } from '../src/engine/effect.ts';
import { Engine } from '../src/engine/engine.ts';
import { AppError } from '../src/engine/error.ts';
import type {
  BarClosed,
  EngineEvent,
  Envelope,
  FundingSettled,
  MarkChanged,
  SessionStarted,
} from '../src/engine/event.ts';
import { toCash } from '../src/engine/money.ts';
import { HOUR_MS } from '../src/engine/units.ts';
import { BookSampler } from './book-sampler.ts';
import { EquityCurve } from './equity-curve.ts';
import { SimulatedExchange } from './exchange/simulated-exchange.ts';
import { priceResolution } from './price-resolution.ts';
import type { AlertPoint, BacktestOptions, BacktestResult, Notice } from './run-options.ts';

/** Fixed, so that a repeated run makes the same order ids and the same digest. */
const BACKTEST_BOOT_ID = 'backtest';
const NOTICES_MAX = 1_000;
const SLICE_GROUPS = 50_000;

/** One symbol's bars on their way into a run. */
export interface BarFeed {
  bars: Bars;
  symbol: string;
  /** Index of the next bar to close. */
  next: number;
  /** When it closes; infinity at the end. */
  closeMs: number;
  /** Last bar handed to the exchange. */
  shown: number;
  /** The bar that closes now, one object for all of them. */
  bar: BarClosed;
  /** Undefined when the feed's own bars are the signal bars. */
  signal: BarAggregator | undefined;
  signalBar: BarClosed;
  isSignalDue: boolean;
  /** Delivers a signal bar whose last minute never came. */
  onStale: (bucket: Bucket) => void;
  isMain: boolean;
}

/** Runs to the end in one go. */
export function runBacktest(options: BacktestOptions): BacktestResult {
  const run = new BacktestRun(options);
  while (run.advance(SLICE_GROUPS));
  return run.finish();
}

/** The same in slices, so that progress can be shown and Ctrl-C is heard; what there is is kept. */
export async function runBacktestInSlices(
  options: BacktestOptions,
  watch: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal },
): Promise<BacktestResult> {
  const run = new BacktestRun(options);
  while (run.advance(SLICE_GROUPS)) {
    watch.onProgress?.(run.barsDone, run.barsTotal);
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (watch.signal?.aborted) {
      run.interrupt();
      break;
    }
  }
  watch.onProgress?.(run.barsDone, run.barsTotal);
  return run.finish();
}

/**
 * Walks bars, funding, timers and the simulated exchange in one total order through the engine. At
 * equal times: fills and order facts, funding and marks, detail bars before signal bars, the main
 * symbol last, timers at the very end. While nothing is held and nothing rests, a bar costs one
 * call of the engine and no allocation.
 */
export class BacktestRun {
  declare readonly engine: Engine;
  declare readonly exchange: SimulatedExchange;
  barsDone = 0;
  declare readonly barsTotal: number;
  declare protected readonly options: BacktestOptions;
  declare protected readonly feeds: BarFeed[];
  declare protected readonly envelope: Envelope;
  declare private readonly sampler: BookSampler;
  private readonly curve = new EquityCurve();
  private readonly alerts: AlertPoint[] = [];
  private readonly notices: Notice[] = [];
  declare protected readonly fromMs: number;
  declare protected readonly toMs: number;
  declare private readonly barsMax: number;
  declare protected nowMs: number;
  protected nextFunding = 0;
  private fundingPayments = 0;
  protected signalBars = 0;
  declare private leverage: number;
  protected tradesSeen = 0;
  private isInterrupted = false;

  constructor(options: BacktestOptions) {
    this.options = options;
    this.feeds = makeFeeds(options);
    for (const feed of this.feeds) {
      feed.onStale = (bucket) => this.deliverSignal(feed, bucket);
    }
    this.barsTotal = this.feeds.reduce((sum, feed) => sum + feed.bars.length, 0);
    const startMs = Math.min(...this.feeds.map((feed) => feed.bars.openTime[0]));
    this.nowMs = startMs;
    this.fromMs = Math.max(options.fromMs ?? startMs, startMs);
    this.toMs = options.toMs ?? Number.POSITIVE_INFINITY;
    this.barsMax = options.barsMax ?? Number.POSITIVE_INFINITY;
    this.leverage = options.account.leverageAfter(0);
    const { strategies, rules, costs, account, venue } = options;
    this.engine = new Engine({ strategies, rules, costs, isStrict: true });
    this.exchange = new SimulatedExchange({
      ...account,
      ...venue,
      cashUnits: toCash(account.startEquity),
      leverage: this.leverage,
      costs,
      tapes: options.tapes,
    });
    this.sampler = new BookSampler({ exchange: this.exchange, tapes: options.tapes });
    const session = this.session();
    this.envelope = { seq: 0, atMs: startMs, source: 'session', event: session };
    this.deliver(startMs, 'session', session);
    this.curve.start(this.fromMs, account.startEquity);
  }

  /** Handles up to this many instants at which bars close; false when there is nothing left. */
  advance(instants: number): boolean {
    for (let i = 0; i < instants; i++) {
      if (this.isInterrupted || this.signalBars >= this.barsMax) return false;
      let atMs = Number.POSITIVE_INFINITY;
      for (const feed of this.feeds) if (feed.closeMs < atMs) atMs = feed.closeMs;
      if (!(atMs <= this.toMs) || atMs === Number.POSITIVE_INFINITY) return false;
      this.closeInstant(atMs);
    }
    return true;
  }

  /** The feed of a symbol. @throws RangeError for a symbol that is not fed */
  bars(symbol: string): Bars {
    const feed = this.feeds.find((entry) => entry.symbol === symbol);
    if (feed === undefined) throw new RangeError(`${symbol} is not fed`);
    return feed.bars;
  }

  interrupt(): void {
    this.isInterrupted = true;
  }

  finish(): BacktestResult {
    const { engine, exchange, curve, options } = this;
    const endEquity = engine.equity();
    curve.see(this.nowMs, endEquity);
    const { trades } = engine;
    const filled = trades.filter((trade) => trade.quantity > 0);
    return {
      startMs: this.fromMs,
      endMs: this.nowMs,
      signalBars: this.signalBars,
      fineBars: this.barsDone,
      startEquity: options.account.startEquity,
      endEquity,
      trades: filled,
      unfilled: trades.filter((trade) => trade.quantity === 0),
      openAtEnd: engine.inspect().open.size,
      equity: curve.points,
      days: curve.days,
      alerts: this.alerts,
      refusals: { ...engine.gate.refusals },
      degradedRules: engine.degradedRules(),
      notices: this.notices,
      ambiguousBars: exchange.ambiguousBars,
      ambiguousTradeIds: filled
        .filter((trade) => exchange.isAmbiguous(trade.tradeId))
        .map((trade) => trade.tradeId),
      liquidations: exchange.liquidations,
      resolution: priceResolution(options, { exchange, fromMs: this.fromMs, toMs: this.nowMs }),
      fundingPayments: this.fundingPayments,
      effectDigest: engine.effectDigest(),
      isInterrupted: this.isInterrupted,
    };
  }

  private closeInstant(atMs: number): void {
    const { funding } = this.options;
    while (this.nextFunding < funding.length && funding[this.nextFunding].atMs <= atMs) {
      this.settleFunding();
    }
    if (this.isBusyUntil(atMs)) this.walkTo(atMs);
    const { feeds } = this;
    for (let i = 0; i < feeds.length; i++) {
      const feed = feeds[i];
      if (feed.closeMs !== atMs) continue;
      readBarInto(feed.bar, feed.bars, feed.next);
      if (feed.signal !== undefined) feed.isSignalDue = feed.signal.add(feed.bar, feed.onStale);
      if (this.sampler.listensTo(feed.symbol)) this.sampleBook(feed, atMs);
      this.deliverBar(feed, feed.bar);
    }
    for (let i = 0; i < feeds.length; i++) {
      const feed = feeds[i];
      if (feed.closeMs !== atMs) continue;
      if (feed.isSignalDue && feed.signal !== undefined) this.deliverSignal(feed, feed.signal.done);
      step(feed);
      this.barsDone++;
    }
    while (this.engine.nextTimerMs() <= atMs) this.fireTimer(atMs);
  }

  private sampleBook(feed: BarFeed, atMs: number): void {
    this.showBar(feed);
    const sample = this.sampler.at(feed.bars, feed.next);
    if (sample !== undefined) this.deliver(atMs, 'feed', sample);
  }

  private showBar(feed: BarFeed): void {
    if (feed.shown === feed.next) return;
    this.exchange.setBar(feed.symbol, feed.bars, feed.next);
    feed.shown = feed.next;
  }

  private isBusyUntil(atMs: number): boolean {
    return !this.exchange.isIdle || this.engine.nextTimerMs() < atMs;
  }

  /** Everything inside the bars: facts up to this instant, timers before it. */
  private walkTo(atMs: number): void {
    const { exchange, engine } = this;
    for (const feed of this.feeds) {
      if (feed.bars.openTime[feed.next] < atMs) this.showBar(feed);
    }
    for (;;) {
      const factMs = exchange.nextMs();
      const timerMs = engine.nextTimerMs();
      if (factMs <= timerMs) {
        if (factMs > atMs) return;
        const fact = exchange.step();
        if (fact !== undefined) this.deliver(factMs, 'venue', fact);
      } else {
        if (timerMs >= atMs) return;
        this.fireTimer(timerMs);
      }
    }
  }

  private fireTimer(atMs: number): void {
    const timerId = this.engine.nextTimerId();
    if (timerId === undefined) return;
    this.deliver(atMs, 'timer', { kind: 'timer.fired', timerId });
  }

  /**
   * The payment at its time, then the rate as the estimate for the next interval: the last settled
   * rate is what is known then, the next one is not.
   */
  protected settleFunding(): void {
    const row = this.options.funding[this.nextFunding++];
    const feed = this.feeds.find((entry) => entry.symbol === row.symbol);
    if (feed === undefined) return;
    if (this.isBusyUntil(row.atMs)) this.walkTo(row.atMs);
    const { bars, next } = feed;
    // The close of the bar that ends here; a hole in the data leaves the last close before it.
    const index = feed.closeMs === row.atMs ? next : next - 1;
    if (index < 0 || row.atMs < bars.openTime[0]) return;
    const mark = bars.close[index];
    const isHeld = (this.engine.inspect().kernel.portfolio.position(row.symbol)?.lots ?? 0) !== 0;
    if (isHeld) this.fundingPayments++;
    const settled: FundingSettled = {
      kind: 'funding.settled',
      symbol: row.symbol,
      rate: row.rate,
      intervalHours: row.intervalHours,
      mark,
      bookedUnits: undefined,
    };
    this.exchange.settleFunding(row.symbol, row.rate, mark);
    this.deliver(row.atMs, 'feed', settled);
    const known: MarkChanged = {
      kind: 'mark.changed',
      symbol: row.symbol,
      mark: Number.NaN,
      fundingRate: row.rate,
      fundingIntervalHours: row.intervalHours,
      nextFundingMs: row.atMs + row.intervalHours * HOUR_MS,
    };
    this.deliver(row.atMs, 'feed', known);
  }

  private deliverSignal(feed: BarFeed, bucket: Bucket): void {
    copyBarRow(feed.signalBar, bucket);
    this.deliverBar(feed, feed.signalBar);
  }

  private deliverBar(feed: BarFeed, bar: BarClosed): void {
    const { engine } = this;
    const atMs = feed.closeMs;
    bar.isWarmUp = bar.openTime < this.fromMs;
    this.deliver(atMs, 'feed', bar);
    if (!feed.isMain || bar.isWarmUp || bar.timeframeMs !== this.options.signalTimeframeMs) return;
    this.signalBars++;
    if (atMs >= this.curve.nextDayMs || engine.hasActivity(feed.symbol)) {
      this.curve.see(atMs, engine.equity());
    }
    if (engine.trades.length > this.tradesSeen) this.onTradeClosed(atMs);
  }

  private onTradeClosed(atMs: number): void {
    const { engine } = this;
    this.tradesSeen = engine.trades.length;
    this.curve.see(atMs, engine.equity());
    const closed = engine.inspect().kernel.watch.closedTrades;
    const leverage = this.options.account.leverageAfter(closed);
    if (leverage === this.leverage || engine.inspect().open.size > 0) return;
    this.leverage = leverage;
    this.exchange.setLeverage(leverage);
    const symbol = this.options.mainSymbol;
    this.deliver(atMs, 'venue', { kind: 'accountConfig.changed', symbol, leverage });
  }

  private deliver(atMs: number, source: Envelope['source'], event: EngineEvent): void {
    const { envelope } = this;
    if (atMs > this.nowMs) this.nowMs = atMs;
    envelope.seq++;
    envelope.atMs = this.nowMs;
    envelope.source = source;
    envelope.event = event;
    const effects = this.engine.handle(envelope);
    this.options.observer?.(envelope, effects);
    if (effects.length > 0) this.dispatch(effects);
  }

  private dispatch(effects: readonly Effect[]): void {
    const { exchange, nowMs } = this;
    exchange.setTime(nowMs);
    for (const effect of effects) {
      switch (effect.kind) {
        case 'order.submit':
          exchange.submit(effect.request);
          break;
        case 'order.amend':
          exchange.amend(effect);
          break;
        case 'order.cancel':
          exchange.cancel(effect);
          break;
        case 'order.query':
          exchange.query(effect);
          break;
        case 'alert.raise': {
          const { side, price, tags, reasons } = effect;
          this.alerts.push({ atMs: nowMs, side, price, tags, reasons });
          break;
        }
        case 'operator.notify':
          if (this.notices.length >= NOTICES_MAX) break;
          this.notices.push(noticeOf(effect, nowMs));
          break;
      }
    }
  }

  private session(): SessionStarted {
    const { account, fingerprints } = this.options;
    return {
      kind: 'session.started',
      mode: 'backtest',
      bootId: BACKTEST_BOOT_ID,
      ...fingerprints,
      seed: 0,
      cashUnits: toCash(account.startEquity),
      quoteAsset: account.quoteAsset,
      leverage: this.leverage,
      instruments: account.instruments,
      brackets: account.brackets,
      feeRates: account.feeRates,
    };
  }
}

/** @throws AppError DATA_EMPTY, DATA_TIMEFRAME or DATA_SYMBOL when the bars do not fit */
export function makeFeeds(
  options: Pick<BacktestOptions, 'feeds' | 'mainSymbol' | 'signalTimeframeMs'>,
): BarFeed[] {
  const { feeds, mainSymbol, signalTimeframeMs } = options;
  const out: BarFeed[] = [];
  for (const bars of feeds) {
    if (bars.length === 0) throw new AppError('DATA_EMPTY', `there are no bars of ${bars.symbol}`);
    if (signalTimeframeMs % bars.timeframeMs !== 0) {
      const has = bars.timeframeMs / 60_000;
      throw new AppError(
        'DATA_TIMEFRAME',
        `${has}m bars of ${bars.symbol} do not fit ${signalTimeframeMs / 60_000}m signals`,
        'use data whose timeframe divides the signal timeframe, or set signals.timeframe',
      );
    }
    const { timeframeMs } = bars;
    out.push({
      bars,
      symbol: bars.symbol,
      bar: emptyBar(bars.symbol, timeframeMs),
      signalBar: emptyBar(bars.symbol, signalTimeframeMs),
      next: 0,
      closeMs: bars.openTime[0] + timeframeMs,
      shown: -1,
      signal:
        timeframeMs === signalTimeframeMs
          ? undefined
          : new BarAggregator({ fromMs: timeframeMs, toMs: signalTimeframeMs }),
      isSignalDue: false,
      onStale: () => {},
      isMain: bars.symbol === mainSymbol,
    });
  }
  if (!out.some((feed) => feed.isMain)) {
    throw new AppError('DATA_SYMBOL', `there are no bars of ${mainSymbol}`);
  }
  return out.sort((a, b) =>
    a.isMain === b.isMain ? (a.symbol < b.symbol ? -1 : 1) : a.isMain ? 1 : -1,
  );
}

function noticeOf({ level, code, text }: Omit<Notice, 'atMs'>, atMs: number): Notice {
  return { atMs, level, code, text };
}

/** On to the next bar of the feed. */
export function step(feed: BarFeed): void {
  const { bars } = feed;
  feed.next++;
  feed.closeMs =
    feed.next < bars.length
      ? bars.openTime[feed.next] + bars.timeframeMs
      : Number.POSITIVE_INFINITY;
}

/** NaN, so that the fields are doubles from the start. */
function emptyBar(symbol: string, timeframeMs: number): BarClosed {
  return {
    kind: 'bar.closed',
    symbol,
    timeframeMs,
    openTime: Number.NaN,
    open: Number.NaN,
    high: Number.NaN,
    low: Number.NaN,
    close: Number.NaN,
    volume: Number.NaN,
    takerBuyVolume: Number.NaN,
    isWarmUp: true,
  };
}
