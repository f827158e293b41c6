import type { Bars } from '../../data/bars/bars.ts';
import type { OrderAmend, OrderCancel, OrderQuery } from '../../src/engine/effect.ts';
import type { EngineEvent, OrderFilled } from '../../src/engine/event.ts';
import { feeUnits } from '../../src/engine/fees.ts';
import { Instrument } from '../../src/engine/instrument.ts';
import { isConditional, type OrderRequest } from '../../src/engine/order.ts';
import { Portfolio } from '../../src/engine/portfolio.ts';
import type { ExchangePort } from '../../src/engine/ports.ts';
import type { Lots, Ticks } from '../../src/engine/units.ts';
import { conditionalRefusal } from './conditional-checks.ts';
import type { Inbound, SavedExchange, SimulatedExchangeOptions } from './exchange-options.ts';
import { FactHistory } from './fact-history.ts';
import { type Refusal, refusalOf } from './order-checks.ts';
import { ORDER_LIMITS, RateLimiter } from './rate-limiter.ts';
import { TimedQueue } from './timed-queue.ts';
import { VenueMarket } from './venue-market.ts';
import { isOpening, type VenueOrder } from './venue-order.ts';

export type { SimulatedExchangeOptions };

const OUTSIDE_BAND: Refusal = {
  code: -4131,
  reason: "the counterparty's best price does not meet the percent-price filter",
};

/**
 * Binance USD-M futures as far as prices can tell: one account, isolated one-way positions, order
 * and response latency, post-only refusals, IOC, reduce-only, conditional stops, liquidation.
 * Pure and synchronous. The caller sets bars, then repeats `nextMs()` / `step()` up to the end of
 * the bar; facts come out in time order and go to the engine.
 *
 * Prices: takers pay the last price plus the cost model's slippage, inside the bar's range; makers
 * get their limit, and only when price trades through it by a tick; a gap through a stop fills at
 * the open or worse.
 */
export class SimulatedExchange implements ExchangePort {
  /** Liquidations so far; a backtest that has any says so. */
  liquidations = 0;
  readonly portfolio = new Portfolio();
  declare private readonly options: SimulatedExchangeOptions;
  declare private leverage: number;
  private readonly markets = new Map<string, VenueMarket>();
  private readonly marketList: VenueMarket[] = [];
  private readonly inbound = new TimedQueue<Inbound>();
  private readonly outbound = new TimedQueue<EngineEvent>();
  private readonly history = new FactHistory();
  private readonly orderRate = new RateLimiter(ORDER_LIMITS);
  private nowMs = 0;
  private orders = 0;
  private fills = 0;
  private isActive = false;

  constructor(options: SimulatedExchangeOptions) {
    this.options = options;
    this.leverage = options.leverage;
    const instruments = new Map<string, Instrument>();
    for (const spec of options.instruments) {
      const instrument = new Instrument(spec);
      const market = new VenueMarket({
        instrument,
        isBestCase: options.pathOrder === 'best',
        makerFromBars: options.makerFromBars,
      });
      const tape = options.tapes?.find(({ symbol }) => symbol === spec.symbol);
      if (tape !== undefined) market.follow(tape);
      instruments.set(spec.symbol, instrument);
      this.markets.set(spec.symbol, market);
      this.marketList.push(market);
    }
    this.portfolio.start({
      cashUnits: options.cashUnits,
      quoteAsset: options.quoteAsset,
      instruments,
      brackets: new Map(Object.entries(options.brackets)),
    });
  }

  /** Nothing rests, nothing is held, nothing is under way: bars cost nothing. */
  get isIdle(): boolean {
    if (!this.isActive) return true;
    if (!this.inbound.isEmpty || !this.outbound.isEmpty) return false;
    for (const market of this.marketList) {
      if (market.resting.length > 0 || market.netLots !== 0) return false;
    }
    this.isActive = false;
    return true;
  }

