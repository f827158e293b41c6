import type { Bars } from '../../data/bars/bars.ts';
import type { Tape } from '../../data/recorded/tape.ts';
import type { Instrument } from '../../src/engine/instrument.ts';
import type { OrderRequest } from '../../src/engine/order.ts';
import type { Direction, Lots, Side, Ticks } from '../../src/engine/units.ts';
import { isContested, isInRange } from './ambiguity.ts';
import { hasNoLevel, isHeldBack, isOutsideBand } from './price-protection.ts';
import { BarPath, type PriceSource, ticksOf } from './price-source.ts';
import { QueuePosition } from './queue-position.ts';
import { RecordedPath } from './recorded-path.ts';
import type { BarsBySource, SavedMarket } from './saved-market.ts';
import { TradePath } from './trade-path.ts';
import { VenueBook } from './venue-book.ts';
import {
  actionTicks,
  acts,
  actsOnFall,
  isOpening,
  priority,
  type VenueOrder,
} from './venue-order.ts';

/** A limit within 2 bps of the last price rests at the touch. */
const TOUCH_SHARE = 0.0002;

/** What happened at one instant of the path: an order acted, or a liquidation, or nothing. */
export type PathEvent = VenueOrder | 'liquidation' | undefined;

/**
 * One symbol at the venue: where the price is on its path, what rests, and what acts next. Time
 * only moves forward; nothing here knows the engine.
 */
export class VenueMarket {
  declare readonly instrument: Instrument;
  readonly resting: VenueOrder[] = [];
  /** Price at `nowMs`; NaN until a bar has been set. */
  ticks = Number.NaN;
  nowMs = Number.NEGATIVE_INFINITY;
  netLots: Lots = 0;
  /** Trades with a stop and a target (or an entry and a target) inside one bar. */
  readonly ambiguousTrades = new Set<string>();
  ambiguousBars = 0;
  /** Present once a book has been told: takers walk it, makers queue in it. */
  book: VenueBook | undefined;
  private readonly queue = new QueuePosition();
  /** NaN until a mark has been told; the last price stands for it. */
  private markTicks = Number.NaN;
  declare private readonly path: BarPath;
  private readonly trades = new TradePath();
  /** Recorded trades and book of this symbol, where there are any. */
  private recorded: RecordedPath | undefined;
  readonly barsBy: BarsBySource = { book: 0, trades: 0, bars: 0 };
  /** Bars, or a recording where it covers them; trades from when they are told. */
  declare private source: PriceSource;
  declare private readonly isBestCase: boolean;
  declare private readonly makerFromBars: boolean;
  private barIsAmbiguous = false;
  /** Liquidation price in ticks; NaN when flat. */
  private liquidationTicks = Number.NaN;
  /** Nothing can act before the bar ends; only known while `isWeighed`. */
  private isQuiet = false;
  private isWeighed = false;

  constructor(options: { instrument: Instrument; isBestCase: boolean; makerFromBars: boolean }) {
    this.instrument = options.instrument;
    this.isBestCase = options.isBestCase;
    this.makerFromBars = options.makerFromBars;
    this.path = new BarPath({ tick: options.instrument.tick });
    this.source = this.path;
  }

  /** From here on the recording replaces the bars that it covers whole. */
  follow(tape: Tape): void {
    this.recorded = new RecordedPath({ tape, instrument: this.instrument });
  }

  /** The bar whose time begins now. A hole before it leaves the price unknown until its open. */
  setBar(bars: Bars, index: number): void {
    if (bars.openTime[index] !== this.path.closeMs) this.ticks = Number.NaN;
    // The point at the close of the bar before lies at the same instant as this open.
    else if (this.source.toMs <= this.path.closeMs) this.sync(this.path.closeMs, 1);
    this.path.setBar(bars, index);
    this.barIsAmbiguous = false;
    this.isWeighed = false;
    if (this.recorded === undefined) this.barsBy.bars++;
    else this.turnToSource(this.recorded, bars.openTime[index]);
    if (this.resting.length > 0) this.noteAmbiguity();
  }

