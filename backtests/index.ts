/** The backtester as a library: `quantcloud-matrix/backtest`. */
export { type Bars, createBars, sliceBars } from '../data/bars/bars.ts';
export { resampleBars } from '../data/bars/resample.ts';
export { type Dataset, loadDataset } from '../data/load.ts';
export {
  SimulatedExchange,
  type SimulatedExchangeOptions,
} from './exchange/simulated-exchange.ts';
export { type Metrics, summarise } from './metrics/summarise.ts';
export { type TradeStats, tradeStats } from './metrics/trade-stats.ts';
export { BacktestRun, runBacktest, runBacktestInSlices } from './run.ts';
export type { BacktestOptions, BacktestResult, FundingRow } from './run-options.ts';
