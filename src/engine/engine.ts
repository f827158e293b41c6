import { assertNever } from './assert.ts';
import { clonePlain } from './clone-plain.ts';
import { Digest } from './digest.ts';
import type { Effect } from './effect.ts';
import { digestEffect } from './effect-digest.ts';
import { EngineView } from './engine-views.ts';
import type { BarClosed, EngineEvent, Envelope, FundingSettled, SessionStarted } from './event.ts';
import { endsByHand, endsWithFeed, FEED_GAP } from './halts.ts';
import { rebalanceLeg } from './hedge-legs.ts';
import { Instrument } from './instrument.ts';
import { Kernel } from './kernel.ts';
import { fromCash } from './money.ts';
import type { Intent, TradePlan } from './plan.ts';
import { raiseAlert } from './plan-alert.ts';
import { approvePlan } from './plan-approval.ts';
import { restartDeadlines } from './protection.ts';
import { RiskGate, type RiskRule, type RiskView } from './risk-gate.ts';
import { type CostModel, FLAT_COSTS } from './sizer.ts';
import type { Strategy } from './strategy.ts';
import { reachSkippedTargets } from './target-ladder.ts';
import { mainLeg, type Trade } from './trade.ts';
import { exitTrade, sweep, trailStop } from './trade-machine.ts';
import type { TradeRecord } from './trade-record.ts';
import { tradeRecord } from './trade-report.ts';
import { DOUBTS, TradeRouter } from './trade-router.ts';

export interface EngineOptions {
  /** In catalog order: the order is part of the configuration. */
  strategies: readonly Strategy[];
  rules: readonly RiskRule[];
  costs?: CostModel;
  /** Illegal order facts throw (tests, backtests) instead of being reported (live). */
  isStrict?: boolean;
  /** Whether a real venue is asked for the stop before the entry; `off` when left out. */
  prePlace?: 'auto' | 'off';
}

/**
 * The pure kernel: same log of envelopes, same effects, bit for bit. Reads no clock, file, network
 * or random source. One instance for backtest, paper, live and replay.
 */
export class Engine {
  declare readonly gate: RiskGate;
  /** Closed packages; the caller may drain it. */
  readonly trades: TradeRecord[] = [];
  declare private readonly kernel: Kernel;
  declare readonly strategies: readonly Strategy[];
  private readonly bySymbol = new Map<string, Strategy[]>();
  private readonly open = new Map<string, Trade>();
  declare private readonly router: TradeRouter;
  declare private readonly view: EngineView;
  private readonly digest = new Digest();
  /** Why no entries are allowed now; empty when they are. */
  private readonly halts = new Set<string>();
  /** One object for all who look, after every event: the halts are copied when they are read. */
  declare private readonly inspection: ReturnType<Engine['inspect']>;

  constructor(options: EngineOptions) {
    this.gate = new RiskGate(options.rules);
    this.kernel = new Kernel({
      gate: this.gate,
      costs: options.costs ?? FLAT_COSTS,
      isStrict: options.isStrict ?? true,
      prePlace: options.prePlace ?? 'off',
    });
    this.strategies = options.strategies;
    const { kernel, open, halts } = this;
    this.inspection = {
      kernel,
      open,
      get halts() {
        return [...halts];
      },
    };
    this.view = new EngineView(this.kernel, this.open);
    this.router = new TradeRouter({
      kernel: this.kernel,
      open: this.open,
      halt: (reason) => this.halts.add(reason),
      release: (reason) => this.halts.delete(reason),
    });
    for (const strategy of options.strategies) {
      for (const symbol of strategy.symbols) {
        const list = this.bySymbol.get(symbol) ?? [];
        list.push(strategy);
        this.bySymbol.set(symbol, list);
      }
    }
  }

  /** The effects of one event. The array is reused by the next call. */
  handle(envelope: Envelope): readonly Effect[] {
    const { kernel } = this;
    kernel.begin(envelope.seq, envelope.atMs);
    if (envelope.atMs >= kernel.watch.nextMidnightMs && kernel.bootId !== '') {
      kernel.watch.rollDay(envelope.atMs, kernel.portfolio.equity());
    }
    this.apply(envelope.event);
    if (this.open.size > 0) this.closeFinished();
    const { effects } = kernel;
    for (let i = 0; i < effects.length; i++) digestEffect(this.digest, effects[i]);
    return effects;
  }

  /** Quote currency: cash plus open profit and loss at the last marks. */
  equity(): number {
    return this.kernel.portfolio.equity();
  }

  /** Whether anything of ours rests or is open on the symbol. */
  hasActivity(symbol: string): boolean {
    return this.open.size > 0 && this.kernel.leases.ownerOf(symbol) !== undefined;
  }

