import type { Account } from './account.ts';
import type { AggTrade, Level, Market } from './market.ts';
import type { Order, PositionSide, Side, Trade, VenueSettings } from './model.ts';
import { round8 } from './numbers.ts';
import {
  checkBand,
  checkClientId,
  checkNotional,
  checkQuantity,
  checkSides,
  checkTick,
  checkTrading,
} from './order-checks.ts';
import type { VenueClock } from './scheduler.ts';
import { accountUpdate, orderTradeUpdate, tradeLite } from './user-events.ts';
import { VenueError } from './venue-error.ts';

export interface OrderRequest {
  symbol: string;
  side: string;
  positionSide: PositionSide;
  type: string;
  timeInForce: string;
  price: number;
  quantity: number;
  reduceOnly: boolean;
  reduceOnlySent: boolean;
  clientId: string;
  priceMatch: string;
  stp: string;
  goodTillDate: number;
}

/** What the engine needs of the venue around it. */
export interface EngineHost {
  readonly clock: VenueClock;
  readonly account: Account;
  readonly settings: VenueSettings;
  market(symbol: string): Market;
  /** Free USDT after margins of positions and open orders. */
  available(): number;
  user(event: object): void;
  /** A fill changed a position; the venue looks at conditional orders and liquidation. */
  afterFill(order: Order): void;
}

const LIVE = new Set(['NEW', 'PARTIALLY_FILLED']);
const IMMEDIATE = new Set(['IOC', 'FOK']);

export function isLive(order: Order): boolean {
  return LIVE.has(order.status);
}

/** The matching engine: accepts, matches, cancels; every step becomes user stream events. */
export class OrderEngine {
  readonly orders = new Map<number, Order>();
  readonly open = new Set<Order>();
  readonly trades: Trade[] = [];
  private readonly host: EngineHost;
  private nextOrderId = 8_000_000_001;
  private nextTradeId = 500_000_001;

  constructor(host: EngineHost) {
    this.host = host;
  }

  /** @throws VenueError with the code of the refusal; then nothing has changed */
  place(request: OrderRequest, options: { dryRun?: boolean } = {}): Order {
    const order = this.check(request);
    if (options.dryRun !== true) this.accept(order);
    return order;
  }

  /** Lets a checked order into the book; also for what the venue itself sends. */
  accept(order: Order, execution = 'NEW'): void {
    this.orders.set(order.id, order);
    const market = this.host.market(order.symbol);
    const limit = order.type === 'LIMIT' ? order.price : order.side === 'BUY' ? Infinity : 0;
    const wanted = order.reduceOnly
      ? Math.min(order.quantity, this.host.account.closable(order))
      : order.quantity;
    const buying = order.side === 'BUY';
    const levels = market.take({ buying, limit, quantity: wanted, commit: true });
    const fills: Trade[] = [];
    const changes: (() => void)[] = [];
    if (execution === 'NEW') changes.push(this.orderEvent(order, 'NEW'));
    for (const level of levels) {
      const { trade, events } = this.bookFill(order, level, { maker: false });
      fills.push(trade);
      changes.push(...events);
    }
    // The light message overtakes the full ones, as on the venue.
    for (const trade of fills) this.host.user(tradeLite(order, trade, market, this.host.clock.now));
    for (const change of changes) change();
    if (order.status !== 'FILLED') this.settleRest(order);
    if (fills.length > 0) this.afterFills(order);
  }

  private settleRest(order: Order): void {
    if (order.type !== 'LIMIT' || IMMEDIATE.has(order.timeInForce)) {
      this.finish(order, 'EXPIRED', order.type === 'LIMIT' ? 2 : 9);
      return;
    }
    this.open.add(order);
    if (order.timeInForce === 'GTD') {
      this.host.clock.at(order.goodTillDate, () => {
        if (isLive(order)) this.finish(order, 'EXPIRED', 0);
      });
    }
  }

  /** Liquidation and ADL trade at a price the venue decides, outside the book. */
  closeByVenue(order: Order, price: number): void {
    this.orders.set(order.id, order);
    this.orderEvent(order, 'NEW')();
    order.expireReason = 5;
    const { events } = this.bookFill(order, [price, order.quantity], { maker: false });
    for (const event of events) event();
    this.afterFills(order);
  }

  cancel(order: Order): void {
    if (!isLive(order)) throw new VenueError(-2011);
    this.finish(order, 'CANCELED', 0);
  }

  /** PUT: price and quantity anew; a GTX order moved to a crossing price is cancelled. */
  amend(order: Order, change: { price: number; quantity: number }): void {
    if (!isLive(order)) throw new VenueError(-2013);
    const market = this.host.market(order.symbol);
    checkTick(market, change.price);
    checkQuantity(market, change.quantity, 'LIMIT');
    checkBand(market, order.side, change.price);
    if (change.price === order.price && change.quantity === order.quantity) {
      throw new VenueError(-5027);
    }
    order.price = change.price;
    order.quantity = change.quantity;
    order.updateTime = this.host.clock.now;
    const crosses = order.side === 'BUY' ? change.price >= market.ask : change.price <= market.bid;
    if (order.filled >= order.quantity || (order.timeInForce === 'GTX' && crosses)) {
      this.finish(order, 'CANCELED', 0);
      return;
    }
    this.orderEvent(order, 'AMENDMENT')();
    if (crosses) this.matchBook(order.symbol);
  }