  get ambiguousBars(): number {
    return this.marketList.reduce((sum, market) => sum + market.ambiguousBars, 0);
  }

  isAmbiguous(tradeId: string): boolean {
    return this.marketList.some((market) => market.ambiguousTrades.has(tradeId));
  }

  /** Engine time of the request; it arrives one order latency later. */
  setTime(atMs: number): void {
    this.nowMs = atMs;
  }

  /** Only while flat, as the venue refuses to lower it with an open isolated position. */
  setLeverage(leverage: number): void {
    this.leverage = leverage;
  }

  submit(request: OrderRequest): void {
    this.send({ kind: 'submit', request });
  }

  amend(request: OrderAmend): void {
    this.send({ kind: 'amend', request });
  }

  cancel(request: OrderCancel): void {
    this.send({ kind: 'cancel', request });
  }

  query(request: OrderQuery): void {
    this.send({ kind: 'query', request });
  }

  setBar(symbol: string, bars: Bars, index: number): void {
    this.market(symbol).setBar(bars, index);
  }

  /** Books a funding payment on the venue's side; the engine books its own from the event. */
  settleFunding(symbol: string, rate: number, mark: number): void {
    this.portfolio.applyFunding(symbol, rate, mark, undefined);
  }

  /** When something happens next: a fact arrives at the engine, a request here, or price acts. */
  nextMs(): number {
    let next = Math.min(this.outbound.nextMs, this.inbound.nextMs);
    for (const market of this.marketList) next = Math.min(next, market.nextEventMs());
    return Math.ceil(next);
  }

  /**
   * Does what is due first; returns the fact for the engine if it was one. At one instant facts go
   * out first, then price acts, then requests arrive.
   */
  step(): EngineEvent | undefined {
    let best: VenueMarket | undefined;
    let bestMs = Number.POSITIVE_INFINITY;
    for (const market of this.marketList) {
      const atMs = market.nextEventMs();
      if (atMs >= bestMs) continue;
      best = market;
      bestMs = atMs;
    }
    const inMs = this.inbound.nextMs;
    if (this.outbound.nextMs <= Math.min(bestMs, inMs)) return this.outbound.shift();
    if (best !== undefined && bestMs <= inMs) this.walk(best);
    else if (!this.inbound.isEmpty) this.arrive(inMs, this.inbound.shift());
    return undefined;
  }

  /** Plain data for the snapshot codec: all there is, so that nothing differs after `load`. */
  save(): unknown {
    const { leverage, liquidations, nowMs, orders, fills, isActive } = this;
    return {
      counters: { leverage, liquidations, nowMs, orders, fills, isActive },
      portfolio: this.portfolio.save(),
      markets: this.marketList.map((market) => market.save()),
      inbound: this.inbound.save(),
      outbound: this.outbound.save(),
      history: this.history.save(),
      orderRate: this.orderRate.save(),
    };
  }

  /** Into an exchange made with the same options. */
  load(state: unknown): void {
    const saved = state as SavedExchange;
    this.orderRate.load(saved.orderRate);
    Object.assign(this, saved.counters);
    const pairs = this.marketList.map((each) => [each.instrument.symbol, each.instrument] as const);
    const instruments = new Map(pairs);
    const brackets = new Map(Object.entries(this.options.brackets));
    this.portfolio.load(saved.portfolio, instruments, brackets);
    for (const [i, market] of this.marketList.entries()) market.load(saved.markets[i]);
    this.inbound.load(saved.inbound);
    this.outbound.load(saved.outbound);
    this.history.load(saved.history);
  }

  private send(item: Inbound): void {
    this.isActive = true;
    this.inbound.push(this.nowMs + this.options.orderLatencyMs, item);
  }

  private tell(atMs: number, orderId: string, event: EngineEvent): void {
    this.outbound.push(Math.ceil(atMs) + this.options.responseLatencyMs, event);
    this.history.add(orderId, event, this.restingIds);
  }

  private readonly restingIds = (): string[] =>
    this.marketList.flatMap((market) => market.resting.map((order) => order.request.orderId));

