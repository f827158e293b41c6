import type { Market } from './market.ts';
import type { AlgoOrder, Order, Side } from './model.ts';
import {
  checkClientId,
  checkQuantity,
  checkSides,
  checkTick,
  checkTrading,
} from './order-checks.ts';
import type { EngineHost, OrderEngine } from './order-engine.ts';
import { algoUpdate } from './user-events.ts';
import { VenueError } from './venue-error.ts';

export type AlgoRequest = Omit<
  AlgoOrder,
  | 'id'
  | 'side'
  | 'status'
  | 'extreme'
  | 'actualOrderId'
  | 'actualPrice'
  | 'actualQuantity'
  | 'rejectReason'
  | 'createTime'
  | 'updateTime'
  | 'triggerTime'
> & { side: string; reduceOnlySent: boolean };

const TYPES = new Set([
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
]);
const MOST_OPEN = 200;

/** Conditional orders: no margin check before the trigger, an order in the engine after it. */
export class AlgoEngine {
  readonly algos = new Map<number, AlgoOrder>();
  readonly open = new Set<AlgoOrder>();
  private readonly host: EngineHost;
  private readonly engine: OrderEngine;
  private nextId = 1_000_000_203_000_001;

  constructor(host: EngineHost, engine: OrderEngine) {
    this.host = host;
    this.engine = engine;
  }

  place(request: AlgoRequest): AlgoOrder {
    this.check(request);
    const { reduceOnlySent: _sent, ...fields } = request;
    const { now } = this.host.clock;
    const market = this.host.market(request.symbol);
    const algo: AlgoOrder = {
      ...fields,
      side: request.side as Side,
      id: this.nextId++,
      status: 'NEW',
      extreme: 0,
      actualOrderId: 0,
      actualPrice: 0,
      actualQuantity: 0,
      rejectReason: '',
      createTime: now,
      updateTime: now,
      triggerTime: 0,
    };
    if (algo.type !== 'TRAILING_STOP_MARKET' && isReached(algo, priceFor(algo, market))) {
      throw new VenueError(-2021);
    }
    this.algos.set(algo.id, algo);
    this.open.add(algo);
    this.tell(algo);
    this.trail(algo, market);
    return algo;
  }

  private check(request: AlgoRequest): void {
    const market = this.host.market(request.symbol);
    if (!TYPES.has(request.type)) throw new VenueError(-1116);
    checkTrading(market, request.reduceOnly || request.closePosition);
    checkSides({ ...request, hedgeMode: this.host.account.hedgeMode });
    checkClientId(request.clientId);
    if (this.open.size >= MOST_OPEN) throw new VenueError(-4045);
    for (const other of this.open) {
      if (other.clientId === request.clientId) throw new VenueError(-4116);
    }
    if (request.type === 'TRAILING_STOP_MARKET') {
      if (request.callbackRate < 0.1 || request.callbackRate > 20) {
        throw new VenueError(-2007, 400, 'Invalid callBack rate.');
      }
    } else checkTick(market, request.triggerPrice);
    const limitType = request.type === 'STOP' || request.type === 'TAKE_PROFIT';
    if (limitType && request.priceMatch === 'NONE') checkTick(market, request.price);
    if (request.closePosition) this.checkClosePosition(request);
    else checkQuantity(market, request.quantity, 'MARKET');
    this.checkFlat(request);
  }

  private checkClosePosition(request: AlgoRequest): void {
    if (!request.type.endsWith('_MARKET') || request.type.startsWith('TRAILING')) {
      throw new VenueError(-4136);
    }
    if (request.quantity !== 0) throw new VenueError(-4137);
    if (request.reduceOnlySent) throw new VenueError(-4138);
    for (const other of this.open) {
      const same =
        other.closePosition &&
        other.symbol === request.symbol &&
        other.side === request.side &&
        other.positionSide === request.positionSide &&
        other.type === request.type;
      if (same) throw new VenueError(-4130);
    }
  }

  /** Before the entry: whether the venue takes a stop then is not settled, so it is a switch. */
  private checkFlat(request: AlgoRequest): void {
    if (!request.reduceOnly && !request.closePosition) return;
    const { account, settings } = this.host;
    const closable = account.closable({ ...request, side: request.side as Side });
    if (closable > 0) return;
    if (request.closePosition && settings.closeStopBeforeEntry === 'refuse') {
      throw new VenueError(-4509);
    }
    if (request.reduceOnly && settings.stopBeforeEntry === 'refuse') throw new VenueError(-2022);
  }

  cancel(algo: AlgoOrder): void {
    if (algo.status !== 'NEW') throw new VenueError(-2011);
    this.end(algo, 'CANCELED');
  }

  /** A price moved: what it reaches is triggered, in the order of placement. */
  onPrice(symbol: string): void {
    if (this.open.size === 0) return;
    const market = this.host.market(symbol);
    for (const algo of [...this.open]) {
      if (algo.symbol !== symbol || algo.status !== 'NEW') continue;
      this.trail(algo, market);
      if (isReached(algo, priceFor(algo, market)) && !isProtected(algo, market)) {
        this.trigger(algo);
      }
    }
  }