  /**
   * A trade of the market as it happens, where prices come one by one instead of in bars. With a
   * book, quantity and taker move the queue.
   */
  tellTrade(atMs: number, price: number, taken?: { lots: Lots; taker: Side }): void {
    const ticks = ticksOf(price, this.instrument.tick);
    this.source = this.trades;
    // With nothing to act on, the last price is all there is to know.
    if (this.isWatched && this.book === undefined) {
      this.trades.tell(atMs, ticks);
      return;
    }
    this.ticks = ticks;
    this.nowMs = atMs;
    if (taken !== undefined) this.queue.onTrade(this.resting, { ticks, ...taken });
  }

  /** The mark price: stops that trigger on it, and liquidation, follow it from here on. */
  tellMark(atMs: number, price: number): void {
    this.markTicks = ticksOf(price, this.instrument.tick);
    if (atMs > this.nowMs) this.nowMs = atMs;
  }

  /** Levels of a recorded book, 0 lots for one that is gone; `isTop` tells the best of its side. */
  tellBook(atMs: number, side: Side, level: { ticks: Ticks; lots: Lots; isTop: boolean }): void {
    this.book ??= new VenueBook();
    this.source = this.trades;
    if (level.isTop) this.book.setTop(side, level.ticks, level.lots);
    else this.book.setLevel(side, level.ticks, level.lots);
    if (this.resting.length > 0) this.queue.onBook(this.resting, this.book);
    if (atMs > this.nowMs) this.nowMs = atMs;
  }

  /** Whether a limit order at this price takes instead of resting. */
  isMarketable(side: Side, priceTicks: Ticks): boolean {
    if (this.book !== undefined) return this.book.crosses(side, priceTicks);
    return side === 'buy' ? this.ticks < priceTicks : this.ticks > priceTicks;
  }

  /** The price that a conditional order looks at. */
  triggerTicks(request: OrderRequest): number {
    const isMark = request.triggerSource === 'mark' && !Number.isNaN(this.markTicks);
    return isMark ? this.markTicks : this.ticks;
  }

  restingLimits(): number {
    return this.resting.filter(({ request }) => request.type === 'limit').length;
  }

  /** Lots of a resting limit that are filled now: all, or as far as the queue has come. */
  takeDue(order: VenueOrder): Lots {
    if (this.book === undefined) return order.remainingLots;
    const lots = this.queue.due(order);
    this.queue.settle(order);
    return lots;
  }

  /** Time of the next thing that can happen to what rests here; infinity when nothing can. */
  nextEventMs(): number {
    if (!this.isWatched || this.isQuietBar()) return Number.POSITIVE_INFINITY;
    const { source, ticks } = this;
    if (this.actsAt(ticks) !== undefined) return this.nowMs;
    if (source.isJump || !(source.toMs < Number.POSITIVE_INFINITY)) return source.toMs;
    const level = this.firstLevel(source.toTicks);
    return Number.isNaN(level) ? source.toMs : this.timeOf(level);
  }

  /** Moves to `nextEventMs()` and tells what acted there. */
  step(): PathEvent {
    const here = this.actsAt(this.ticks);
    if (here !== undefined) return here;
    const { source } = this;
    const level = source.isJump ? Number.NaN : this.firstLevel(source.toTicks);
    if (Number.isNaN(level)) {
      this.reachPoint(this.firstExtreme(1));
      return this.actsAt(this.ticks);
    }
    this.nowMs = this.timeOf(level);
    this.ticks = level;
    return this.actsAt(level);
  }

  /** Moves to a time at which nothing of ours acts; `hint` is the direction of what arrives. */
  sync(atMs: number, hint: Direction): void {
    const { source } = this;
    this.reach(atMs, hint);
    // Before the first open after a hole the next price known is the open itself.
    if (Number.isNaN(this.ticks)) this.ticks = source.toTicks;
    if (!source.isJump && source.toMs < Number.POSITIVE_INFINITY && atMs > this.nowMs) {
      const part = (atMs - this.nowMs) / (source.toMs - this.nowMs);
      this.ticks += (source.toTicks - this.ticks) * part;
    }
    if (atMs > this.nowMs) this.nowMs = atMs;
  }

  /** Passes the points up to a time, without a price in between. */
  reach(atMs: number, hint: Direction): void {
    const { source } = this;
    // Points of a quiet bar are passed late: what arrives now had no part in them.
    const towards = this.isWatched ? 1 : hint;
    while (source.toMs <= atMs) this.reachPoint(this.firstExtreme(towards));
  }