  private arrive(atMs: number, item: Inbound): void {
    const market = this.market(item.request.symbol);
    switch (item.kind) {
      case 'submit':
        market.sync(atMs, item.request.side === 'buy' ? 1 : -1);
        return this.onSubmit(market, item.request);
      case 'amend':
        market.sync(atMs, 1);
        return this.onAmend(market, item.request);
      case 'cancel':
        market.reach(atMs, 1);
        return this.onCancel(market, atMs, item.request);
      case 'query':
        return this.onQuery(atMs, item.request.orderId);
    }
  }

  private onSubmit(market: VenueMarket, request: OrderRequest): void {
    const { orderId } = request;
    const refusal = this.refusal(market, request);
    if (refusal !== undefined) {
      this.tell(market.nowMs, orderId, { kind: 'order.rejected', orderId, ...refusal });
      return;
    }
    const order: VenueOrder = {
      request,
      venueId: `v${++this.orders}`,
      priceTicks: request.priceTicks,
      remainingLots: request.lots,
      totalLots: request.lots,
    };
    const { venueId } = order;
    this.tell(market.nowMs, orderId, { kind: 'order.accepted', orderId, venueId });
    if (isConditional(request)) {
      market.rest(order);
      return;
    }
    if (request.type === 'market' || this.wouldTake(market, order)) this.take(market, order);
    if (order.remainingLots === 0) return;
    if (request.type === 'limit' && request.timeInForce !== 'IOC') {
      market.rest(order);
      if (market.isTakenAtTouch(order)) this.fillResting(market, order);
    } else this.tell(market.nowMs, orderId, { kind: 'order.expired', orderId });
  }

  private refusal(market: VenueMarket, request: OrderRequest): Refusal | undefined {
    if (!this.orderRate.admit(market.nowMs)) return { code: -1015, reason: 'too many orders' };
    if (this.find(request.orderId) !== undefined) {
      return { code: -4116, reason: 'clientOrderId is duplicated' };
    }
    this.portfolio.setMark(request.symbol, market.ticks * market.instrument.tick);
    const { leverage } = this;
    const refusal = refusalOf(request, {
      instrument: market.instrument,
      markTicks: market.ticks,
      netLots: market.netLots,
      leverage,
      freeMargin: this.portfolio.freeMargin(leverage),
      restingOrders: market.restingLimits(),
      brackets: this.options.brackets[request.symbol] ?? [],
    });
    if (refusal !== undefined) return refusal;
    if (isConditional(request)) return conditionalRefusal(market, this.marketList, request);
    if (request.type === 'market' && market.isOutsideBand(request.side)) return OUTSIDE_BAND;
    if (request.timeInForce !== 'GTX') return undefined;
    const crosses = market.isMarketable(request.side, request.priceTicks);
    return crosses ? { code: -5022, reason: 'post-only order would take' } : undefined;
  }

  private wouldTake(market: VenueMarket, order: VenueOrder): boolean {
    const { request } = order;
    // An IOC at the last price can still be filled there; a resting order there does not take.
    if (request.timeInForce === 'IOC') return true;
    return market.isMarketable(request.side, order.priceTicks);
  }

  /** Takes at the last price plus slippage. A limit is respected: beyond it nothing is filled. */
  private take(market: VenueMarket, order: VenueOrder): void {
    const { request } = order;
    if (market.book !== undefined) return this.takeBook(market, order);
    const quantity = market.instrument.quantity(order.remainingLots);
    const notional = quantity * market.ticks * market.instrument.tick;
    const slippage = this.options.costs.slippageFraction(request.symbol, notional);
    let ticks = market.takerTicks(request.side, slippage);
    if (request.type === 'limit') {
      const isBeyond = request.side === 'buy' ? ticks > order.priceTicks : ticks < order.priceTicks;
      if (isBeyond && request.timeInForce === 'IOC') return;
      if (isBeyond) ticks = order.priceTicks;
    }
    this.fill(market, order, { ticks, lots: order.remainingLots, isMaker: false });
  }

