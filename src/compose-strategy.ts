import { BtcAlphaHedge } from '../strategy/btc-alpha-hedge/btc-alpha-hedge.ts';
import type { PlanSettings } from '../strategy/btc-alpha-hedge/plan-builder.ts';
import type { SignalSource } from '../strategy/btc-alpha-hedge/signal-source.ts';
import { SmcSource } from '../strategy/btc-alpha-hedge/smc-source.ts';
import { TagSource } from '../strategy/btc-alpha-hedge/tag-source.ts';
import { HedgePlanner, type LegChart } from '../strategy/hedge/hedge-planner.ts';
import { SmcLegChart } from '../strategy/hedge/smc-leg-chart.ts';
import { trailOptions, withTuning } from '../strategy/presets/indicator-tuning.ts';
import { tagSetup } from '../strategy/presets/tag-setup.ts';
import { MINUTE_MS } from './engine/units.ts';
import type { TradePreset } from './trade-presets.ts';

export interface StrategyContext {
  mainSymbol: string;
  /** Symbols with data beside the main one: possible hedge legs. */
  legSymbols: readonly string[];
  signalTimeframeMs: number;
  biasTimeframeMs: number;
  finestTimeframeMs: number;
  /** Price step of the main symbol. */
  tickSize: number;
  /** What is already known about the bars, in place of what would work it out again. */
  recorded?: RecordedParts;
}

/** Stand-ins that answer from a recording; research uses them. */
export interface RecordedParts {
  source: SignalSource;
  /** By leg symbol. */
  charts: ReadonlyMap<string, LegChart>;
}

/**
 * The strategy object of a preset: its signal source, plan settings and hedge.
 */
export function btcAlphaFromPreset(preset: TradePreset, context: StrategyContext): BtcAlphaHedge {
  const { signalTimeframeMs, mainSymbol } = context;
  const { guards, exit } = preset;
  const isHedged = preset.hedge.mode !== 'off' && context.legSymbols.length > 0;
  return new BtcAlphaHedge({
    symbol: mainSymbol,
    legSymbols: isHedged ? context.legSymbols : [],
    signalTimeframeMs,
    source: context.recorded?.source ?? signalSource(preset, context),
    hedge: isHedged ? hedgePlanner(preset, context) : undefined,
    plan: planSettings(preset, signalTimeframeMs),
    exitOnChoch: exit.onOppositeChoch,
    funding: {
      heldAbovePercent8h: guards.fundingHoldAbovePercent8h,
      heldMinutesMax: guards.fundingHoldMinutesMax,
      mode: guards.fundingMode,
    },
  });
}

/** Signals of a preset; research records what it says. */
export function signalSource(preset: TradePreset, context: StrategyContext): SignalSource {
  const { signal } = preset;
  const { signalTimeframeMs, biasTimeframeMs } = context;
  if (signal.trigger === 'smc') {
    return new SmcSource({
      signalTimeframeMs,
      biasTimeframeMs,
      expression: signal.alertExpression,
      obMaxAgeBars: signal.obMaxAgeBars,
    });
  }
  const { tickSize } = context;
  const { pipeline, trigger } = tagSetup(signal, {
    signalTimeframeMs,
    biasTimeframeMs,
    tickSize,
  });
  return new TagSource({
    pipeline: withTuning(pipeline, preset.tuning),
    trigger,
    trail: trailOptions(preset.tuning),
    fundingMaxPercent8h: preset.guards.fundingMaxPercent8h,
    fundingMode: preset.guards.fundingMode,
  });
}

function hedgePlanner(preset: TradePreset, context: StrategyContext): HedgePlanner {
  const { hedge } = preset;
  const charts = new Map<string, LegChart>();
  for (const symbol of context.legSymbols) {
    const recorded = context.recorded?.charts.get(symbol);
    charts.set(symbol, recorded ?? new SmcLegChart({ timeframeMs: context.signalTimeframeMs }));
  }
  return new HedgePlanner({
    hedge: { ...hedge, mode: hedge.mode === 'off' ? 'proportional' : hedge.mode },
    symbol: context.mainSymbol,
    charts,
    timeframeMs: context.finestTimeframeMs,
  });
}

function planSettings(preset: TradePreset, signalTimeframeMs: number): PlanSettings {
  const { entry, stop, exit } = preset;
  return {
    entryMode: entry.mode,
    cvdEntry: entry.cvdEntry,
    makerWaitMs: entry.makerWaitMs,
    iocWorstBps: entry.iocWorstBps,
    restMs: entry.pullbackBars * signalTimeframeMs,
    ...stop,
    targets: preset.targets,
    breakEvenAfterTarget: exit.breakEvenAfterTarget,
    breakEvenCapR: exit.breakEvenCapR,
    trailFrom: exit.trailFrom,
    timeoutMs: exit.timeoutMinutes * MINUTE_MS,
    riskPercent: preset.risk.perTradePercent,
  };
}