  /** The position after a fill, and the price at which it would be liquidated, NaN when flat. */
  hold(netLots: Lots, liquidationTicks: number): void {
    this.netLots = netLots;
    this.liquidationTicks = liquidationTicks;
    this.isWeighed = false;
  }

  /** A new price and quantity of a resting order. */
  amend(order: VenueOrder, change: { priceTicks: Ticks; lots: Lots }): void {
    const filled = order.totalLots - order.remainingLots;
    order.priceTicks = change.priceTicks;
    order.totalLots = change.lots;
    order.remainingLots = Math.max(0, change.lots - filled);
    if (this.book !== undefined) this.queue.join(order, this.book);
    this.isWeighed = false;
  }

  /** Everything, so that a market loaded from it goes on as if it had never stopped. */
  save(): unknown {
    const { ticks, nowMs, netLots, ambiguousBars, barIsAmbiguous, liquidationTicks } = this;
    const { markTicks, book, recorded, source } = this;
    return {
      fields: { ticks, nowMs, netLots, ambiguousBars, barIsAmbiguous, liquidationTicks, markTicks },
      barsBy: { ...this.barsBy },
      resting: structuredClone(this.resting),
      ambiguousTrades: [...this.ambiguousTrades],
      path: this.path.save(),
      trades: this.trades.save(),
      recorded: recorded?.save(),
      source: source === this.path ? 'bars' : source === this.trades ? 'trades' : 'recorded',
      // A recorded book is saved with its recording.
      book: book !== undefined && book === recorded?.book ? 'recorded' : book?.save(),
      queue: this.queue.save(),
    };
  }

  load(state: unknown): void {
    const saved = state as SavedMarket;
    Object.assign(this, saved.fields);
    Object.assign(this.barsBy, saved.barsBy);
    this.resting.length = 0;
    this.resting.push(...structuredClone(saved.resting));
    this.ambiguousTrades.clear();
    for (const id of saved.ambiguousTrades) this.ambiguousTrades.add(id);
    this.path.load(saved.path);
    this.trades.load(saved.trades);
    if (saved.recorded !== undefined) this.recorded?.load(saved.recorded);
    const sources = { bars: this.path, trades: this.trades, recorded: this.recorded };
    this.source = sources[saved.source] ?? this.path;
    this.loadBook(saved.book);
    this.queue.load(saved.queue);
    this.isWeighed = false;
  }

  private loadBook(saved: unknown): void {
    this.book = saved === 'recorded' ? this.recorded?.book : undefined;
    if (saved === undefined || saved === 'recorded') return;
    this.book = new VenueBook();
    this.book.load(saved);
  }

  rest(order: VenueOrder): void {
    this.resting.push(order);
    this.isWeighed = false;
    if (this.book !== undefined && order.request.type === 'limit')
      this.queue.join(order, this.book);
    const isRaised = this.noteAmbiguity() && order.request.type === 'stopMarket';
    if (isRaised && !this.isBestCase && isInRange(order, this.source))
      this.path.revisitFirst(this.nowMs);
  }

  find(orderId: string): VenueOrder | undefined {
    return this.resting.find((order) => order.request.orderId === orderId);
  }

  remove(order: VenueOrder): void {
    const at = this.resting.indexOf(order);
    if (at >= 0) this.resting.splice(at, 1);
    this.queue.leave(order);
    this.isWeighed = false;
  }

  /** Whether a resting limit may be filled from the data there is. */
  isFillable(order: VenueOrder): boolean {
    return !this.source.isInferred || this.makerFromBars || !isOpening(order);
  }

  /**
   * Flattering on purpose: a post-only entry at the touch counts as filled when its bar trades
   * through it at all, whenever that was. Only asked for with `makerFromBars`.
   */
  isTakenAtTouch(order: VenueOrder): boolean {
    const { source } = this;
    if (!source.isInferred || !this.makerFromBars || !isOpening(order)) return false;
    if (Math.abs(order.priceTicks / this.ticks - 1) > TOUCH_SHARE) return false;
    const level = actionTicks(order);
    return order.request.side === 'buy' ? source.lowTicks <= level : source.highTicks >= level;
  }

