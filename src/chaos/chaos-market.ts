import { Random } from '../../data/simulated/random.ts';
import type { BarClosed, EngineEvent } from '../engine/event.ts';
import type { Venue } from '../exchanges/fake-binance/venue.ts';
import type { FeedPort } from '../live/ports.ts';
import type { VirtualTime } from '../live/virtual-time.ts';
import { CHAOS_SYMBOLS } from './chaos-strategy.ts';
import type { ProcessTime } from './process-time.ts';

const MINUTE_MS = 60_000;
const STEP_MS = 1_000;
const SAMPLE_STEPS = 15;
/** Standard deviation of a step, as a fraction of the price. */
const STEP_SHARE: Readonly<Record<string, number>> = { BTCUSDT: 0.00018, ETHUSDT: 0.00025 };
export const START_PRICES: Readonly<Record<string, number>> = { BTCUSDT: 100_000, ETHUSDT: 4_000 };

interface Running {
  price: number;
  bar: { open: number; high: number; low: number; close: number; volume: number };
}

/**
 * The simulated market: a price each second at the venue (quote, trade, mark), closed minute bars
 * and book samples for whoever listens. It goes on whether a process lives or not.
 */
export class ChaosMarket {
  readonly bars: BarClosed[] = [];
  /** A process hears it here. */
  onEvent: ((event: EngineEvent) => void) | undefined;
  /** Little rests in the book until then. */
  thinUntilMs = 0;
  /** Nothing is heard until then. */
  gapUntilMs = 0;
  declare private readonly venue: Venue;
  declare private readonly time: VirtualTime;
  declare private readonly random: Random;
  declare private readonly startMs: number;
  private readonly running = new Map<string, Running>();
  private steps = 0;
  private missed: EngineEvent[] = [];

  constructor(options: { venue: Venue; time: VirtualTime; seed: number }) {
    this.venue = options.venue;
    this.time = options.time;
    this.startMs = options.time.nowMs();
    this.random = new Random(options.seed, 2);
    for (const symbol of CHAOS_SYMBOLS) {
      const price = START_PRICES[symbol];
      this.running.set(symbol, { price, bar: emptyBar(price) });
    }
    this.wakeNext();
  }

  priceOf(symbol: string): number {
    return this.running.get(symbol)?.price ?? Number.NaN;
  }

  /** The price jumps by this share at once. */
  jump(symbol: string, share: number): void {
    const running = this.running.get(symbol);
    if (running === undefined) return;
    running.price *= 1 + share;
    this.show(symbol, running);
  }

  /** Bars that closed so far are history; then the live ones. */
  feedOf(process: ProcessTime): FeedPort {
    return {
      start: ({ sinceMs, isCold, sink, onWarm }) => {
        process.wake(process.nowMs(), () => {
          for (const bar of this.bars) {
            const since = sinceMs[bar.symbol] ?? Number.NaN;
            if (isCold === true || !(bar.openTime + MINUTE_MS <= since))
              sink({ ...bar, isWarmUp: true });
          }
          onWarm();
          this.missed = [];
          this.onEvent = (event) => process.run(() => sink(event), 1);
        });
      },
      stop: () => {
        if (!process.isDead) this.onEvent = undefined;
      },
    };
  }

  private wakeNext(): void {
    this.steps++;
    this.time.wake(this.startMs + this.steps * STEP_MS, () => this.step(), 0);
  }

  private step(): void {
    for (const [symbol, running] of this.running) {
      running.price *= 1 + this.random.normal() * STEP_SHARE[symbol];
      this.show(symbol, running);
    }
    const elapsedMs = this.steps * STEP_MS;
    if (this.steps % SAMPLE_STEPS === 0) for (const symbol of CHAOS_SYMBOLS) this.sample(symbol);
    if (elapsedMs % MINUTE_MS === 0) {
      for (const symbol of [...CHAOS_SYMBOLS].reverse()) this.closeBar(symbol, elapsedMs);
    }
    this.wakeNext();
  }

  private show(symbol: string, running: Running): void {
    const { venue, random } = this;
    const { instrument, last } = venue.market(symbol);
    const { tick, step } = instrument;
    const price = Math.round(running.price / tick) * tick;
    const ticks = 1 + (random.next() % 3);
    const scale = symbol === 'BTCUSDT' ? 1 : 25;
    const isThin = this.time.nowMs() < this.thinUntilMs;
    const quantity = (1 + (random.next() % (isThin ? 8 : 400))) * step * scale;
    const bid = round(price - tick * (ticks >> 1));
    const sizes = { bidQuantity: round(quantity * 5), askQuantity: round(quantity * 3) };
    venue.setQuote(symbol, { bid, ask: round(bid + tick * ticks), ...sizes });
    const trade = { price: round(price), quantity: round(quantity), buyerIsMaker: price < last };
    venue.trade(symbol, trade);
    venue.setMark(symbol, round(price));
    const { bar } = running;
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.close = round(price);
    bar.volume += quantity;
  }

  private sample(symbol: string): void {
    const { bid, ask } = this.venue.market(symbol);
    const sizes = { bidQuantity: 1, askQuantity: 1 };
    this.tell({ kind: 'book.sampled', symbol, bid, ask, ...sizes });
  }

  private closeBar(symbol: string, elapsedMs: number): void {
    const running = this.running.get(symbol);
    if (running === undefined) return;
    const bar: BarClosed = {
      kind: 'bar.closed',
      symbol,
      timeframeMs: MINUTE_MS,
      openTime: this.startMs + elapsedMs - MINUTE_MS,
      ...running.bar,
      takerBuyVolume: running.bar.volume / 2,
      isWarmUp: false,
    };
    this.bars.push(bar);
    running.bar = emptyBar(bar.close);
    this.tell(bar);
  }

  /** After a gap the bars that were missed come as history, as the real feed brings them. */
  private tell(event: EngineEvent): void {
    if (this.time.nowMs() < this.gapUntilMs) {
      if (this.missed.length === 0) this.tellGap('feed.gapped');
      this.missed.push(event);
      return;
    }
    const { missed } = this;
    this.missed = [];
    for (const each of missed) {
      if (each.kind === 'bar.closed') this.onEvent?.({ ...each, isWarmUp: true });
    }
    if (missed.length > 0) this.tellGap('feed.recovered');
    this.onEvent?.(event);
  }

  private tellGap(kind: 'feed.gapped' | 'feed.recovered'): void {
    for (const symbol of CHAOS_SYMBOLS) {
      this.onEvent?.(kind === 'feed.gapped' ? { kind, symbol, reason: 'made' } : { kind, symbol });
    }
  }
}

function emptyBar(price: number) {
  return { open: price, high: price, low: price, close: price, volume: 0 };
}

function round(value: number): number {
  return Math.round(value * 1e8) / 1e8;
}