  /** The next time a timer is due; infinity when none is set. */
  nextTimerMs(): number {
    return this.kernel.timers.next()?.atMs ?? Number.POSITIVE_INFINITY;
  }

  nextTimerId(): string | undefined {
    return this.kernel.timers.next()?.id;
  }

  /** Chained hash of every effect so far: equal on two runs means equal decisions. */
  effectDigest(): string {
    return this.digest.hex();
  }

  /** A fact did not fit: books and venue have to be compared before entries are allowed again. */
  isInDoubt(): boolean {
    return this.halts.size > 0 && DOUBTS.some((doubt) => this.halts.has(doubt));
  }

  /** For reports, the operator and tests; not to be written to. */
  inspect(): { kernel: Kernel; open: ReadonlyMap<string, Trade>; halts: readonly string[] } {
    return this.inspection;
  }

  /** What the risk rules may know at this moment. */
  riskView(): RiskView {
    return this.view;
  }

  degradedRules(): string[] {
    const ofStrategies = this.strategies.flatMap((strategy) => {
      const text = strategy.degraded?.();
      return text === undefined ? [] : [`${strategy.id}: ${text}`];
    });
    return [...this.gate.degraded(this.view), ...ofStrategies];
  }

  private apply(event: EngineEvent): void {
    switch (event.kind) {
      case 'bar.closed':
        return this.onBar(event);
      case 'timer.fired':
        return this.router.onTimer(event.timerId);
      case 'order.accepted':
      case 'order.rejected':
      case 'order.filled':
      case 'order.cancelled':
      case 'order.cancelRejected':
      case 'order.expired':
      case 'order.amended':
      case 'order.unknown':
      case 'stop.triggered':
      case 'stop.rejected':
      case 'stop.finished':
        return this.router.onOrderFact(event);
      case 'book.sampled':
        this.kernel.costs.onBook?.(event);
        return this.kernel.market.onBook(event);
      case 'mark.changed':
        this.kernel.market.onMark(event);
        this.kernel.portfolio.setMark(event.symbol, this.kernel.market.valuation(event.symbol));
        this.gate.onMark(event);
        for (const strategy of this.listeners(event.symbol)) {
          if (strategy.onMark !== undefined) this.follow(strategy.onMark(event, this.view));
        }
        return;
      case 'flow.sampled':
        for (const strategy of this.listeners(event.symbol)) {
          if (strategy.onFlow !== undefined) this.follow(strategy.onFlow(event, this.view));
        }
        return;
      case 'funding.settled':
        return this.onFunding(event);
      case 'session.started':
        return this.onSession(event);
      default:
        this.applyRare(event);
    }
  }

  private applyRare(
    event: Exclude<
      EngineEvent,
      | BarClosed
      | FundingSettled
      | SessionStarted
      | { kind: `order.${string}` | `stop.${string}` | 'timer.fired' | 'book.sampled' }
      | { kind: 'mark.changed' | 'flow.sampled' }
    >,
  ): void {
    const { kernel } = this;
    switch (event.kind) {
      case 'session.reconciled':
        this.halts.delete('not reconciled');
        for (const doubt of DOUBTS) this.halts.delete(doubt);
        return;
      case 'feed.gapped':
        this.halts.add(FEED_GAP + event.symbol);
        return;
      case 'feed.recovered':
        this.halts.delete(FEED_GAP + event.symbol);
        return;
      case 'clock.stepped':
        kernel.notify('warning', 'CLOCK_STEPPED', `the clock moved by ${event.stepMs} ms`);
        this.halts.add('clock');
        kernel.setTimer('clock', kernel.nowMs + 1_000);
        return;
      case 'latency.measured':
        this.view.latencyP95Ms = event.p95Ms;
        return;
      case 'position.liquidated':
        kernel.notify('alarm', 'LIQUIDATED', `${event.symbol} was liquidated by the venue`);
        return;
      case 'account.reported':
        kernel.portfolio.reportCash(event.cashUnits, event.transferUnits, event.asset);
        if (event.asset === undefined || event.asset === kernel.portfolio.quote) {
          kernel.watch.transfer(fromCash(event.transferUnits));
        }
        return;
      case 'position.reported':
        return this.router.onPositionReported(event);
      case 'instrument.changed':
        kernel.changeInstrument(event.spec);
        return;
      case 'accountConfig.changed':
        kernel.leverage = event.leverage;
        return;
      case 'feeRates.changed':
        kernel.feeRates.set(event.symbol, event.rates);
        return;
      case 'config.changed':
        return;
      case 'entries.blocked':
        kernel.notify('alarm', 'ENTRIES_BLOCKED', event.reason);
        this.halts.add(event.reason);
        return;
      case 'entries.released':
        this.halts.delete(event.reason);
        return;
      case 'advice.received':
        for (const strategy of this.strategies) {
          if (strategy.id !== event.strategyId || strategy.onAdvice === undefined) continue;
          this.follow(strategy.onAdvice(event, this.view));
        }
        return;
      case 'command.received':
        return this.onCommand(event);
      default:
        assertNever(event);
    }
  }