  /** Taker price: last price plus slippage against us, rounded against us, inside the range. */
  takerTicks(side: Side, slippageFraction: number): Ticks {
    const { lowTicks, highTicks } = this.source;
    if (side === 'buy') {
      const ticks = Math.ceil(this.ticks * (1 + slippageFraction) - 1e-6);
      return Math.min(ticks, Math.max(Math.floor(highTicks), Math.ceil(lowTicks)));
    }
    const ticks = Math.floor(this.ticks * (1 - slippageFraction) + 1e-6);
    return Math.max(ticks, Math.min(Math.ceil(lowTicks), Math.floor(highTicks)));
  }

  private get isWatched(): boolean {
    return this.resting.length > 0 || !Number.isNaN(this.liquidationTicks);
  }

  /**
   * Most bars reach no level of ours. One look at their range tells, instead of a walk over the
   * points of their path.
   */
  private isQuietBar(): boolean {
    if (this.isWeighed) return this.isQuiet;
    this.isWeighed = true;
    this.isQuiet = this.source.isInferred && !this.canAct();
    return this.isQuiet;
  }

  /** Whether anything acts at the price of now or somewhere in the range of the bar. */
  private canAct(): boolean {
    const { ticks, source, resting } = this;
    const low = Math.min(ticks, source.lowTicks);
    const high = Math.max(ticks, source.highTicks);
    // Before the first open after a hole there is no price yet.
    const from = Number.isNaN(low) ? source.lowTicks : low;
    const to = Number.isNaN(high) ? source.highTicks : high;
    for (const order of resting) {
      if (order.request.type === 'limit' && !this.isFillable(order)) continue;
      if (acts(order, actsOnFall(order) ? from : to)) return true;
    }
    return this.isLiquidated(this.netLots > 0 ? from : to);
  }

  private reachPoint(first: Direction): void {
    const { source, recorded } = this;
    this.ticks = source.toTicks;
    this.nowMs = source.toMs;
    if (recorded !== undefined && source === recorded) this.passRow(recorded);
    source.advance(first);
  }

  /** A recorded trade moves the queue, a row of the book changes it. */
  private passRow(recorded: RecordedPath): void {
    const trade = recorded.trade();
    recorded.apply();
    if (this.book === undefined || this.resting.length === 0) return;
    if (trade === undefined) this.queue.onBook(this.resting, this.book);
    else this.queue.onTrade(this.resting, trade);
  }

  /** The finest there is for the bar that begins now: recorded book, recorded trades, the bar. */
  private turnToSource(recorded: RecordedPath, openMs: number): void {
    const cover = recorded.cover(openMs, this.path.closeMs);
    this.barsBy[cover ?? 'bars']++;
    if (cover === undefined) {
      this.source = this.path;
      this.book = undefined;
      return;
    }
    this.source = recorded;
    this.ticks = recorded.catchUp(openMs, this.path.toTicks);
    const hadBook = this.book !== undefined;
    this.book = cover === 'book' ? recorded.book : undefined;
    if (hadBook || this.book === undefined) return;
    // What rested before the book was known stands behind everything that it shows.
    for (const order of this.resting) {
      if (order.request.type === 'limit') this.queue.join(order, this.book);
    }
  }

  /** What acts at this very price, the worst for us first. */
  private actsAt(ticks: number): PathEvent {
    let found: VenueOrder | undefined;
    for (const order of this.resting) {
      if (!this.actsNow(order, ticks)) continue;
      if (found === undefined || priority(order) < priority(found)) found = order;
    }
    const isStop = found?.request.type === 'stopMarket';
    const mark = Number.isNaN(this.markTicks) ? ticks : this.markTicks;
    if (!isStop && this.isLiquidated(mark)) return 'liquidation';
    return found;
  }

  private actsNow(order: VenueOrder, ticks: number): boolean {
    if (order.request.type === 'limit') {
      if (this.book !== undefined) return this.queue.due(order) > 0;
      return acts(order, ticks) && this.isFillable(order);
    }
    if (!acts(order, this.goesByMark(order) ? this.markTicks : ticks)) return false;
    return !isHeldBack(order, ticks, this.protectionMark(ticks));
  }

  /**
   * The mark that price protection compares with. Bars do not tell it: in the worst case it stays
   * where the bar opened, so that a stop beyond the limit is never triggered inside; in the best
   * case it follows the price.
   */
  private protectionMark(ticks: number): number {
    if (!Number.isNaN(this.markTicks)) return this.markTicks;
    return this.source.isInferred && !this.isBestCase ? this.path.openTicks : ticks;
  }

