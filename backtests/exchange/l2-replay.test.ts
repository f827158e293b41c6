import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { OrderFilled } from '../../src/engine/event.ts';
import type { Side } from '../../src/engine/units.ts';
import { BTC, order, VenueDriver } from './testing/venue-driver.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SHARED = process.env.QCM_SHARED ?? join(ROOT, '..', 'shared');
const FILE = join(SHARED, 'data', 'l2', 'btcusdt_20240808.usdm.raw.gz');
const hasFile = existsSync(FILE);
if (!hasFile) {
  console.warn('SKIPPED: replay of a recorded book, as data/l2 is not there; set QCM_SHARED.');
}

const TICK = 0.1;
const LATENCY_MS = 50;
/** A probe every 5 s: a small taker, a large one, and a post-only order at the best bid. */
const PROBE_MS = 5_000;
const MAKER_LIFE_MS = 4_000;
const SMALL = 0.01;
const LARGE = 8;

interface Probe {
  id: string;
  side: Side;
  quantity: number;
  arrivesMs: number;
  /** Best prices of the recorded ticker at the arrival, read apart from the venue's book. */
  bid: number;
  ask: number;
  fills: OrderFilled[];
}

interface Message {
  e?: string;
  s?: string;
  b: string | [string, string][];
  a: string | [string, string][];
  B: string;
  A: string;
  p: string;
  q: string;
  m: boolean;
  u: number;
}

interface Replay {
  takers: Probe[];
  makers: (Probe & { price: number; sawThrough: boolean; tradedAt: number; lowestAsk: number })[];
  lines: number;
}

const ticksOf = (price: string) => Math.round(Number(price) / TICK);
const lotsOf = (quantity: string) => Math.round(Number(quantity) * 1_000);

const isOpen = (maker: Probe, atMs: number) =>
  maker.arrivesMs < atMs && atMs <= maker.arrivesMs + MAKER_LIFE_MS;

class Replayer {
  private readonly driver = new VenueDriver({
    orderLatencyMs: LATENCY_MS,
    responseLatencyMs: 0,
    cashUnits: 50_000_000e8,
  });
  private readonly market = this.driver.exchange.market(BTC);
  private readonly probes = new Map<string, Probe>();
  private readonly out: Replay = { takers: [], makers: [], lines: 0 };
  private waiting: Probe[] = [];
  private ticker = { bid: 0, ask: 0, bidLots: 0, askLots: 0, u: 0 };
  private nextProbeMs = 0;
  private count = 0;

  run(text: string): Replay {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      this.out.lines++;
      const space = line.indexOf(' ');
      const atMs = Math.floor(Number(line.slice(0, space - 6)));
      const { data } = JSON.parse(line.slice(space + 1)) as { data?: Message };
      this.settle(atMs);
      if (data !== undefined) this.tell(atMs, data);
      if (this.nextProbeMs === 0) this.nextProbeMs = atMs + PROBE_MS;
      else if (atMs >= this.nextProbeMs) this.probe(atMs);
    }
    return this.out;
  }

  /** Everything that happens before this line; arrivals note the ticker of their moment. */
  private settle(atMs: number): void {
    const { exchange } = this.driver;
    this.cancelDue(atMs);
    while (this.waiting.length > 0 && this.waiting[0].arrivesMs < atMs) {
      const probe = this.waiting.shift() as Probe;
      probe.bid = this.ticker.bid;
      probe.ask = this.ticker.ask;
    }
    while (exchange.nextMs() < atMs) {
      const fact = exchange.step();
      if (fact?.kind === 'order.filled') this.probes.get(fact.orderId)?.fills.push(fact);
    }
  }

  private tell(atMs: number, data: Message): void {
    if (data.e === 'trade') return this.tellTrade(atMs, data);
    if (data.e === 'bookTicker') {
      const { u } = data;
      const [bid, ask] = [ticksOf(data.b as string), ticksOf(data.a as string)];
      this.ticker = { bid, ask, bidLots: lotsOf(data.B), askLots: lotsOf(data.A), u };
      for (const maker of this.out.makers) {
        if (isOpen(maker, atMs)) maker.lowestAsk = Math.min(maker.lowestAsk, ask);
      }
      this.tellTicker(atMs);
      return;
    }
    if (data.e !== 'depthUpdate') return;
    for (const side of ['buy', 'sell'] as const) {
      for (const [price, quantity] of (side === 'buy' ? data.b : data.a) as [string, string][]) {
        const ticks = ticksOf(price);
        // An older update must not revive what the newer ticker has cleared.
        const isStale = side === 'buy' ? ticks >= this.ticker.bid : ticks <= this.ticker.ask;
        if (data.u < this.ticker.u && isStale) continue;
        this.market.tellBook(atMs, side, { ticks, lots: lotsOf(quantity), isTop: false });
      }
    }
  }

  private tellTicker(atMs: number): void {
    const { bid, ask, bidLots, askLots } = this.ticker;
    this.market.tellBook(atMs, 'buy', { ticks: bid, lots: bidLots, isTop: true });
    this.market.tellBook(atMs, 'sell', { ticks: ask, lots: askLots, isTop: true });
  }

  private tellTrade(atMs: number, data: Message): void {
    const ticks = ticksOf(data.p);
    const lots = lotsOf(data.q);
    const taker = data.m ? 'sell' : 'buy';
    for (const maker of this.out.makers) {
      if (!isOpen(maker, atMs) || taker !== 'sell') continue;
      if (ticks < maker.price) maker.sawThrough = true;
      else if (ticks === maker.price) maker.tradedAt += lots;
    }
    this.market.tellTrade(atMs, Number(data.p), { lots, taker });
  }

  private probe(atMs: number): void {
    this.nextProbeMs += PROBE_MS;
    const number = ++this.count;
    const side = number % 2 === 0 ? 'buy' : 'sell';
    this.send(atMs, { id: `small-${number}`, side, quantity: SMALL });
    // The way back, so that the account stays near flat.
    this.send(atMs, { id: `large-${number}`, side, quantity: LARGE });
    const maker = this.send(atMs, { id: `maker-${number}`, side: 'buy', quantity: SMALL }, true);
    const extra = {
      price: this.ticker.bid,
      sawThrough: false,
      tradedAt: 0,
      lowestAsk: Number.MAX_VALUE,
    };
    this.out.makers.push(Object.assign(maker, extra));
  }

  private send(atMs: number, ask: Pick<Probe, 'id' | 'side' | 'quantity'>, isMaker = false): Probe {
    const { exchange } = this.driver;
    const arrivesMs = atMs + LATENCY_MS;
    const probe: Probe = { ...ask, arrivesMs, bid: 0, ask: 0, fills: [] };
    const price = isMaker ? this.ticker.bid * TICK : 0;
    const request = order({ orderId: ask.id, side: ask.side, quantity: ask.quantity, price });
    if (isMaker) request.timeInForce = 'GTX';
    else this.out.takers.push(probe);
    exchange.setTime(atMs);
    exchange.submit(request as Parameters<typeof exchange.submit>[0]);
    this.probes.set(ask.id, probe);
    this.waiting.push(probe);
    return probe;
  }

  private cancelDue(atMs: number): void {
    const { exchange } = this.driver;
    for (const { id, arrivesMs } of this.out.makers.slice(this.cancelled)) {
      // Sent a latency earlier than it is to arrive.
      if (arrivesMs + MAKER_LIFE_MS - LATENCY_MS > atMs) return;
      this.cancelled++;
      exchange.setTime(arrivesMs + MAKER_LIFE_MS - LATENCY_MS);
      exchange.cancel({ kind: 'order.cancel', orderId: id, symbol: BTC, isConditional: false });
    }
  }

  private cancelled = 0;
}

