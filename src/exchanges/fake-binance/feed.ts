import type { Bars } from '../../../data/bars/bars.ts';
import { emptyKline } from './market.ts';
import { floorTo, round8 } from './numbers.ts';
import type { Venue } from './venue.ts';

/** One thing that happens in a market, `time` in ms on the feed's own clock. */
export interface FeedStep {
  time: number;
  run: (venue: Venue) => void;
}

/** Steps in order of time; what came before them goes into the venue at once, as history. */
export interface FeedSource {
  label: string;
  /** Whether it has to begin on a full minute. */
  aligned: boolean;
  history: (venue: Venue) => void;
  steps: Iterator<FeedStep>;
}

const MINUTE_MS = 60_000;
/** Quotes between two trades: a market whose best prices stand still for ten seconds is a dead one. */
const QUOTES_A_QUARTER = 5;

/** Plays a source on the venue's clock: it works on the wall clock and in a virtual run alike. */
export class Feed {
  private readonly venue: Venue;
  private readonly source: FeedSource;
  private readonly speed: number;
  private feedStart = Number.NaN;
  private venueStart = 0;

  constructor(venue: Venue, source: FeedSource, speed = 1) {
    this.venue = venue;
    this.source = source;
    this.speed = speed;
  }

  /** Bars begin on the next full minute, so that at speed 1 they keep their borders. */
  start(): void {
    const { now } = this.venue.clock;
    this.venueStart = this.source.aligned ? now - (now % MINUTE_MS) + MINUTE_MS : now;
    this.source.history(this.venue);
    this.schedule();
  }

  private schedule(): void {
    const next = this.source.steps.next();
    if (next.done === true) return;
    const step = next.value;
    if (Number.isNaN(this.feedStart)) this.feedStart = step.time;
    const due = this.venueStart + (step.time - this.feedStart) / this.speed;
    this.venue.clock.at(Math.round(due), () => {
      step.run(this.venue);
      this.schedule();
    });
  }
}

/**
 * Bars as prices: each is walked open, the nearer extreme, the other extreme, close, a quarter of
 * its volume traded at each. The first `historyBars` are given as klines of the past instead.
 */
export function barsFeed(series: readonly Bars[], historyBars: number): FeedSource {
  const known = Math.min(historyBars, ...series.map((bars) => bars.length - 1));
  return {
    label: series.map((bars) => bars.symbol).join(', '),
    aligned: true,
    history: (venue) => {
      for (const bars of series) addHistory(venue, bars, known);
    },
    steps: barSteps(series, known),
  };
}

function addHistory(venue: Venue, bars: Bars, count: number): void {
  const market = venue.markets.get(bars.symbol);
  if (market === undefined) return;
  const { now } = venue.clock;
  const border = now - (now % bars.timeframeMs);
  const { tick } = market.instrument;
  for (let i = 0; i < count; i++) {
    const openTime = border - (count - i) * bars.timeframeMs;
    const price = (x: number) => floorTo(x, tick);
    const kline = emptyKline(openTime, price(bars.open[i]), market.nextTradeId);
    kline.high = price(bars.high[i]);
    kline.low = price(bars.low[i]);
    kline.close = price(bars.close[i]);
    kline.volume = round8(bars.volume[i]);
    kline.quote = round8(bars.volume[i] * bars.close[i]);
    kline.count = 1;
    market.minutes.push(kline);
  }
  venue.setPrice(bars.symbol, floorTo(bars.open[count], tick));
}

function* barSteps(series: readonly Bars[], from: number): Generator<FeedStep> {
  const length = Math.max(...series.map((bars) => bars.length));
  for (let i = from; i < length; i++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      for (const bars of series) {
        if (i >= bars.length) continue;
        const time = i * bars.timeframeMs + (quarter * bars.timeframeMs) / 4;
        yield { time, run: (venue) => quarterOf(venue, bars, i, quarter) };
      }
      yield* quotesAfter(series, i, quarter);
    }
  }
}

/** The same prices in other quantities, until the next trade. */
function* quotesAfter(series: readonly Bars[], i: number, quarter: number): Generator<FeedStep> {
  for (let part = 1; part < QUOTES_A_QUARTER; part++) {
    for (const { symbol, timeframeMs, length } of series) {
      if (i >= length) continue;
      const quarters = quarter + part / QUOTES_A_QUARTER;
      const time = i * timeframeMs + (quarters * timeframeMs) / 4;
      yield { time, run: (venue) => requote(venue, symbol, part) };
    }
  }
}

function requote(venue: Venue, symbol: string, part: number): void {
  const market = venue.markets.get(symbol);
  if (market === undefined) return;
  const { bid, ask } = market;
  const quantity = market.instrument.step * (100 + part);
  venue.setQuote(symbol, { bid, ask, bidQuantity: quantity, askQuantity: quantity });
}

function quarterOf(venue: Venue, bars: Bars, i: number, quarter: number): void {
  const market = venue.markets.get(bars.symbol);
  if (market === undefined) return;
  const rising = bars.close[i] >= bars.open[i];
  const first = rising ? bars.low[i] : bars.high[i];
  const second = rising ? bars.high[i] : bars.low[i];
  const raw = [bars.open[i], first, second, bars.close[i]][quarter];
  const { tick, step } = market.instrument;
  const price = floorTo(raw, tick);
  const quantity = Math.max(step, floorTo(bars.volume[i] / 4, step));
  const buyerIsMaker = price < market.last;
  venue.setQuote(bars.symbol, { bid: price, ask: round8(price + tick) });
  venue.trade(bars.symbol, { price, quantity, buyerIsMaker });
  venue.setMark(bars.symbol, price);
}

/** Recorded lines `<local ns> <json>`: best prices and trades as they were. */
export function recordedFeed(label: string, lines: Iterable<string>): FeedSource {
  return { label, aligned: false, history: () => {}, steps: recordedSteps(lines) };
}

/** Depth differences are left out: behind the best prices the book is synthetic. */
function* recordedSteps(lines: Iterable<string>): Generator<FeedStep> {
  let first = true;
  let time = 0;
  for (const line of lines) {
    const cut = line.indexOf(' ');
    if (cut < 0 || line.startsWith('{"lastUpdateId"', cut + 1)) continue;
    const { data } = JSON.parse(line.slice(cut + 1));
    if (data?.e !== 'bookTicker' && data?.e !== 'trade') continue;
    if (data.e === 'trade' && data.X !== 'MARKET') continue;
    if (first && data.e !== 'bookTicker') continue;
    first = false;
    time = Math.max(time, data.E);
    yield { time, run: (venue) => replay(venue, data) };
  }
}

function replay(venue: Venue, data: Record<string, string> & { m?: boolean }): void {
  if (data.e === 'trade') {
    const trade = { price: Number(data.p), quantity: Number(data.q) };
    venue.trade(data.s, { ...trade, buyerIsMaker: data.m === true });
    return;
  }
  const bid = Number(data.b);
  const ask = Number(data.a);
  venue.setQuote(data.s, {
    bid,
    ask,
    bidQuantity: Number(data.B),
    askQuantity: Number(data.A),
  });
  venue.setMark(data.s, round8((bid + ask) / 2));
}