  /** Moves a trailing stop behind the best price once its activation price was seen. */
  private trail(algo: AlgoOrder, market: Market): void {
    if (algo.type !== 'TRAILING_STOP_MARKET') return;
    const price = priceFor(algo, market);
    const selling = algo.side === 'SELL';
    if (algo.extreme === 0) {
      const activated =
        algo.activatePrice === 0 ||
        (selling ? price >= algo.activatePrice : price <= algo.activatePrice);
      if (!activated) return;
      algo.extreme = price;
      this.tell(algo);
    }
    algo.extreme = selling ? Math.max(algo.extreme, price) : Math.min(algo.extreme, price);
    const factor = selling ? 1 - algo.callbackRate / 100 : 1 + algo.callbackRate / 100;
    algo.triggerPrice = algo.extreme * factor;
  }

  trigger(algo: AlgoOrder): void {
    algo.triggerTime = this.host.clock.now;
    this.move(algo, 'TRIGGERING');
    const delay = this.host.settings.triggerDelayMs;
    if (delay > 0) this.host.clock.after(delay, () => this.send(algo));
    else this.send(algo);
  }

  private send(algo: AlgoOrder): void {
    const { account } = this.host;
    const market = this.host.market(algo.symbol);
    const closable = account.closable(algo);
    const closes = algo.closePosition || algo.reduceOnly;
    if (closes && closable === 0) {
      this.reject(algo, 'Reduce Only reject');
      return;
    }
    const order = this.orderFor(algo, closes ? closable : Infinity);
    if (!closes) {
      try {
        this.engine.checkMargin(order, market.last);
      } catch (error) {
        if (!(error instanceof VenueError)) throw error;
        this.reject(algo, error.message);
        return;
      }
    }
    algo.actualOrderId = order.id;
    this.open.delete(algo);
    this.move(algo, 'TRIGGERED');
    this.engine.accept(order);
    this.follow(order);
  }

  private orderFor(algo: AlgoOrder, most: number): Order {
    const limit = algo.type === 'STOP' || algo.type === 'TAKE_PROFIT';
    const order = this.engine.create({
      symbol: algo.symbol,
      side: algo.side,
      positionSide: algo.positionSide,
      type: limit ? 'LIMIT' : 'MARKET',
      timeInForce: limit ? algo.timeInForce : 'GTC',
      price: limit ? algo.price : 0,
      quantity: algo.closePosition ? most : Math.min(algo.quantity, most),
      reduceOnly: algo.reduceOnly || algo.closePosition,
      clientId: algo.clientId,
      priceMatch: algo.priceMatch,
      stp: algo.stp,
      goodTillDate: 0,
    });
    order.originalType = algo.type;
    order.closePosition = algo.closePosition;
    order.stopPrice = algo.triggerPrice;
    order.workingType = algo.workingType;
    order.priceProtect = algo.priceProtect;
    order.algoId = algo.id;
    return order;
  }

  /** FINISHED when the order it became has ended, filled or not. */
  follow(order: Order): void {
    const algo = this.algos.get(order.algoId);
    if (algo === undefined || algo.status !== 'TRIGGERED') return;
    if (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED') return;
    algo.actualQuantity = order.filled;
    algo.actualPrice = order.filled === 0 ? 0 : order.quote / order.filled;
    this.move(algo, 'FINISHED');
  }

  /** A closePosition order dies with the position it belongs to. */
  onFlat(symbol: string): void {
    for (const algo of [...this.open]) {
      if (algo.symbol !== symbol || !algo.closePosition || algo.status !== 'NEW') continue;
      if (this.host.account.closable(algo) === 0) this.end(algo, 'EXPIRED');
    }
  }

  /** Also a fault: triggered, then refused by the engine. */
  reject(algo: AlgoOrder, reason: string): void {
    algo.rejectReason = reason;
    this.end(algo, 'REJECTED');
  }

  /** A fault: the trigger was seen, no order was made of it, and nothing was executed. */
  finishEmpty(algo: AlgoOrder): void {
    algo.triggerTime = this.host.clock.now;
    this.move(algo, 'TRIGGERING');
    this.move(algo, 'TRIGGERED');
    this.end(algo, 'FINISHED');
  }

  private end(algo: AlgoOrder, status: AlgoOrder['status']): void {
    this.open.delete(algo);
    this.move(algo, status);
  }

  private move(algo: AlgoOrder, status: AlgoOrder['status']): void {
    algo.status = status;
    algo.updateTime = this.host.clock.now;
    this.tell(algo);
  }

  private tell(algo: AlgoOrder): void {
    const { now } = this.host.clock;
    this.host.user(algoUpdate(algo, this.host.market(algo.symbol), now));
  }
}

function priceFor(algo: AlgoOrder, market: Market): number {
  return algo.workingType === 'MARK_PRICE' ? market.mark : market.last;
}

function isReached(algo: AlgoOrder, price: number): boolean {
  if (algo.triggerPrice === 0) return false;
  const rising = algo.side === 'BUY';
  const stop = !algo.type.startsWith('TAKE_PROFIT');
  return rising === stop ? price >= algo.triggerPrice : price <= algo.triggerPrice;
}

/** priceProtect holds a trigger back while mark and last lie too far apart. */
function isProtected(algo: AlgoOrder, market: Market): boolean {
  if (!algo.priceProtect) return false;
  const gap = Math.abs(market.mark - market.last) / market.mark;
  return gap > market.instrument.triggerProtect;
}
