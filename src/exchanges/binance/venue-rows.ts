import {
  decimalOf,
  isWireObject,
  numberOf,
  textOf,
  type WireObject,
} from '../../../data/binance/wire-fields.ts';
import type { BracketTier, FeeRates, InstrumentSpec } from '../../engine/instrument-spec.ts';
import { parseDecimal } from '../../engine/money.ts';

/** Filters of one symbol out of `exchangeInfo`, or what is missing. */
export function readInstrument(row: WireObject, version: number): InstrumentSpec | string {
  const symbol = textOf(row.symbol);
  const filters = Array.isArray(row.filters) ? row.filters.filter(isWireObject) : [];
  const filter = (type: string, field: string): string | undefined =>
    decimalOf(filters.find(({ filterType }) => filterType === type)?.[field]);
  const tickSize = filter('PRICE_FILTER', 'tickSize');
  const stepSize = filter('LOT_SIZE', 'stepSize');
  const maxQuantity = filter('LOT_SIZE', 'maxQty');
  const maxMarketQuantity = filter('MARKET_LOT_SIZE', 'maxQty');
  const minNotional = filter('MIN_NOTIONAL', 'notional');
  const percentUp = filter('PERCENT_PRICE', 'multiplierUp');
  const percentDown = filter('PERCENT_PRICE', 'multiplierDown');
  const liquidationFee = decimalOf(row.liquidationFee);
  const baseAsset = textOf(row.baseAsset);
  const quoteAsset = textOf(row.quoteAsset);
  const status = textOf(row.status) ?? textOf(row.contractStatus);
  if (symbol === undefined || baseAsset === undefined || quoteAsset === undefined) return 'names';
  // A perpetual is named by its assets; another pair of names is not to be believed.
  if (!symbol.startsWith(baseAsset + quoteAsset)) return `${symbol}: ${baseAsset} ${quoteAsset}`;
  if (tickSize === undefined || stepSize === undefined) return `${symbol}: no tick or step`;
  if (maxQuantity === undefined || maxMarketQuantity === undefined) return `${symbol}: no maximum`;
  if (minNotional === undefined) return `${symbol}: no minimum notional`;
  if (percentUp === undefined || percentDown === undefined) return `${symbol}: no price band`;
  if (liquidationFee === undefined || status === undefined) return `${symbol}: no fee or status`;
  const trading = status === 'TRADING';
  const names = { symbol, version, baseAsset, quoteAsset, trading };
  const limits = { tickSize, stepSize, minNotional, maxQuantity, maxMarketQuantity };
  return { ...names, ...limits, percentUp, percentDown, liquidationFee };
}

/** Maintenance tiers of one row of `leverageBracket`, ascending, or what is missing. */
export function readBrackets(row: WireObject): BracketTier[] | string {
  const tiers: BracketTier[] = [];
  const rows = Array.isArray(row.brackets) ? row.brackets.filter(isWireObject) : [];
  for (const each of rows) {
    const notionalFloor = numberOf(each.notionalFloor);
    const notionalCap = numberOf(each.notionalCap);
    const maintenanceRate = numberOf(each.maintMarginRatio);
    const leverageMax = numberOf(each.initialLeverage);
    const cum = numberOf(each.cum);
    if (notionalFloor === undefined || notionalCap === undefined) return 'bracket without bounds';
    if (maintenanceRate === undefined || leverageMax === undefined) return 'bracket without a rate';
    if (cum === undefined) return 'bracket without cum';
    tiers.push({ notionalFloor, notionalCap, maintenanceRate, leverageMax, cum });
  }
  return tiers.length === 0
    ? 'no brackets'
    : tiers.sort((a, b) => a.notionalFloor - b.notionalFloor);
}

/** Fee rates of the account out of `commissionRate`. */
export function readFeeRates(row: WireObject): FeeRates | string {
  const maker = decimalOf(row.makerCommissionRate);
  const taker = decimalOf(row.takerCommissionRate);
  if (maker === undefined || taker === undefined) return 'no commission rates';
  return { makerE8: parseDecimal(maker, 8), takerE8: parseDecimal(taker, 8) };
}