  /** The quote moved: resting orders it crosses are filled as makers, up to what it shows. */
  matchBook(symbol: string): void {
    if (this.open.size === 0) return;
    const market = this.host.market(symbol);
    for (const order of this.openOf(symbol)) {
      if (!isLive(order)) continue;
      const buying = order.side === 'BUY';
      const left = round8(order.quantity - order.filled);
      const levels = market.take({ buying, limit: order.price, quantity: left, commit: true });
      for (const [, quantity] of levels) this.fillMaker(order, quantity);
    }
  }

  /** A trade strictly through a resting price fills it, up to the quantity traded. */
  matchTrade(symbol: string, trade: AggTrade): void {
    if (this.open.size === 0) return;
    let left = trade.quantity;
    for (const order of this.openOf(symbol)) {
      const through = order.side === 'BUY' ? trade.price < order.price : trade.price > order.price;
      if (!through || left <= 0 || !isLive(order)) continue;
      const quantity = Math.min(left, round8(order.quantity - order.filled));
      left = round8(left - quantity);
      this.fillMaker(order, quantity);
    }
  }

  /** Fills a resting order at its own price; scripts use it for partial fills. */
  fillMaker(order: Order, quantity: number): void {
    if (!isLive(order)) return;
    const { account } = this.host;
    const room = order.reduceOnly ? account.closable(order) : Infinity;
    const filled = Math.min(quantity, room, round8(order.quantity - order.filled));
    if (filled <= 0) {
      this.finish(order, 'EXPIRED', 4);
      return;
    }
    const { trade, events } = this.bookFill(order, [order.price, filled], { maker: true });
    const market = this.host.market(order.symbol);
    this.host.user(tradeLite(order, trade, market, this.host.clock.now));
    for (const event of events) event();
    this.afterFills(order);
  }

  private afterFills(order: Order): void {
    if (!isLive(order)) this.open.delete(order);
    this.dropReduceOnly(order.symbol);
    this.host.afterFill(order);
  }

  /** Reduce-only orders without anything left to reduce are knocked out. */
  private dropReduceOnly(symbol: string): void {
    for (const order of this.openOf(symbol)) {
      if (order.reduceOnly && this.host.account.closable(order) === 0) {
        this.finish(order, 'EXPIRED', 4);
      }
    }
  }

  /** Books now, tells later: the returned events keep the venue's order of messages. */
  private bookFill(order: Order, level: Level, options: { maker: boolean }) {
    const { clock, account, settings } = this.host;
    const [price, quantity] = level;
    const market = this.host.market(order.symbol);
    const liquidation = order.type === 'LIQUIDATION';
    const result = account.applyFill({
      order,
      price,
      quantity,
      maker: options.maker,
      now: clock.now,
      settings,
      extraFee: liquidation ? market.instrument.liquidationFee : 0,
    });
    order.filled = round8(order.filled + quantity);
    order.quote = round8(order.quote + quantity * price);
    order.realized = round8(order.realized + result.realized);
    order.status = order.filled >= order.quantity ? 'FILLED' : 'PARTIALLY_FILLED';
    order.updateTime = clock.now;
    const trade: Trade = {
      id: this.nextTradeId++,
      orderId: order.id,
      symbol: order.symbol,
      side: order.side,
      positionSide: order.positionSide,
      price,
      quantity,
      commission: result.commission,
      commissionAsset: settings.feesInBnb ? 'BNB' : 'USDT',
      realized: result.realized,
      maker: options.maker,
      time: clock.now,
    };
    this.trades.push(trade);
    const event = this.orderEvent(order, order.expireReason === 5 ? 'CALCULATED' : 'TRADE', trade);
    const assets = [{ asset: 'USDT', change: 0 }];
    if (settings.feesInBnb) assets.push({ asset: 'BNB', change: 0 });
    const balance = accountUpdate({
      reason: 'ORDER',
      account,
      assets,
      positions: [result.position],
      markOf: (symbol) => this.host.market(symbol).mark,
      now: clock.now,
    });
    return { trade, events: [event, () => this.host.user(balance)] };
  }

  finish(order: Order, status: 'CANCELED' | 'EXPIRED', reason: number): void {
    order.status = status;
    order.expireReason = reason;
    order.updateTime = this.host.clock.now;
    this.open.delete(order);
    this.orderEvent(order, status)();
  }

  /** The message is made now, so that it shows the state of now, and sent when called. */
  private orderEvent(order: Order, execution: string, trade?: Trade): () => void {
    const event = orderTradeUpdate({
      order,
      execution,
      trade,
      market: this.host.market(order.symbol),
      exposure: this.exposure(order.symbol),
      now: this.host.clock.now,
    });
    return () => this.host.user(event);
  }

