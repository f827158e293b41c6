import { Account, liquidationPrice, maintenance, unrealized } from './account.ts';
import { AlgoEngine } from './algo-engine.ts';
import { defaultInstruments, type Instrument } from './instruments.ts';
import { type AggTrade, type Level, Market } from './market.ts';
import { defaultSettings, type Order, type Position, type VenueSettings } from './model.ts';
import { isMatching } from './order-checks.ts';
import { type EngineHost, OrderEngine } from './order-engine.ts';
import type { AccountSums } from './rest-views.ts';
import { Scheduler, type VenueClock } from './scheduler.ts';
import { accountUpdate } from './user-events.ts';
import { VenueError } from './venue-error.ts';

/** Where the venue's messages go. */
export interface VenueListener {
  user(event: object): void;
  book(market: Market): void;
  trade(market: Market, trade: AggTrade): void;
  forceOrder(order: Order): void;
}

export interface VenueOptions {
  startTime: number;
  /** A clock that somebody else moves; without one the venue's own starts at `startTime`. */
  clock?: VenueClock;
  balance: number;
  prices?: Readonly<Record<string, number>>;
  instruments?: Instrument[];
  settings?: Partial<VenueSettings>;
}

const DEFAULT_PRICES: Readonly<Record<string, number>> = {
  BTCUSDT: 60_000,
  ETHUSDT: 2_500,
  SOLUSDT: 150,
};
const FUNDING_MS = 8 * 3_600_000;

/** The exchange without any wire: account, markets, both engines, on a clock that is told. */
export class Venue implements EngineHost {
  readonly clock: VenueClock;
  readonly account: Account;
  readonly settings: VenueSettings;
  readonly markets = new Map<string, Market>();
  readonly orders: OrderEngine;
  readonly algos: AlgoEngine;
  readonly fundings: { symbol: string; rate: number; time: number; mark: number }[] = [];
  listener: VenueListener | undefined;
  private readonly deadlines = new Map<string, number>();
  private readonly warned = new Set<Position>();
  private autocloseCount = 0;

  constructor(options: VenueOptions) {
    this.clock = options.clock ?? new Scheduler(options.startTime);
    this.account = new Account(options.balance);
    this.settings = { ...defaultSettings(), ...options.settings };
    const prices = { ...DEFAULT_PRICES, ...options.prices };
    for (const instrument of options.instruments ?? defaultInstruments()) {
      const price = prices[instrument.symbol] ?? 100;
      this.markets.set(instrument.symbol, new Market(instrument, price));
    }
    this.orders = new OrderEngine(this);
    this.algos = new AlgoEngine(this, this.orders);
    this.scheduleFunding();
  }

  market(symbol: string): Market {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new VenueError(-1121);
    return market;
  }

  user(event: object): void {
    this.listener?.user(event);
  }

  /** Best bid and ask; resting orders it crosses are filled, conditional orders look at `last`. */
  setQuote(
    symbol: string,
    quote: { bid: number; ask: number; bidQuantity?: number; askQuantity?: number },
  ): void {
    const market = this.market(symbol);
    market.setBook(quote);
    this.bookChanged(market);
  }

  setLevels(symbol: string, levels: { bids: readonly Level[]; asks: readonly Level[] }): void {
    const market = this.market(symbol);
    market.setLevels(levels);
    this.bookChanged(market);
  }

  private bookChanged(market: Market): void {
    this.listener?.book(market);
    if (isMatching(market)) this.orders.matchBook(market.instrument.symbol);
  }

  trade(symbol: string, trade: { price: number; quantity: number; buyerIsMaker: boolean }): void {
    const market = this.market(symbol);
    const full = market.addTrade({ ...trade, time: this.clock.now });
    this.listener?.trade(market, full);
    if (!isMatching(market)) return;
    this.orders.matchTrade(symbol, full);
    this.algos.onPrice(symbol);
  }

  setMark(symbol: string, mark: number, index = mark): void {
    const market = this.market(symbol);
    market.mark = mark;
    market.index = index;
    if (isMatching(market)) this.algos.onPrice(symbol);
    this.checkLiquidation(market);
  }

  /** One price for everything: quote around it, a trade at it, the mark on it. */
  setPrice(symbol: string, price: number): void {
    const market = this.market(symbol);
    const { tick, step } = market.instrument;
    const falling = price < market.last;
    this.setQuote(symbol, { bid: price, ask: price + tick });
    this.trade(symbol, { price, quantity: step * 10, buyerIsMaker: falling });
    this.setMark(symbol, price);
  }

  afterFill(order: Order): void {
    this.algos.follow(order);
    this.algos.onFlat(order.symbol);
    this.listener?.book(this.market(order.symbol));
  }

  available(): number {
    return Math.max(0, this.sums().available);
  }

  sums(): AccountSums {
    let profit = 0;
    let crossProfit = 0;
    let positionMargin = 0;
    let crossMargin = 0;
    let sumMaintenance = 0;
    for (const position of this.account.positions.values()) {
      if (position.amount === 0) continue;
      const market = this.market(position.symbol);
      const notional = Math.abs(position.amount) * market.mark;
      const initial = notional / this.account.config(position.symbol).leverage;
      const up = unrealized(position, market.mark);
      profit += up;
      positionMargin += initial;
      sumMaintenance += maintenance(market.instrument, notional);
      if (!this.account.isIsolated(position.symbol)) {
        crossProfit += up;
        crossMargin += initial;
      }
    }
    let orderMargin = 0;
    for (const order of this.orders.open) {
      if (order.reduceOnly) continue;
      const opening = Math.max(0, order.quantity - order.filled - this.account.closable(order));
      orderMargin += (opening * order.price) / this.account.config(order.symbol).leverage;
    }
    return {
      available: this.account.crossWallet + crossProfit - crossMargin - orderMargin,
      unrealized: profit,
      crossUnrealized: crossProfit,
      positionMargin,
      orderMargin,
      maintenance: sumMaintenance,
    };
  }

