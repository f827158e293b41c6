/** What other programs may use: `import { SmartMoneyConcepts } from 'quantcloud-matrix/indicators'`. */
export { Atr } from './basic/atr.ts';
export { Cmf } from './basic/cmf.ts';
export { Ema, EmaFirst } from './basic/ema.ts';
export { Mfi } from './basic/mfi.ts';
export { Rma } from './basic/rma.ts';
export { RollingMax, RollingMin } from './basic/rolling-extreme.ts';
export { RollingSum } from './basic/rolling-sum.ts';
export { Rsi } from './basic/rsi.ts';
export { Sma } from './basic/sma.ts';
export { RollingMedian, RollingPercentRank, SortedWindow } from './basic/sorted-window.ts';
export { Stdev } from './basic/stdev.ts';
export { SuperTrend, SuperTrendBands } from './basic/super-trend.ts';
export { TrueRange } from './basic/true-range.ts';
export { Wma } from './basic/wma.ts';
export { INDICATORS } from './catalog.ts';
export type { Bar, Indicator, IndicatorEntry, Output, OutputUnit } from './indicator.ts';
export { SMC_EVENTS, type SmcEventSink } from './smart-money-concepts/event-sink.ts';
export {
  SmartMoneyConcepts,
  type SmcOptions,
} from './smart-money-concepts/smart-money-concepts.ts';
export { loadState, type State, saveState } from './state.ts';
export {
  type FactorCluster,
  SuperTrendAi,
  type SuperTrendAiOptions,
} from './supertrend-ai/supertrend-ai.ts';