  private exposure(symbol: string): { bids: number; asks: number } {
    let bids = 0;
    let asks = 0;
    for (const order of this.open) {
      if (order.symbol !== symbol || order.reduceOnly) continue;
      const value = (order.quantity - order.filled) * order.price;
      if (order.side === 'BUY') bids += value;
      else asks += value;
    }
    return { bids: round8(bids), asks: round8(asks) };
  }

  openOf(symbol: string): Order[] {
    return [...this.open].filter((order) => order.symbol === symbol);
  }

  create(request: Omit<OrderRequest, 'reduceOnlySent' | 'side'> & { side: Side }): Order {
    const { now } = this.host.clock;
    return {
      id: this.nextOrderId++,
      clientId: request.clientId,
      symbol: request.symbol,
      side: request.side,
      positionSide: request.positionSide,
      type: request.type as Order['type'],
      originalType: request.type,
      timeInForce: request.timeInForce,
      price: request.price,
      quantity: request.quantity,
      filled: 0,
      quote: 0,
      status: 'NEW',
      reduceOnly: request.reduceOnly,
      closePosition: false,
      stopPrice: 0,
      workingType: 'CONTRACT_PRICE',
      priceProtect: false,
      priceMatch: request.priceMatch,
      stp: request.stp,
      goodTillDate: request.goodTillDate,
      expireReason: 0,
      realized: 0,
      time: now,
      updateTime: now,
      algoId: 0,
    };
  }

  private check(request: OrderRequest): Order {
    const market = this.host.market(request.symbol);
    const { account } = this.host;
    checkTrading(market, request.reduceOnly);
    checkSides({ ...request, hedgeMode: account.hedgeMode });
    checkClientId(request.clientId);
    for (const other of this.open) {
      if (other.clientId === request.clientId) throw new VenueError(-4116);
    }
    const type = request.type === 'MARKET' ? 'MARKET' : 'LIMIT';
    checkQuantity(market, request.quantity, type);
    const side = request.side as Side;
    let price = request.price;
    if (request.priceMatch !== 'NONE') price = this.matchedPrice(market, side, request.priceMatch);
    if (type === 'LIMIT') {
      checkTick(market, price);
      checkBand(market, side, price);
    }
    const order = this.create({ ...request, side, price: type === 'LIMIT' ? price : 0 });
    const closable = account.closable(order);
    const reduces = request.reduceOnly || (request.positionSide !== 'BOTH' && closable > 0);
    if (request.reduceOnly) {
      if (closable === 0) throw new VenueError(-2022);
      order.quantity = Math.min(order.quantity, closable);
    }
    const reference = type === 'LIMIT' ? price : market.mark;
    if (!reduces) checkNotional(market, reference * order.quantity);
    this.checkLiquidity(order, market);
    if (!reduces) this.checkMargin(order, reference);
    return order;
  }

  private matchedPrice(market: Market, side: Side, match: string): number {
    const [kind, rank] = match.split('_');
    const own = kind === 'QUEUE';
    const levels = (side === 'BUY') === own ? market.bids : market.asks;
    const level = levels[rank === undefined ? 0 : Number(rank) - 1];
    if (level === undefined) throw new VenueError(-5041);
    return level[0];
  }

  private checkLiquidity(order: Order, market: Market): void {
    const buying = order.side === 'BUY';
    if (order.timeInForce === 'GTX') {
      const crosses = buying
        ? market.asks.length > 0 && order.price >= market.ask
        : market.bids.length > 0 && order.price <= market.bid;
      if (crosses) throw new VenueError(-5022);
    }
    const limit = order.type === 'LIMIT' ? order.price : buying ? Infinity : 0;
    if (order.timeInForce === 'FOK') {
      const levels = market.take({ buying, limit, quantity: order.quantity, commit: false });
      const there = levels.reduce((sum, level) => sum + level[1], 0);
      if (there < order.quantity - 1e-9) throw new VenueError(-5021);
    }
    if (order.type === 'MARKET') {
      const best = buying ? market.ask : market.bid;
      const { percentUp, percentDown } = market.instrument;
      const outside = buying ? best > market.mark * percentUp : best < market.mark * percentDown;
      if (best === 0 || outside) throw new VenueError(-4131);
    }
  }

  /** Only what opens needs margin; the rest gives some back. */
  checkMargin(order: Order, price: number): void {
    const { account } = this.host;
    const opening = Math.max(0, order.quantity - account.closable(order));
    const market = this.host.market(order.symbol);
    const control = market.instrument.positionControlSide;
    if (opening > 0 && control === (order.side === 'BUY' ? 'LONG' : 'SHORT')) {
      throw new VenueError(-4400, 400, 'Opening is restricted by position risk control.');
    }
    const needed = (opening * price) / account.config(order.symbol).leverage;
    if (needed > this.host.available()) throw new VenueError(-2019);
  }
}
