import { AccountWatch } from './account-watch.ts';
import { fail } from './assert.ts';
import type { Effect } from './effect.ts';
import { AppError } from './error.ts';
import { Instrument } from './instrument.ts';
import type { BracketTier, FeeRates, InstrumentSpec } from './instrument-spec.ts';
import { Leases } from './leases.ts';
import { LIMITS } from './limits.ts';
import { MarketState } from './market-state.ts';
import { isConditional, type OrderRequest, type OrderRole, ROLE_LETTER } from './order.ts';
import { OrderStore } from './order-book-keeping.ts';
import { Portfolio } from './portfolio.ts';
import type { RiskGate } from './risk-gate.ts';
import type { CostModel } from './sizer.ts';
import { Timers } from './timers.ts';
import { type Leg, type Trade, tradeNumber } from './trade.ts';
import { closingSide, type Lots, openingSide, RATE_SCALE, type Ticks } from './units.ts';

/** First part of every client id; the reconciler knows own orders by it. */
export const ORDER_TAG = 'qcm';

/** What is asked for beyond what leg and role already say. */
export interface OrderAsk {
  role: OrderRole;
  type: OrderRequest['type'];
  timeInForce: OrderRequest['timeInForce'];
  lots: Lots;
  priceTicks?: Ticks;
  triggerTicks?: Ticks;
  triggerSource?: OrderRequest['triggerSource'];
  closePosition?: boolean;
}

/**
 * The state that all parts of the engine share, and the only way to emit effects. No decisions are
 * taken here.
 */
export class Kernel {
  nowMs = 0;
  seq = 0;
  bootId = '';
  mode: 'backtest' | 'paper' | 'demo' | 'live' = 'backtest';
  leverage = 1;
  readonly instruments = new Map<string, Instrument>();
  /** Filters that came while the symbol was held; they count once it is free. */
  readonly pendingSpecs = new Map<string, InstrumentSpec>();
  readonly brackets = new Map<string, readonly BracketTier[]>();
  readonly feeRates = new Map<string, FeeRates>();
  declare readonly store: OrderStore;
  declare readonly portfolio: Portfolio;
  readonly leases = new Leases();
  readonly timers = new Timers();
  readonly market = new MarketState();
  readonly watch = new AccountWatch();
  /** Stops before the entry: `auto` tries, and remembers when the venue refuses them while flat. */
  declare readonly prePlace: 'auto' | 'off';
  prePlaceIsRefused = false;
  declare readonly gate: RiskGate;
  declare readonly costs: CostModel;
  private tradesOfEvent = 0;
  /** Effects of the event being handled; reused. */
  readonly effects: Effect[] = [];

  constructor(options: {
    gate: RiskGate;
    costs: CostModel;
    isStrict: boolean;
    prePlace: 'auto' | 'off';
  }) {
    this.prePlace = options.prePlace;
    this.gate = options.gate;
    this.costs = options.costs;
    this.store = new OrderStore({ strict: options.isStrict });
    this.portfolio = new Portfolio();
  }

  /** Moves time; engine time never falls and sequence numbers have no holes. */
  begin(seq: number, atMs: number): void {
    // Asked first, so that the messages are only written when they are needed: this runs every bar.
    if (!(atMs >= this.nowMs)) fail(`engine time ${atMs} lies before ${this.nowMs}`);
    if (!(seq > this.seq)) fail(`sequence ${seq} does not follow ${this.seq}`);
    this.seq = seq;
    this.nowMs = atMs;
    this.tradesOfEvent = 0;
    // Setting a length is a call into the runtime, even from 0 to 0.
    if (this.effects.length > 0) this.effects.length = 0;
  }

  /** `<bootId>-<seq>`; a second trade made by the same event gets a suffix. */
  nextTradeId(): string {
    const suffix = this.tradesOfEvent === 0 ? '' : `.${this.tradesOfEvent}`;
    this.tradesOfEvent++;
    return `${this.bootId}-${this.seq.toString(36)}${suffix}`;
  }