  /** -4131 for what takes now; without a told mark the last price stands for it. */
  isOutsideBand(side: Side): boolean {
    const markTicks = Number.isNaN(this.markTicks) ? this.ticks : this.markTicks;
    const best = this.book?.best(side === 'buy' ? 'sell' : 'buy') ?? this.ticks;
    return isOutsideBand(side, best, { instrument: this.instrument, markTicks });
  }

  /** A stop that the last price cannot trigger, as the mark price is known. */
  private goesByMark({ request }: VenueOrder): boolean {
    return (
      request.triggerSource === 'mark' && request.triggerTicks > 0 && !Number.isNaN(this.markTicks)
    );
  }

  private isLiquidated(ticks: number): boolean {
    return this.netLots > 0 ? ticks <= this.liquidationTicks : ticks >= this.liquidationTicks;
  }

  /** The first level on the straight line to `to` at which something acts; NaN when none does. */
  private firstLevel(to: number): number {
    const falls = to < this.ticks;
    let best = Number.NaN;
    for (const order of this.resting) {
      if (actsOnFall(order) !== falls) continue;
      if (order.request.type === 'limit' && !this.isFillable(order)) continue;
      if (this.goesByMark(order)) continue;
      if (hasNoLevel(order, this.ticks, this.protectionMark(actionTicks(order)))) continue;
      best = this.nearer(best, actionTicks(order), to);
    }
    const isLastPrice = Number.isNaN(this.markTicks);
    if (isLastPrice && this.netLots > 0 === falls && this.netLots !== 0) {
      best = this.nearer(best, this.liquidationTicks, to);
    }
    return best;
  }

  private nearer(best: number, level: number, to: number): number {
    const isOnLine = to < this.ticks ? level >= to : level <= to;
    if (!isOnLine) return best;
    if (Number.isNaN(best)) return level;
    return Math.abs(level - this.ticks) < Math.abs(best - this.ticks) ? level : best;
  }

  private timeOf(level: number): number {
    const part = (level - this.ticks) / (this.source.toTicks - this.ticks);
    return this.nowMs + (this.source.toMs - this.nowMs) * part;
  }

  /**
   * Which extreme an inferred path visits first. Worst case: with a position (or one about to be
   * taken) the extreme against it, so that its stop comes before its targets; with an entry that
   * rests, the extreme in favour, so that nothing gained before the fill is credited.
   */
  private firstExtreme(hint: Direction): Direction {
    let worst: Direction = hint === 1 ? -1 : 1;
    if (this.netLots !== 0) worst = this.netLots > 0 ? -1 : 1;
    else {
      const entry = this.resting.find(isOpening);
      if (entry !== undefined) {
        const against = entry.request.side === 'buy' ? -1 : 1;
        worst = this.isFillable(entry) ? (against === 1 ? -1 : 1) : against;
      }
    }
    // The best case differs only where the data leaves two outcomes open.
    return this.isBestCase && this.barIsAmbiguous ? (worst === 1 ? -1 : 1) : worst;
  }

  /**
   * Marks trades whose outcome depends on the order of prices inside this bar: a stop and a target,
   * or an entry and a target, both within its range. True when there is one.
   */
  private noteAmbiguity(): boolean {
    const { source, resting } = this;
    if (!source.isInferred) return false;
    let found = false;
    for (const order of resting) {
      if (this.isProtectionOpen(order)) this.noteAmbiguous(order);
      if (!isContested(order, resting, source)) continue;
      this.noteAmbiguous(order);
      found = true;
    }
    return found;
  }

  private noteAmbiguous(order: VenueOrder): void {
    this.ambiguousTrades.add(order.request.tradeId);
    if (!this.barIsAmbiguous) this.ambiguousBars++;
    this.barIsAmbiguous = true;
  }

  /** Whether the bar leaves open if price protection holds this stop back. */
  private isProtectionOpen(order: VenueOrder): boolean {
    if (order.request.priceProtect !== true || !Number.isNaN(this.markTicks)) return false;
    return (
      isInRange(order, this.path) && isHeldBack(order, actionTicks(order), this.path.openTicks)
    );
  }
}
