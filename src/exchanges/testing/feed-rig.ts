import type { BarClosed, EngineEvent } from '../../engine/event.ts';
import { BinanceFeed } from '../binance/binance-feed.ts';
import { BinanceRig } from './in-process-binance.ts';
import { MangleRandom } from './mangle.ts';

export const FEED_SYMBOL = 'BTCUSDT';
const M3 = 180_000;
const M15 = 900_000;

/** The public feed against the fake venue, with a market that wanders by itself. */
export class FeedRig {
  readonly rig = new BinanceRig();
  readonly feed: BinanceFeed;
  readonly events: EngineEvent[] = [];
  readonly notices: string[] = [];
  readonly random: MangleRandom;
  private readonly everyMs: number;
  private readonly startMs: number;

  constructor(options: { seed?: number; everyMs?: number; isBusy?: boolean } = {}) {
    const { rig } = this;
    this.random = new MangleRandom(options.seed ?? 7);
    this.everyMs = options.everyMs ?? 500;
    rig.venue.gateway.hub.tickMs = 250;
    this.feed = new BinanceFeed({
      ...{ line: rig.binance.exchange.line, time: rig.time, wsUrl: 'ws://venue' },
      ...{ symbols: [FEED_SYMBOL], timeframesMs: [M15, M3], open: rig.client.open },
      isBusy: () => options.isBusy === true,
      notice: (level, code, text) => void this.notices.push(`${level} ${code} ${text}`),
    });
    this.move();
    rig.runFor(16 * 60_000);
    this.startMs = rig.time.nowMs();
    this.feed.start({
      sinceMs: { [FEED_SYMBOL]: this.startMs },
      sink: (event) => void this.events.push(event),
      onWarm: () => {},
      onEnd: () => {},
    });
    rig.runFor(5_000);
  }

  runFor(ms: number): void {
    this.rig.runFor(ms);
  }

  of<K extends EngineEvent['kind']>(kind: K): Extract<EngineEvent, { kind: K }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<
      EngineEvent,
      { kind: K }
    >[];
  }

  /** What is wrong with the bars told since the start: each once, in order, as the venue has them. */
  barFaults(): string[] {
    const faults: string[] = [];
    for (const timeframeMs of [M3, M15]) {
      const bars = this.of('bar.closed').filter((bar) => bar.timeframeMs === timeframeMs);
      bars.forEach((bar, i) => {
        if (i > 0 && bar.openTime !== bars[i - 1].openTime + timeframeMs) {
          faults.push(`${timeframeMs}: ${bar.openTime} follows ${bars[i - 1].openTime}`);
        }
        const truth = this.venueBar(bar);
        const told = [bar.open, bar.high, bar.low, bar.close, Math.round(bar.volume * 1e6)];
        if (JSON.stringify(truth) !== JSON.stringify(told)) {
          faults.push(`${timeframeMs}: ${bar.openTime} is ${told}, at the venue ${truth}`);
        }
      });
      const expected = Math.floor(this.rig.time.nowMs() / timeframeMs) * timeframeMs;
      const last = bars.at(-1);
      const hasEnded = expected > this.startMs;
      if (hasEnded && (last?.openTime ?? 0) + timeframeMs < expected) {
        faults.push(`${timeframeMs}: the last bar is missing`);
      }
    }
    return faults;
  }

  private venueBar({ openTime, timeframeMs }: BarClosed): number[] {
    const minutes = this.rig.venue.venue
      .market(FEED_SYMBOL)
      .minutes.filter((bar) => bar.openTime >= openTime && bar.openTime < openTime + timeframeMs);
    const volume = minutes.reduce((sum, bar) => sum + bar.volume, 0);
    return [
      ...[minutes[0].open, Math.max(...minutes.map(({ high }) => high))],
      ...[Math.min(...minutes.map(({ low }) => low)), minutes[minutes.length - 1].close],
      Math.round(volume * 1e6),
    ];
  }

  private move(): void {
    const { rig } = this;
    rig.time.wake(rig.time.nowMs() + this.everyMs, () => {
      const { venue } = rig.venue;
      const { last } = venue.market(FEED_SYMBOL);
      const price = Math.round((last + this.random.below(41) / 10 - 2) * 10) / 10;
      venue.setPrice(FEED_SYMBOL, price);
      // Two trades in one instant, as a taker makes them.
      venue.trade(FEED_SYMBOL, { price, quantity: 0.01, buyerIsMaker: price < last });
      this.move();
    });
  }
}
