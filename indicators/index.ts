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
export type { AbsorptionOptions } from './order-flow/absorption.ts';
export { Absorption } from './order-flow/absorption.ts';
export type { BookImbalanceOptions } from './order-flow/book-imbalance.ts';
export { BookImbalance } from './order-flow/book-imbalance.ts';
export type { FlowSurgeOptions } from './order-flow/flow-surge.ts';
export { FlowSurge } from './order-flow/flow-surge.ts';
export { ORDER_FLOW_SCALPER } from './order-flow/presets.ts';
export type { TakerAggressionOptions } from './order-flow/taker-aggression.ts';
export { TakerAggression } from './order-flow/taker-aggression.ts';
export type { TakerCvdOptions } from './order-flow/taker-cvd.ts';
export { TakerCvd } from './order-flow/taker-cvd.ts';
export type { TapeAggressionOptions } from './order-flow/tape-aggression.ts';
export { TapeAggression } from './order-flow/tape-aggression.ts';
export { TradeCvd } from './order-flow/trade-cvd.ts';
export type { VolumeProfileOptions } from './order-flow/volume-profile.ts';
export { VolumeProfile } from './order-flow/volume-profile.ts';
export type { VolumeSurgeOptions } from './order-flow/volume-surge.ts';
export { VolumeSurge } from './order-flow/volume-surge.ts';
export type { HyperwaveOptions } from './oscillator-matrix/hyperwave.ts';
export { Hyperwave, type HyperwaveForm } from './oscillator-matrix/hyperwave.ts';
export type { MoneyFlowOptions } from './oscillator-matrix/money-flow.ts';
export { MoneyFlow } from './oscillator-matrix/money-flow.ts';
export {
  OscillatorMatrix,
  type OscillatorMatrixOptions,
} from './oscillator-matrix/oscillator-matrix.ts';
export { OSCILLATOR_MATRIX_PRESETS } from './oscillator-matrix/presets.ts';
export { PRICE_ACTION_PRESETS } from './price-action-concepts/presets.ts';
export {
  PriceActionConcepts,
  type PriceActionOptions,
} from './price-action-concepts/price-action-concepts.ts';
export type { HurstExponentOptions } from './regime/hurst-exponent.ts';
export { HurstExponent } from './regime/hurst-exponent.ts';
export type { MomentumExhaustionOptions } from './regime/momentum-exhaustion.ts';
export { MomentumExhaustion } from './regime/momentum-exhaustion.ts';
export { REGIME_SCALPER } from './regime/presets.ts';
export type { RateOfChangeOptions } from './regime/rate-of-change.ts';
export { RateOfChange } from './regime/rate-of-change.ts';
export type { RealizedVolatilityOptions } from './regime/realized-volatility.ts';
export { RealizedVolatility } from './regime/realized-volatility.ts';
export { RollingBeta } from './regime/rolling-beta.ts';
export type { TimeframeRsiOptions } from './regime/timeframe-rsi.ts';
export { TimeframeRsi } from './regime/timeframe-rsi.ts';
export { AlertSteps, type AlertStepsOptions } from './signals-overlays/alert-steps.ts';
export { NeoCloud } from './signals-overlays/neo-cloud.ts';
export { SIGNALS_OVERLAYS_PRESETS } from './signals-overlays/presets.ts';
export { ReversalZones } from './signals-overlays/reversal-zones.ts';
export {
  SignalsOverlays,
  type SignalsOverlaysOptions,
} from './signals-overlays/signals-overlays.ts';
export type { SmartTrailOptions } from './signals-overlays/smart-trail.ts';
export { SmartTrail } from './signals-overlays/smart-trail.ts';
export { TrendCatcher } from './signals-overlays/trend-catcher.ts';
export { TrendStrength } from './signals-overlays/trend-strength.ts';
export { TrendTracer } from './signals-overlays/trend-tracer.ts';
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
