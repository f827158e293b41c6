import type { BarClosed, FlowSampled } from '../../src/engine/event.ts';
import { type Intent, NO_INTENTS } from '../../src/engine/plan.ts';
import type {
  OpenTradeView,
  Strategy,
  StrategyInsight,
  StrategyView,
} from '../../src/engine/strategy.ts';
import { MINUTE_MS } from '../../src/engine/units.ts';
import type { HedgePlanner } from '../hedge/hedge-planner.ts';
import { DecisionFacts } from './decision-facts.ts';
import { buildPlan, type PlanSettings } from './plan-builder.ts';
import type { EntrySignal, SignalSource } from './signal-source.ts';

export interface BtcAlphaHedgeOptions {
  symbol: string;
  /** Symbols of possible hedge legs; empty without a hedge. */
  legSymbols: readonly string[];
  signalTimeframeMs: number;
  source: SignalSource;
  hedge: HedgePlanner | undefined;
  plan: PlanSettings;
  /** Exit on an opposite CHoCH of the internal structure after the entry bar. */
  exitOnChoch: boolean;
  funding: {
    /** Positions paying more than this per 8 h, in percent, are held at most `heldMinutesMax`. */
    heldAbovePercent8h: number;
    heldMinutesMax: number;
    mode: 'signed' | 'unsigned';
  };
}

/**
 * BTC-alpha: an alert of the composite tags on BTC, entered at the order block, with the stop behind
 * the block, two targets, a SuperTrend-AI trail, hard exits, and hedge legs in ETH and SOL.
 * Rules: the strategy document's sections 2, 3 and 6 with the decisions of this project.
 */
export class BtcAlphaHedge implements Strategy {
  readonly id = 'btcalpha';
  declare readonly symbols: readonly string[];
  declare private readonly options: BtcAlphaHedgeOptions;
  declare private readonly source: SignalSource;
  private readonly facts = new DecisionFacts();

  constructor(options: BtcAlphaHedgeOptions) {
    this.options = options;
    this.source = options.source;
    this.symbols = [options.symbol, ...options.legSymbols];
  }

  onBar(bar: BarClosed, view: StrategyView): readonly Intent[] {
    const { options } = this;
    options.hedge?.onBar(bar);
    if (bar.symbol !== options.symbol || bar.timeframeMs !== options.signalTimeframeMs) {
      return NO_INTENTS;
    }
    this.facts.onBar(bar);
    this.source.setFunding?.(this.fundingPercent8h(view));
    const signal = this.source.onBar(bar);
    const trade = view.tradeOn(options.symbol);
    if (trade === undefined) {
      return signal === undefined ? NO_INTENTS : this.enter(bar, signal, view);
    }
    const managed = this.manage(bar, trade, view);
    if (signal === undefined) return managed;
    return [...managed, this.alertOnly(bar, signal, ['a trade is open on this symbol'])];
  }

  onFlow(flow: FlowSampled): readonly Intent[] {
    if (flow.symbol === this.options.symbol) this.source.onFlow?.(flow);
    return NO_INTENTS;
  }

  insight(): StrategyInsight {
    const { symbol, hedge } = this.options;
    return { symbol, tags: this.source.tags?.() ?? [], legs: hedge?.estimates() ?? [] };
  }

  degraded(): string | undefined {
    if (this.options.plan.cvdEntry === 'off') return undefined;
    if (!Number.isNaN(this.facts.cvdChange())) return undefined;
    return 'cvdEntry without taker volume: the usual entry is used';
  }

  save(): unknown {
    const { source, facts, options } = this;
    return { source: source.save(), facts: facts.save(), hedge: options.hedge?.save() };
  }

  load(state: unknown): void {
    const saved = state as { source: unknown; facts: unknown; hedge: unknown };
    this.source.load(saved.source);
    this.facts.load(saved.facts);
    if (saved.hedge !== undefined) this.options.hedge?.load(saved.hedge);
  }

  private enter(bar: BarClosed, signal: EntrySignal, view: StrategyView): readonly Intent[] {
    const { options, source } = this;
    if (Number.isNaN(source.atr)) return NO_INTENTS;
    if (signal.missingContext.length > 0) return [this.alertOnly(bar, signal, [])];
    const stopless = this.plan(bar, signal, this.facts.regime());
    const hedge = options.hedge?.plan({
      symbol: options.symbol,
      direction: signal.direction,
      stopFraction: Math.abs(stopless.stopPrice / bar.close - 1),
      view,
    });
    const plan = { ...stopless, hedge };
    return [
      { kind: 'alert', plan, tags: signal.tags },
      { kind: 'enter', plan },
    ];
  }

  private alertOnly(bar: BarClosed, signal: EntrySignal, why: readonly string[]): Intent {
    const plan = this.plan(bar, signal, {});
    const reasons = [...plan.reasons, ...signal.missingContext.map((name) => `no ${name}`), ...why];
    return { kind: 'alert', plan: { ...plan, reasons }, tags: signal.tags };
  }

  /** `regime` only where a trade may follow: it takes a look at 256 bars. */
  private plan(bar: BarClosed, signal: EntrySignal, regime: { hurst?: number; regime?: string }) {
    return buildPlan({
      strategyId: this.id,
      symbol: this.options.symbol,
      signal,
      close: bar.close,
      atr: this.source.atr,
      settings: this.options.plan,
      isFlowWith: this.facts.isFlowWith(signal.direction),
      marketFacts: { ...regime, cvdChange: this.facts.cvdChange() },
      hedge: undefined,
    });
  }

  /** Trail, structure exit and funding-aware hold of the open trade. */
  private manage(bar: BarClosed, trade: OpenTradeView, view: StrategyView): readonly Intent[] {
    if (trade.phase === 'closing') return NO_INTENTS;
    const { symbol } = this.options;
    const out: Intent[] = [];
    const isAfterEntryBar = bar.openTime >= trade.firstFillMs;
    if (isAfterEntryBar && this.options.exitOnChoch) {
      if (this.source.hasOppositeChoch(trade.direction)) {
        return [{ kind: 'exit', symbol, reason: 'choch' }];
      }
    }
    if (trade.isTrailing) {
      const stopPrice = this.source.trailPrice(trade.direction);
      if (stopPrice > 0) out.push({ kind: 'trail', symbol, stopPrice });
    }
    const deadlineMs = this.fundingDeadline(trade, view);
    if (Number.isFinite(deadlineMs)) {
      out.push({ kind: 'deadline', symbol, atMs: deadlineMs, reason: 'funding' });
    }
    if (trade.phase === 'open' && isAfterEntryBar && !trade.isRebalanced) {
      const change = this.options.hedge?.rebalance(trade.legs, trade.direction, view);
      if (change !== undefined) out.push({ kind: 'rebalance', symbol, ...change });
    }
    return out.length === 0 ? NO_INTENTS : out;
  }

  /** Decision 41: paying more than the limit is held only for a while; NaN means no limit. */
  private fundingDeadline(trade: OpenTradeView, view: StrategyView): number {
    const { funding } = this.options;
    const rate = this.fundingPercent8h(view);
    const isPaying =
      funding.mode === 'signed'
        ? rate * trade.direction > funding.heldAbovePercent8h
        : trade.direction === -1 && rate > funding.heldAbovePercent8h;
    return isPaying ? trade.firstFillMs + funding.heldMinutesMax * MINUTE_MS : Number.NaN;
  }

  private fundingPercent8h(view: StrategyView): number {
    const { symbol } = this.options;
    return view.fundingRate(symbol) * (8 / view.fundingIntervalHours(symbol)) * 100;
  }
}
