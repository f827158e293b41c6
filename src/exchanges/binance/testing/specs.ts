import type { InstrumentSpec } from '../../../engine/instrument-spec.ts';

const GRIDS: readonly [symbol: string, tick: string, step: string, minNotional: string][] = [
  ['BTCUSDT', '0.10', '0.001', '50'],
  ['ETHUSDT', '0.01', '0.001', '20'],
  ['SOLUSDT', '0.01', '0.01', '5'],
];

/** Filters for tests, in the form the venue gives them. */
export function testSpecs(): InstrumentSpec[] {
  return GRIDS.map(([symbol, tickSize, stepSize, minNotional]) => ({
    ...{ symbol, version: 1, baseAsset: symbol.slice(0, 3), quoteAsset: 'USDT' },
    ...{ tickSize, stepSize, minNotional, maxQuantity: '1000', maxMarketQuantity: '120' },
    ...{ percentUp: '1.05', percentDown: '0.95', liquidationFee: '0.0125', trading: true },
  }));
}
