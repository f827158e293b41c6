import type { Bars } from '../data/bars/bars.ts';
import { AppError } from './engine/error.ts';
import type { BracketTier, InstrumentSpec } from './engine/instrument-spec.ts';

/**
 * Filters of the three perpetuals for runs without a venue, typed in from the venue's published
 * tables of November 2026; live, they are read from the venue at start. ETH's and SOL's maxima and
 * SOL's step are not settled there.
 */
const FILTERS: Record<string, [tick: string, step: string, minNotional: string, max: string]> = {
  BTCUSDT: ['0.10', '0.001', '50', '1000'],
  ETHUSDT: ['0.01', '0.001', '20', '10000'],
  SOLUSDT: ['0.01', '0.01', '5', '100000'],
};
const MARKET_MAX: Record<string, string> = { BTCUSDT: '120', ETHUSDT: '2000', SOLUSDT: '5000' };

/** Upper notional in thousands, maintenance rate in percent, highest leverage. */
type Tier = [capThousands: number, ratePercent: number, leverageMax: number];
const TIERS: Record<string, readonly Tier[]> = {
  BTCUSDT: [
    [300, 0.4, 150],
    [800, 0.5, 100],
    [3_000, 0.65, 75],
    [12_000, 1, 50],
    [70_000, 2, 25],
    [100_000, 2.5, 20],
    [230_000, 5, 10],
  ],
  ETHUSDT: [
    [300, 0.4, 150],
    [800, 0.5, 100],
    [3_000, 0.65, 75],
    [12_000, 1, 50],
    [50_000, 2, 25],
    [65_000, 2.5, 20],
    [150_000, 5, 10],
  ],
  SOLUSDT: [
    [20, 0.5, 100],
    [100, 0.65, 75],
    [800, 1, 50],
    [4_000, 2, 25],
    [8_000, 2.5, 20],
  ],
};

/** Closes looked at to find out on which grid a series is. */
const PROBE_BARS = 2_000;

/**
 * The filters of a symbol, its tick made finer when the bars need it: spot prices have more digits
 * than the perpetual's, and a fill must not lie outside its bar.
 * @throws AppError CONFIG_SYMBOL for a symbol without filters
 */
export function instrumentFor(bars: Bars): { spec: InstrumentSpec; note: string | undefined } {
  const filters = FILTERS[bars.symbol];
  if (filters === undefined) {
    throw new AppError(
      'CONFIG_SYMBOL',
      `no filters are known for ${bars.symbol}`,
      `known: ${Object.keys(FILTERS).join(', ')}; see symbols.main in qcm config show`,
    );
  }
  const [tick, stepSize, minNotional, maxQuantity] = filters;
  const tickSize = finerTick(bars, tick);
  const note =
    tickSize === tick
      ? undefined
      : `${bars.symbol}: prices are finer than the perpetual's tick ${Number(tick)}; ` +
        `${tickSize} is used (spot data?)`;
  const spec: InstrumentSpec = {
    symbol: bars.symbol,
    version: 1,
    baseAsset: bars.symbol.replace('USDT', ''),
    quoteAsset: 'USDT',
    tickSize,
    stepSize,
    minNotional,
    maxQuantity,
    maxMarketQuantity: MARKET_MAX[bars.symbol],
    percentUp: '1.05',
    percentDown: '0.95',
    liquidationFee: '0.0125',
    trading: true,
  };
  return { spec, note };
}

/** Maintenance tiers with `cum` = floor x (rate - previous rate), summed. */
export function bracketsFor(symbol: string): BracketTier[] {
  let floor = 0;
  let rate = 0;
  let cum = 0;
  return (TIERS[symbol] ?? []).map(([capThousands, ratePercent, leverageMax]) => {
    const maintenanceRate = ratePercent / 100;
    cum += floor * (maintenanceRate - rate);
    const tier = {
      notionalFloor: floor,
      notionalCap: capThousands * 1_000,
      maintenanceRate,
      leverageMax,
      cum,
    };
    floor = tier.notionalCap;
    rate = maintenanceRate;
    return tier;
  });
}

function finerTick(bars: Bars, tick: string): string {
  const step = Math.max(1, Math.floor(bars.length / PROBE_BARS));
  for (const candidate of [tick, '0.01', '0.001', '0.0001', '0.00001']) {
    if (Number(candidate) > Number(tick)) continue;
    const size = Number(candidate);
    let fits = true;
    for (let i = 0; i < bars.length && fits; i += step) {
      const ticks = bars.close[i] / size;
      fits = Math.abs(ticks - Math.round(ticks)) < 1e-5;
    }
    if (fits) return candidate;
  }
  return '0.00001';
}