  /** Takes what the recorded book shows, level by level; a market order knows no limit. */
  private takeBook(market: VenueMarket, order: VenueOrder): void {
    const { side, type } = order.request;
    const worst = side === 'buy' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    const limit = type === 'limit' ? order.priceTicks : worst;
    const lots = this.fillable(market, order, order.remainingLots);
    for (const fill of market.book?.take(side, lots, limit) ?? []) {
      this.fill(market, order, { ...fill, isMaker: false });
    }
  }

  private walk(market: VenueMarket): void {
    const event = market.step();
    if (event === undefined) return;
    if (event === 'liquidation') this.liquidate(market);
    else if (event.request.type === 'stopMarket') this.trigger(market, event);
    else this.fillResting(market, event);
  }

  private fillResting(market: VenueMarket, order: VenueOrder): void {
    const lots = market.takeDue(order);
    const isWhole = lots === order.remainingLots;
    if (isWhole) market.remove(order);
    this.fill(market, order, { ticks: order.priceTicks, lots, isMaker: true });
    if (!isWhole) return;
    const { orderId } = order.request;
    if (order.remainingLots > 0)
      this.tell(market.nowMs, orderId, { kind: 'order.expired', orderId });
  }

  private trigger(market: VenueMarket, order: VenueOrder): void {
    market.remove(order);
    const { orderId, closePosition, side } = order.request;
    const held = side === 'sell' ? market.netLots : -market.netLots;
    this.tell(market.nowMs, orderId, { kind: 'stop.triggered', orderId });
    const isOutside = market.isOutsideBand(side);
    if (held <= 0 || isOutside) {
      const reason = isOutside ? OUTSIDE_BAND.reason : 'ReduceOnly Order is rejected';
      this.tell(market.nowMs, orderId, { kind: 'stop.rejected', orderId, reason });
      return;
    }
    if (closePosition) order.remainingLots = held;
    const before = order.remainingLots;
    this.take(market, order);
    const lots = before - order.remainingLots;
    this.tell(market.nowMs, orderId, { kind: 'stop.finished', orderId, lots });
  }

  /** Reduce-only is clamped to the position. */
  private fillable(market: VenueMarket, order: VenueOrder, lots: Lots): Lots {
    if (isOpening(order)) return lots;
    const held = order.request.side === 'sell' ? market.netLots : -market.netLots;
    return Math.min(lots, Math.max(0, held));
  }

  private fill(
    market: VenueMarket,
    order: VenueOrder,
    { ticks, lots: asked, isMaker }: { ticks: Ticks; lots: Lots; isMaker: boolean },
  ): void {
    const { request } = order;
    const lots = this.fillable(market, order, asked);
    if (lots === 0) return;
    order.remainingLots -= lots;
    this.book(market, {
      orderId: request.orderId,
      side: request.side,
      priceTicks: ticks,
      lots,
      isMaker,
      origin: 'own',
      extraFeeRate: 0,
    });
  }

  private book(
    market: VenueMarket,
    fill: Pick<OrderFilled, 'orderId' | 'side' | 'priceTicks' | 'lots' | 'isMaker' | 'origin'> & {
      extraFeeRate: number;
    },
  ): void {
    const { symbol } = market.instrument;
    const notional = market.instrument.notional(fill.priceTicks, fill.lots);
    const rates = this.options.feeRates[symbol];
    const fee =
      feeUnits(notional, fill.isMaker ? rates.makerE8 : rates.takerE8) +
      Math.ceil(notional * fill.extraFeeRate);
    const { orderId, side, priceTicks, lots, isMaker, origin } = fill;
    const event: OrderFilled = {
      kind: 'order.filled',
      orderId,
      fillId: String(++this.fills),
      symbol,
      side,
      priceTicks,
      lots,
      feeUnits: fee,
      feeAsset: this.options.quoteAsset,
      isMaker,
      origin,
    };
    this.portfolio.applyFill(event);
    this.tell(market.nowMs, orderId, event);
    const liquidation = this.portfolio.liquidationPrice(symbol, this.leverage);
    const netLots = this.portfolio.position(symbol)?.lots ?? 0;
    market.hold(netLots, liquidation / market.instrument.tick);
    if (market.netLots === 0) this.expireReducing(market);
  }