  instrument(symbol: string): Instrument {
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) {
      throw new AppError('ENGINE_NO_INSTRUMENT', `no filters are known for ${symbol}`);
    }
    return instrument;
  }

  /**
   * New filters of a symbol. Open lots are counted in the old step, so a held symbol keeps its
   * filters until its lease ends.
   */
  changeInstrument(spec: InstrumentSpec): void {
    if (this.leases.ownerOf(spec.symbol) !== undefined) {
      if (isSameGrid(spec, this.instruments.get(spec.symbol)?.spec)) return;
      this.pendingSpecs.set(spec.symbol, spec);
      this.notify('warning', 'FILTERS_DEFERRED', `${spec.symbol}: new filters count when flat`);
      return;
    }
    this.instruments.set(spec.symbol, new Instrument(spec));
  }

  /** Frees a symbol of a trade that is over. */
  release(symbol: string, tradeId: string): void {
    this.leases.release(symbol, tradeId);
    const spec = this.pendingSpecs.get(symbol);
    if (spec === undefined || this.leases.ownerOf(symbol) !== undefined) return;
    this.pendingSpecs.delete(symbol);
    this.instruments.set(symbol, new Instrument(spec));
  }

  makerFee(symbol: string): number {
    return (this.feeRates.get(symbol)?.makerE8 ?? 20_000) / RATE_SCALE;
  }

  takerFee(symbol: string): number {
    return (this.feeRates.get(symbol)?.takerE8 ?? 50_000) / RATE_SCALE;
  }

  /** Sends an order of an approved trade; returns its client id. */
  submit(trade: Trade, leg: Leg, ask: OrderAsk): string {
    const opens = ask.role === 'entry' || ask.role === 'legEntry';
    const owner = this.leases.ownerOf(leg.symbol);
    if (!(owner?.tradeId === trade.tradeId)) fail(`order on ${leg.symbol} without its lease`);
    if (!(ask.lots > 0 || ask.closePosition === true)) fail(`${ask.role} order without quantity`);
    const request: OrderRequest = {
      orderId: this.orderId(trade, ask.role),
      tradeId: trade.tradeId,
      strategyId: trade.strategyId,
      role: ask.role,
      symbol: leg.symbol,
      instrumentVersion: this.instrument(leg.symbol).version,
      side: opens ? openingSide(leg.direction) : closingSide(leg.direction),
      type: ask.type,
      timeInForce: ask.timeInForce,
      priceTicks: ask.priceTicks ?? 0,
      lots: ask.lots,
      reduceOnly: !opens && ask.closePosition !== true,
      closePosition: ask.closePosition === true,
      triggerTicks: ask.triggerTicks ?? 0,
      triggerSource: ask.triggerSource ?? 'contract',
    };
    const approved = this.gate.approve(request);
    this.store.add(approved, this.nowMs);
    this.effects.push({ kind: 'order.submit', request: approved });
    return request.orderId;
  }

  /** Asks the venue to cancel, once; nothing happens for orders that are done or being cancelled. */
  cancel(orderId: string): void {
    if (orderId === '') return;
    const record = this.store.get(orderId);
    if (record === undefined || !this.store.isOpen(orderId)) return;
    if (record.state === 'cancelPending') return;
    // The last cancel was refused and the venue is being asked: another one would be refused, too.
    if (record.state === 'unknown' && record.cancels > 0) return;
    this.store.requestCancel(orderId, this.nowMs);
    this.effects.push({
      kind: 'order.cancel',
      orderId,
      symbol: record.request.symbol,
      isConditional: isConditional(record.request),
    });
  }

  isOpen(orderId: string): boolean {
    return orderId !== '' && this.store.isOpen(orderId);
  }

  setTimer(timerId: string, atMs: number): void {
    this.timers.set(timerId, atMs);
    this.effects.push({ kind: 'timer.set', timerId, atMs });
  }

  clearTimer(timerId: string): void {
    if (!this.timers.clear(timerId)) return;
    this.effects.push({ kind: 'timer.clear', timerId });
  }

  notify(level: 'info' | 'warning' | 'alarm', code: string, text: string): void {
    this.effects.push({ kind: 'operator.notify', level, code, text });
  }

  record(trade: Trade, decision: string, reasons: readonly string[]): void {
    this.effects.push({
      kind: 'decision.record',
      strategyId: trade.strategyId,
      tradeId: trade.tradeId,
      symbol: trade.plan.symbol,
      decision,
      reasons,
    });
  }

  save(): KernelSnapshot {
    return {
      nowMs: this.nowMs,
      seq: this.seq,
      bootId: this.bootId,
      mode: this.mode,
      leverage: this.leverage,
      specs: [...this.instruments.values()].map((instrument) => instrument.spec),
      pendingSpecs: [...this.pendingSpecs.values()],
      brackets: Object.fromEntries(this.brackets),
      feeRates: Object.fromEntries(this.feeRates),
      store: this.store.save(),
      portfolio: this.portfolio.save(),
      leases: this.leases.save(),
      timers: this.timers.save(),
      market: this.market.save(),
      watch: this.watch.save(),
      prePlaceIsRefused: this.prePlaceIsRefused,
    };
  }

  load(saved: KernelSnapshot): void {
    this.nowMs = saved.nowMs;
    this.seq = saved.seq;
    this.bootId = saved.bootId;
    this.mode = saved.mode;
    this.leverage = saved.leverage;
    for (const spec of saved.specs) this.instruments.set(spec.symbol, new Instrument(spec));
    for (const spec of saved.pendingSpecs) this.pendingSpecs.set(spec.symbol, spec);
    for (const [symbol, tiers] of Object.entries(saved.brackets)) this.brackets.set(symbol, tiers);
    for (const [symbol, rates] of Object.entries(saved.feeRates)) this.feeRates.set(symbol, rates);
    this.store.load(saved.store);
    this.portfolio.load(saved.portfolio, this.instruments, this.brackets);
    this.leases.load(saved.leases);
    this.timers.load(saved.timers);
    this.market.load(saved.market);
    this.watch.load(saved.watch);
    this.prePlaceIsRefused = saved.prePlaceIsRefused ?? false;
  }

  /**
   * With the boot id of the process that sends it: what an earlier process sent last may be missing
   * in its journal, and the venue takes an id again once its order is done.
   */
  private orderId(trade: Trade, role: OrderRole): string {
    const index = trade.nextOrderIndex++;
    const id = `${ORDER_TAG}-${this.bootId}-${tradeNumber(trade)}-${index.toString(36)}${ROLE_LETTER[role]}`;
    if (!(id.length <= LIMITS.orderIdLengthMax)) fail(`order id "${id}" is too long`);
    return id;
  }
}

export interface KernelSnapshot {
  nowMs: number;
  seq: number;
  bootId: string;
  mode: 'backtest' | 'paper' | 'demo' | 'live';
  leverage: number;
  specs: InstrumentSpec[];
  pendingSpecs: InstrumentSpec[];
  brackets: Record<string, readonly BracketTier[]>;
  feeRates: Record<string, FeeRates>;
  store: unknown;
  portfolio: unknown;
  leases: unknown;
  timers: unknown;
  market: unknown;
  watch: unknown;
  /** Absent in snapshots of earlier versions. */
  prePlaceIsRefused?: boolean;
}

/** Equal but for the version, which counts from 1 again in each process. */
function isSameGrid(spec: InstrumentSpec, old: InstrumentSpec | undefined): boolean {
  return (
    old !== undefined &&
    JSON.stringify({ ...old, version: 0 }) === JSON.stringify({ ...spec, version: 0 })
  );
}
