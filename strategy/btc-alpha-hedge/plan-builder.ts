import type { HedgePlan, TradePlan } from '../../src/engine/plan.ts';
import type { EntrySignal } from './signal-source.ts';

export interface PlanSettings {
  entryMode: TradePlan['entry']['mode'];
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
    reasons: signal.reasons,
    symbol: options.symbol,
    direction,
    entry: {
      mode: settings.entryMode,
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
    context: { ...signal.facts, blockTop, blockBottom, atr, stopK: k },
  };
}