  /** A flat symbol keeps no reduce-only limits and no closePosition stops. */
  private expireReducing(market: VenueMarket): void {
    for (const order of [...market.resting]) {
      const { orderId, closePosition } = order.request;
      const goes = closePosition || (!isConditional(order.request) && !isOpening(order));
      if (!goes) continue;
      market.remove(order);
      this.tell(market.nowMs, orderId, { kind: 'order.expired', orderId });
    }
  }

  /** The venue closes the position at its liquidation price and keeps the liquidation fee. */
  private liquidate(market: VenueMarket): void {
    const { instrument } = market;
    const side = market.netLots > 0 ? 'sell' : 'buy';
    const lots: Lots = Math.abs(market.netLots);
    const orderId = `autoclose-${++this.liquidations}`;
    this.book(market, {
      orderId,
      side,
      priceTicks: market.takerTicks(side, 0),
      lots,
      isMaker: false,
      origin: 'liquidation',
      extraFeeRate: Number(instrument.spec.liquidationFee),
    });
    const { symbol } = instrument;
    this.tell(market.nowMs, orderId, { kind: 'position.liquidated', symbol });
  }

  private onAmend(market: VenueMarket, request: OrderAmend): void {
    const { orderId, priceTicks, lots } = request;
    const order = market.find(orderId);
    if (order === undefined || isConditional(order.request)) {
      const reason = 'order does not exist or cannot be amended';
      this.tell(market.nowMs, orderId, {
        kind: 'order.cancelRejected',
        orderId,
        code: -2013,
        reason,
      });
      return;
    }
    market.amend(order, { priceTicks, lots });
    if (!this.wouldTake(market, order)) {
      this.tell(market.nowMs, orderId, { kind: 'order.amended', orderId, priceTicks, lots });
      return;
    }
    // A post-only order amended to a crossing price is cancelled by the venue.
    market.remove(order);
    this.tell(market.nowMs, orderId, { kind: 'order.cancelled', orderId });
  }

  private onCancel(market: VenueMarket, atMs: number, request: OrderCancel): void {
    const { orderId } = request;
    const order = market.find(orderId);
    if (order === undefined) {
      const reason = 'Unknown order sent';
      this.tell(atMs, orderId, { kind: 'order.cancelRejected', orderId, code: -2011, reason });
      return;
    }
    market.remove(order);
    this.tell(atMs, orderId, { kind: 'order.cancelled', orderId });
  }

  /** Tells again everything that was told about the order; the engine drops what it knows. */
  private onQuery(atMs: number, orderId: string): void {
    // What an order once was is not told of one that is over: "accepted" means that it rests.
    const rests = this.find(orderId) !== undefined;
    const lasting = (this.history.of(orderId) ?? []).filter(
      ({ kind }) => kind !== 'order.cancelRejected' && (rests || kind !== 'order.accepted'),
    );
    if (lasting.length === 0) {
      const reason = 'Order does not exist';
      this.tell(atMs, orderId, { kind: 'order.rejected', orderId, code: -2013, reason });
    }
    for (const fact of lasting) {
      this.outbound.push(atMs + this.options.responseLatencyMs, fact);
    }
  }

  private find(orderId: string): VenueOrder | undefined {
    for (const market of this.marketList) {
      const order = market.find(orderId);
      if (order !== undefined) return order;
    }
    return undefined;
  }

  market(symbol: string): VenueMarket {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new RangeError(`the simulated venue does not list ${symbol}`);
    return market;
  }
}
