import type { HedgePlan, TradePlan } from '../../src/engine/plan.ts';
import type { EntrySignal } from './signal-source.ts';

export interface PlanSettings {
  entryMode: TradePlan['entry']['mode'];
  /** `on`: volume delta of 5 bars with us: IOC at once, else maker only (overview). */
  cvdEntry: 'off' | 'on';
  makerWaitMs: number;
  iocWorstBps: number;
  /** For `pullback`. */
  restMs: number;
  /** Stop distance beyond the block's far edge, in ATR14, for blocks lower than `shallowAtr`. */
  kShallow: number;
  kDeep: number;
  shallowAtr: number;
  disasterMultiple: number;
  targets: readonly { atR: number; fraction: number }[];
  breakEvenAfterTarget: number;
  breakEvenCapR: number;
  trailFrom: TradePlan['trailFrom'];
  timeoutMs: number;
  riskPercent: number;
}

/**
 * Signal -> plan (decisions 22, 24, 26). Long: mid = middle of the block, stop = bottom - k x ATR14
 * with k = kShallow for a block lower than `shallowAtr` x ATR14, else kDeep; shorts mirrored.
 */
export function buildPlan(options: {
  strategyId: string;
  symbol: string;
  signal: EntrySignal;
  close: number;
  atr: number;
  settings: PlanSettings;
  /** Whether takers push our way; undefined where the data does not tell. */
  isFlowWith: boolean | undefined;
  /** Regime and flow, for the trade record. */
  marketFacts: TradePlan['context'];
  hedge: HedgePlan | undefined;
}): TradePlan {
  const { signal, atr, settings, close } = options;
  const { direction, blockTop, blockBottom } = signal;
  const height = blockTop - blockBottom;
  const k = height < settings.shallowAtr * atr ? settings.kShallow : settings.kDeep;
  const farEdge = direction === 1 ? blockBottom : blockTop;
  return {
    strategyId: options.strategyId,
    tag: signal.tag,
    reasons: [...signal.reasons, ...entryReasons(settings, options.isFlowWith)],
    symbol: options.symbol,
    direction,
    entry: {
      mode: entryMode(settings, options.isFlowWith),
      decisionPrice: close,
      midPrice: (blockTop + blockBottom) / 2,
      makerWaitMs: settings.makerWaitMs,
      iocWorstBps: settings.iocWorstBps,
      restMs: settings.restMs,
    },
    stopPrice: farEdge - direction * k * atr,
    atr,
    disasterMultiple: settings.disasterMultiple,
    targets: settings.targets,
    breakEven: { afterTarget: settings.breakEvenAfterTarget, capR: settings.breakEvenCapR },
    trailFrom: settings.trailFrom,
    timeoutMs: settings.timeoutMs,
    riskPercent: settings.riskPercent,
    hedge: options.hedge,
    context: { ...signal.facts, ...options.marketFacts, blockTop, blockBottom, atr, stopK: k },
  };
}

/** Where flow is unknown the entry stays as it is without the option. */
function entryMode(
  settings: PlanSettings,
  isFlowWith: boolean | undefined,
): PlanSettings['entryMode'] {
  if (settings.cvdEntry === 'off' || isFlowWith === undefined) return settings.entryMode;
  return isFlowWith ? 'taker' : 'makerOnly';
}

function entryReasons(settings: PlanSettings, isFlowWith: boolean | undefined): string[] {
  if (settings.cvdEntry === 'off') return [];
  if (isFlowWith === undefined) return ['cvdEntry: no taker volume, the usual entry'];
  return [isFlowWith ? 'cvdEntry: takers with us, taken at once' : 'cvdEntry: maker only'];
}