  private onSession(event: SessionStarted): void {
    const { kernel } = this;
    const isResumed = kernel.bootId !== '';
    kernel.bootId = event.bootId;
    kernel.mode = event.mode;
    kernel.leverage = event.leverage;
    for (const spec of event.instruments) {
      if (isResumed) kernel.changeInstrument(spec);
      else kernel.instruments.set(spec.symbol, new Instrument(spec));
      kernel.feeRates.set(spec.symbol, event.feeRates[spec.symbol]);
      kernel.brackets.set(spec.symbol, event.brackets[spec.symbol] ?? []);
    }
    if (event.mode === 'demo' || event.mode === 'live') this.halts.add('not reconciled');
    if (isResumed) {
      // Books, day and peak figures go on. Nobody could acknowledge a stop while we were away.
      for (const trade of this.open.values()) restartDeadlines(kernel, trade);
      for (const halt of this.halts) if (endsWithFeed(halt)) this.halts.delete(halt);
      return;
    }
    kernel.portfolio.start({
      cashUnits: event.cashUnits,
      quoteAsset: event.quoteAsset,
      instruments: kernel.instruments,
      brackets: kernel.brackets,
    });
    kernel.watch.start(kernel.nowMs, fromCash(event.cashUnits));
  }

  private onBar(bar: BarClosed): void {
    const { kernel } = this;
    kernel.market.onBar(bar);
    kernel.costs.onBar?.(bar);
    // Rules first: what this bar tells them may close what is open.
    this.gate.onBar(bar);
    if (this.open.size > 0) this.markOpenTrades(bar);
    const listeners = this.listeners(bar.symbol);
    for (let i = 0; i < listeners.length; i++) {
      const intents = listeners[i].onBar(bar, this.view);
      if (intents.length > 0 && !bar.isWarmUp) this.follow(intents);
    }
  }

  private markOpenTrades(bar: BarClosed): void {
    const { kernel } = this;
    kernel.portfolio.setMark(bar.symbol, kernel.market.valuation(bar.symbol));
    for (const trade of this.open.values()) {
      if (trade.plan.symbol !== bar.symbol) continue;
      const leg = mainLeg(trade);
      if (leg.lots === 0) continue;
      const entry = (leg.filledTicksLots / leg.filledLots) * kernel.instrument(bar.symbol).tick;
      const worst = leg.direction === 1 ? bar.low : bar.high;
      const best = leg.direction === 1 ? bar.high : bar.low;
      trade.maePrice = Math.max(trade.maePrice, (entry - worst) * leg.direction);
      trade.mfePrice = Math.max(trade.mfePrice, (best - entry) * leg.direction);
      reachSkippedTargets(kernel, trade, bar.close);
    }
    kernel.watch.see(kernel.portfolio.equity());
    const reason = this.gate.mustFlatten(this.view);
    if (reason !== undefined) this.flattenAll(reason);
  }

  private onFunding(event: FundingSettled): void {
    const units = this.kernel.portfolio.applyFunding(
      event.symbol,
      event.rate,
      event.mark,
      event.bookedUnits,
    );
    const owner = this.kernel.leases.ownerOf(event.symbol);
    const trade = owner === undefined ? undefined : this.open.get(owner.tradeId);
    const leg = trade?.legs.find((entry) => entry.symbol === event.symbol);
    if (leg !== undefined) leg.fundingUnits += units;
  }

  private follow(intents: readonly Intent[]): void {
    for (const intent of intents) {
      if (intent.kind === 'enter') this.enter(intent.plan);
      else if (intent.kind === 'alert') raiseAlert(this.kernel, intent.plan, intent.tags);
      else if (intent.kind === 'decline') this.decline(intent.symbol, intent.tag, intent.reasons);
      else this.manage(intent);
    }
  }

  /** Intents about a trade that is under way; without one they mean nothing. */
  private manage(intent: Exclude<Intent, { kind: 'enter' | 'alert' | 'decline' }>): void {
    const trade = this.tradeOf(intent.symbol);
    if (trade === undefined) return;
    switch (intent.kind) {
      case 'trail':
        return trailStop(this.kernel, trade, intent.stopPrice);
      case 'exit':
        return exitTrade(this.kernel, trade, intent.reason);
      case 'deadline':
        return this.router.setDeadline(trade, intent.atMs, intent.reason);
      case 'rebalance': {
        const leg = trade.legs.find((entry) => entry.symbol === intent.legSymbol);
        if (leg !== undefined) rebalanceLeg(this.kernel, trade, leg, intent.notionalRatio);
        return;
      }
      default:
        assertNever(intent);
    }
  }