const meanBps = (values: number[]) =>
  (values.reduce((sum, value) => sum + value, 0) / values.length) * 10_000;

describe.skipIf(!hasFile)('345 s of a recorded BTCUSDT book through the simulated exchange', () => {
  const replay = hasFile
    ? new Replayer().run(gunzipSync(readFileSync(FILE)).toString())
    : { takers: [], makers: [], lines: 0 };

  it('reads all of it, and probes every five seconds', () => {
    expect(replay.lines).toBe(93_954);
    expect(replay.makers.length).toBeGreaterThan(60);
    expect(replay.takers.length).toBe(replay.makers.length * 2);
  });

  it('fills a small taker at the best price that the ticker showed when it arrived', () => {
    const small = replay.takers.filter((probe) => probe.quantity === SMALL);
    for (const { side, bid, ask, fills } of small) {
      expect(fills.reduce((sum, fill) => sum + fill.lots, 0)).toBe(SMALL * 1_000);
      expect(fills[0].priceTicks).toBe(side === 'buy' ? ask : bid);
    }
  });

  it('fills a large taker level by level, each worse than the one before', () => {
    const large = replay.takers.filter((probe) => probe.quantity === LARGE);
    const slips: number[] = [];
    for (const { side, bid, ask, fills } of large) {
      const sign = side === 'buy' ? 1 : -1;
      expect(fills.reduce((sum, fill) => sum + fill.lots, 0)).toBe(LARGE * 1_000);
      for (let i = 1; i < fills.length; i++) {
        expect((fills[i].priceTicks - fills[i - 1].priceTicks) * sign).toBeGreaterThan(0);
      }
      const paid =
        fills.reduce((sum, fill) => sum + fill.priceTicks * fill.lots, 0) / (LARGE * 1e3);
      slips.push(((paid * 2) / (bid + ask) - 1) * sign);
    }
    console.info(`8 BTC takers against the book: ${meanBps(slips).toFixed(3)} bps from the middle`);
    expect(Math.min(...slips)).toBeGreaterThan(0);
  });

  it('fills a maker only on trades through its price or beyond its queue', () => {
    let filled = 0;
    let touched = 0;
    for (const maker of replay.makers) {
      const lots = maker.fills.reduce((sum, fill) => sum + fill.lots, 0);
      if (maker.tradedAt > 0 || maker.sawThrough) touched++;
      if (lots > 0) {
        filled++;
        // Post-only: at its own price, on a trade at it or through it.
        for (const fill of maker.fills) expect(fill.priceTicks).toBe(maker.price);
        for (const fill of maker.fills) expect(fill.isMaker).toBe(true);
      }
      // Refused orders (the market had come to their price on the way) are not filled at all.
      if (maker.sawThrough && maker.ask > maker.price) expect(lots).toBe(SMALL * 1_000);
      if (maker.tradedAt === 0 && !maker.sawThrough && maker.lowestAsk > maker.price) {
        expect(lots).toBe(0);
      }
    }
    const of = `of ${replay.makers.length}`;
    console.info(`makers at the best bid, 4 s: ${touched} ${of} touched, ${filled} filled`);
    expect(filled).toBeGreaterThan(0);
    expect(filled).toBeLessThan(touched);
  });
});
