import {
  booleanOf,
  decimalOf,
  isWireObject,
  numberOf,
  textOf,
  type WireObject,
} from '../../../data/binance/wire-fields.ts';
import { AppError } from '../../engine/error.ts';
import type { Instrument } from '../../engine/instrument.ts';
import { parseDecimal } from '../../engine/money.ts';
import type { UserReading } from './user-frame.ts';

/**
 * Balances change with every fill and the fill itself says by how much, so a balance is never
 * taken from here. Funding is: with isolated margin the position's symbol stands beside it.
 * Whatever else moves money (transfers, insurance, adjustments) asks for a look at the account.
 */
export function accountEvents(
  account: unknown,
  reading: UserReading,
  instruments: ReadonlyMap<string, Instrument>,
): UserReading {
  reading.kind = 'account';
  const balances = isWireObject(account) ? account.B : undefined;
  const positions = isWireObject(account) ? (account.P ?? []) : undefined;
  const reason = isWireObject(account) ? textOf(account.m) : undefined;
  if (!Array.isArray(balances) || !Array.isArray(positions) || reason === undefined) {
    reading.unsupported = 'account update without balances';
    return reading;
  }
  if (reason === 'ORDER') return reading;
  if (reason !== 'FUNDING_FEE') {
    reading.needsReconcile = true;
    return reading;
  }
  const held = positions.filter(isWireObject).map((each) => textOf(each.s));
  const symbols = new Set(held.filter((symbol) => symbol !== undefined));
  const symbol = [...symbols][0];
  const change = balances.filter(isWireObject)[0];
  if (symbols.size !== 1 || balances.length !== 1 || change === undefined) {
    reading.needsReconcile = true;
    reading.unsupported = 'funding that names no single position';
    return reading;
  }
  reading.symbol = symbol;
  if (!instruments.has(symbol)) return reading;
  return funding(change, symbol, reading);
}

function funding(change: WireObject, symbol: string, reading: UserReading): UserReading {
  const amount = decimalOf(change.bc);
  const bookedUnits = amount === undefined ? undefined : cashOf(amount);
  if (bookedUnits === undefined) {
    reading.unsupported = 'funding without an amount';
    reading.needsReconcile = true;
    return reading;
  }
  const unknown = { rate: Number.NaN, intervalHours: Number.NaN, mark: Number.NaN };
  reading.events.push({ kind: 'funding.settled', symbol, ...unknown, bookedUnits });
  return reading;
}

function cashOf(text: string): number | undefined {
  try {
    return parseDecimal(text, 8);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Leverage changed by hand, or the account put into multi-assets mode. */
export function configEvents(frame: WireObject, reading: UserReading): UserReading {
  reading.kind = 'config';
  const { ac, ai } = frame;
  if (isWireObject(ac)) {
    const symbol = textOf(ac.s);
    const leverage = numberOf(ac.l);
    if (symbol !== undefined && leverage !== undefined && leverage >= 1) {
      reading.symbol = symbol;
      reading.events.push({ kind: 'accountConfig.changed', symbol, leverage });
      return reading;
    }
  }
  const isMulti = isWireObject(ai) ? booleanOf(ai.j) : undefined;
  if (isMulti === undefined) {
    reading.unsupported = 'account config without a known setting';
    return reading;
  }
  const reason = 'account: multi-assets mode is on';
  reading.events.push({ kind: isMulti ? 'entries.blocked' : 'entries.released', reason });
  if (isMulti) reading.alarm = 'multi-assets mode was switched on; entries are blocked';
  return reading;
}

export function marginCallText(positions: unknown): string {
  const rows = Array.isArray(positions) ? positions.filter(isWireObject) : [];
  const symbols = rows.map((each) => textOf(each.s)).filter((symbol) => symbol !== undefined);
  return `margin call: ${symbols.join(', ') || 'no position named'}`;
}