  // --- dead-man timer --------------------------------------------------------------------------

  /** Cancels the symbol's orders unless it is set anew in time; 0 disarms it. */
  countdown(symbol: string, delayMs: number): void {
    this.market(symbol);
    if (delayMs <= 0) {
      this.deadlines.delete(symbol);
      return;
    }
    const deadline = this.clock.now + delayMs;
    this.deadlines.set(symbol, deadline);
    this.clock.at(deadline, () => {
      if (this.deadlines.get(symbol) !== deadline) return;
      this.deadlines.delete(symbol);
      for (const order of this.orders.openOf(symbol)) this.orders.cancel(order);
      if (!this.settings.countdownTakesAlgoOrders) return;
      for (const algo of [...this.algos.open]) {
        if (algo.symbol === symbol && algo.status === 'NEW') this.algos.cancel(algo);
      }
    });
  }

  // --- funding, liquidation --------------------------------------------------------------------

  nextFundingTime(): number {
    return (Math.floor(this.clock.now / FUNDING_MS) + 1) * FUNDING_MS;
  }

  private scheduleFunding(): void {
    this.clock.at(this.nextFundingTime(), () => {
      for (const market of this.markets.values()) this.payFunding(market);
      this.scheduleFunding();
    });
  }

  payFunding(market: Market): void {
    const { symbol } = market.instrument;
    const time = this.clock.now;
    this.fundings.push({ symbol, rate: market.fundingRate, time, mark: market.mark });
    for (const position of this.account.positionsOf(symbol)) {
      if (position.amount === 0) continue;
      const payment = -position.amount * market.mark * market.fundingRate;
      const isolated = this.account.isIsolated(symbol);
      if (isolated) position.isolatedWallet += payment;
      else this.account.crossWallet += payment;
      this.account.addIncome('FUNDING_FEE', symbol, payment, time);
      this.tellAccount('FUNDING_FEE', payment, isolated ? [position] : []);
    }
  }

  tellAccount(reason: string, change: number, positions: readonly Position[]): void {
    this.user(
      accountUpdate({
        reason,
        account: this.account,
        assets: [{ asset: 'USDT', change }],
        positions,
        markOf: (symbol) => this.market(symbol).mark,
        now: this.clock.now,
      }),
    );
  }

  private checkLiquidation(market: Market): void {
    for (const position of this.account.positionsOf(market.instrument.symbol)) {
      if (position.amount === 0) continue;
      const isolated = this.account.isIsolated(position.symbol);
      const wallet = isolated ? position.isolatedWallet : this.account.crossWallet;
      const price = liquidationPrice(position, { instrument: market.instrument, wallet });
      const dead = position.amount > 0 ? market.mark <= price : market.mark >= price;
      if (price > 0 && dead) this.liquidate(position, 'autoclose-', price);
      else this.warn(position, wallet, market);
    }
  }

  /** MARGIN_CALL once when four fifths of the margin balance are needed for maintenance. */
  private warn(position: Position, wallet: number, market: Market): void {
    const up = unrealized(position, market.mark);
    const needed = maintenance(market.instrument, Math.abs(position.amount) * market.mark);
    if (needed < 0.8 * (wallet + up)) {
      this.warned.delete(position);
      return;
    }
    if (this.warned.has(position)) return;
    this.warned.add(position);
    const isolated = this.account.isIsolated(position.symbol);
    this.user({
      e: 'MARGIN_CALL',
      E: this.clock.now,
      cw: this.account.crossWallet.toFixed(8),
      p: [
        {
          s: position.symbol,
          ps: position.positionSide,
          pa: String(position.amount),
          mt: isolated ? 'ISOLATED' : 'CROSSED',
          iw: position.isolatedWallet.toFixed(8),
          mp: market.mark.toFixed(8),
          up: up.toFixed(8),
          mm: needed.toFixed(8),
        },
      ],
    });
  }

  /** The venue closes a position itself; `adl_autoclose` and settlement come the same way. */
  liquidate(position: Position, prefix: string, price: number): void {
    const { symbol } = position;
    for (const order of this.orders.openOf(symbol)) this.orders.cancel(order);
    const order = this.orders.create({
      symbol,
      side: position.amount > 0 ? 'SELL' : 'BUY',
      positionSide: position.positionSide,
      type: prefix.startsWith('autoclose') ? 'LIQUIDATION' : 'MARKET',
      timeInForce: 'IOC',
      price,
      quantity: Math.abs(position.amount),
      reduceOnly: false,
      clientId: prefix.endsWith('-')
        ? `${prefix}${this.clock.now}${this.autocloseCount++}`
        : prefix,
      priceMatch: 'NONE',
      stp: 'NONE',
      goodTillDate: 0,
    });
    this.orders.closeByVenue(order, price);
    this.listener?.forceOrder(order);
  }
}