  private enter(plan: TradePlan): void {
    if (this.halts.size > 0) {
      this.gate.count('halted');
      this.decline(plan.symbol, plan.tag, [`halted: ${[...this.halts].join(', ')}`]);
      return;
    }
    const result = approvePlan(this.kernel, this.view, plan);
    if ('refusedBy' in result) this.decline(plan.symbol, plan.tag, result.reasons);
    else this.open.set(result.tradeId, result);
  }

  private decline(symbol: string, tag: string, reasons: readonly string[]): void {
    this.kernel.effects.push({
      kind: 'decision.record',
      strategyId: '',
      tradeId: '',
      symbol,
      decision: `declined ${tag}`,
      reasons,
    });
  }

  private onCommand({ command, reason }: Extract<EngineEvent, { kind: 'command.received' }>): void {
    // A pause and a resume must not forgive a drawdown by the way: that is a command of its own.
    if (command === 'acceptDrawdown') this.kernel.watch.resetPeak(this.equity());
    else if (command === 'resume') this.resume();
    else this.halts.add('operator');
    if (command === 'flatten') this.flattenAll(`flatten: ${reason}`);
  }

  private resume(): void {
    for (const halt of this.halts) if (endsByHand(halt)) this.halts.delete(halt);
  }

  private flattenAll(reason: string): void {
    for (const trade of this.open.values()) exitTrade(this.kernel, trade, reason);
  }

  private tradeOf(symbol: string): Trade | undefined {
    const owner = this.kernel.leases.ownerOf(symbol);
    return owner === undefined ? undefined : this.open.get(owner.tradeId);
  }

  private listeners(symbol: string): readonly Strategy[] {
    return this.bySymbol.get(symbol) ?? NO_STRATEGIES;
  }

  private closeFinished(): void {
    const { kernel } = this;
    for (const trade of this.open.values()) {
      if (!sweep(kernel, trade)) continue;
      this.open.delete(trade.tradeId);
      for (const leg of trade.legs) kernel.release(leg.symbol, trade.tradeId);
      kernel.store.prune(trade.tradeId);
      const record = tradeRecord(kernel, trade);
      this.trades.push(record);
      if (record.quantity > 0) kernel.watch.tradeClosed(record.direction, record.tradeR);
      kernel.watch.see(kernel.portfolio.equity());
      kernel.record(trade, 'closed', [record.exitReason]);
      this.router.remember(trade);
    }
  }

  /** Everything needed to go on as if never stopped; plain data for the snapshot codec. */
  save(): unknown {
    const shared = this.saveShared();
    const { kernel, open, router } = shared;
    return {
      ...shared,
      kernel: { ...kernel, store: clonePlain(kernel.store) },
      open: clonePlain(open),
      router: clonePlain(router),
    };
  }

  /** The same without copies of orders and packages, for who makes text of it at once. */
  saveShared(): EngineSnapshot {
    return {
      kernel: this.kernel.save(),
      open: [...this.open.values()],
      halts: [...this.halts],
      digest: this.digest.save(),
      router: this.router.save(),
      gate: this.gate.save(),
      costs: this.kernel.costs.save?.(),
      latencyP95Ms: this.view.latencyP95Ms,
      strategies: this.strategies.map((strategy) => ({
        id: strategy.id,
        state: strategy.save(),
      })),
    };
  }

  /**
   * @param options.booksOnly after a change of code or configuration: orders, positions and cash
   * go on, what strategies and rules had learned does not fit any more and is learned anew
   */
  load(state: unknown, options: { booksOnly?: boolean } = {}): void {
    const saved = state as EngineSnapshot;
    this.kernel.load(saved.kernel);
    this.open.clear();
    for (const trade of clonePlain(saved.open)) this.open.set(trade.tradeId, trade);
    this.halts.clear();
    for (const halt of saved.halts) this.halts.add(halt);
    this.digest.load(saved.digest);
    this.router.load(saved.router);
    if (options.booksOnly === true) return;
    this.gate.load(saved.gate);
    if (saved.costs !== undefined) this.kernel.costs.load?.(saved.costs);
    this.view.latencyP95Ms = saved.latencyP95Ms;
    for (const strategy of this.strategies) {
      const own = saved.strategies.find((entry) => entry.id === strategy.id);
      if (own !== undefined) strategy.load(own.state);
    }
  }
}

interface EngineSnapshot {
  kernel: ReturnType<Kernel['save']>;
  open: Trade[];
  halts: string[];
  digest: unknown;
  router: unknown;
  gate: unknown;
  costs: unknown;
  latencyP95Ms: number;
  strategies: { id: string; state: unknown }[];
}

const NO_STRATEGIES: readonly Strategy[] = [];
