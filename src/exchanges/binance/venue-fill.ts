import {
  booleanOf,
  decimalOf,
  idOf,
  shownOf,
  textOf,
  timeOf,
  type WireObject,
} from '../../../data/binance/wire-fields.ts';
import { AppError } from '../../engine/error.ts';
import type { OrderFilled } from '../../engine/event.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { parseDecimal } from '../../engine/money.ts';
import type { Side } from '../../engine/units.ts';
import { canonicalId, originOf } from './order-id.ts';

/** Names of a fill's fields: the stream has letters, the trade list has words. */
export interface FillFields {
  tradeId: unknown;
  price: unknown;
  quantity: unknown;
  side: unknown;
  fee: unknown;
  feeAsset: unknown;
  isMaker: unknown;
  time: unknown;
}

export interface FillContext {
  orderId: string;
  instrument: Instrument;
  /** From the account's history: it may be older than the price grid of today. */
  isHistory?: boolean;
}

/**
 * A fill as the engine books it, or the reason why it cannot be read. Prices and quantities off
 * the instrument's grid mean that the filters changed: never rounded, always told. A price of the
 * past is: one fill on an older grid would keep the whole account from being read for good, and what
 * the rounding costs is put right by the balance.
 */
export function readFill(
  fields: FillFields,
  { orderId, instrument, isHistory = false }: FillContext,
): OrderFilled | string {
  const fillId = idOf(fields.tradeId);
  const price = decimalOf(fields.price);
  const quantity = decimalOf(fields.quantity);
  const side = sideOf(fields.side);
  const isMaker = booleanOf(fields.isMaker);
  const filledMs = timeOf(fields.time);
  // A fill without a fee has no fee fields at all.
  const fee = fields.fee === undefined ? '0' : decimalOf(fields.fee);
  if (fillId === undefined || price === undefined || quantity === undefined) return 'fill fields';
  if (side === undefined || isMaker === undefined || fee === undefined) return 'fill fields';
  try {
    const priceTicks = isHistory
      ? instrument.toTicks(Number(price), 'nearest')
      : instrument.parseTicks(price);
    const lots = instrument.parseLots(quantity);
    if (!(priceTicks > 0 && lots > 0)) return `fill of ${quantity} at ${price}`;
    return {
      kind: 'order.filled',
      orderId: canonicalId(orderId),
      fillId,
      symbol: instrument.symbol,
      side,
      priceTicks,
      lots,
      feeUnits: parseDecimal(fee, 8),
      feeAsset: textOf(fields.feeAsset) ?? instrument.spec.quoteAsset,
      isMaker,
      origin: originOf(orderId),
      ...(filledMs === undefined ? {} : { filledMs }),
    };
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

export function sideOf(value: unknown): Side | undefined {
  return value === 'BUY' ? 'buy' : value === 'SELL' ? 'sell' : undefined;
}

/** A row of `GET /fapi/v1/userTrades`; its order is known by the venue's id only. */
export function readUserTrade(row: WireObject, context: FillContext): OrderFilled | string {
  const { id, price, qty, side, commission, commissionAsset, maker, time } = row;
  const { positionSide = 'BOTH' } = row;
  if (positionSide !== 'BOTH') return `position side ${shownOf(positionSide)}`;
  if (commission === undefined || textOf(commissionAsset) === undefined) return 'no commission';
  const fields = { tradeId: id, price, quantity: qty, side, isMaker: maker, time };
  return readFill({ ...fields, fee: commission, feeAsset: commissionAsset }, context);
}
