import { fail } from './assert.ts';
import type { InstrumentSpec } from './instrument-spec.ts';
import { parseDecimal } from './money.ts';
import type { CashUnits, Lots, Ticks } from './units.ts';

const SCALE_DIGITS = 8;
/** Relative noise of doubles that must not push a price over a tick. */
const NOISE = 1e-9;

export type GridRounding = 'down' | 'up' | 'nearest';

/**
 * The one bridge between doubles (signals) and integers (orders, cash). Every conversion names its
 * rounding. `unitValue` is the cash value of one tick times one lot.
 */
export class Instrument {
  declare readonly spec: InstrumentSpec;
  declare readonly symbol: string;
  declare readonly version: number;
  declare readonly tick: number;
  declare readonly step: number;
  declare readonly unitValue: CashUnits;
  declare readonly minNotionalUnits: CashUnits;
  declare readonly maxLots: Lots;
  declare readonly maxMarketLots: Lots;
  declare private readonly tickE8: number;
  declare private readonly stepE8: number;
  declare private readonly tickDigits: number;
  declare private readonly stepDigits: number;
  declare private readonly tickScale: number;
  declare private readonly tickUnits: number;
  declare private readonly stepScale: number;
  declare private readonly stepUnits: number;

  constructor(spec: InstrumentSpec) {
    this.spec = spec;
    this.symbol = spec.symbol;
    this.version = spec.version;
    this.tickE8 = parseDecimal(spec.tickSize, SCALE_DIGITS);
    this.stepE8 = parseDecimal(spec.stepSize, SCALE_DIGITS);
    if (!(this.tickE8 > 0 && this.stepE8 > 0))
      fail(`${spec.symbol}: tick and step must be positive`);
    this.tick = Number(spec.tickSize);
    this.step = Number(spec.stepSize);
    const product = BigInt(this.tickE8) * BigInt(this.stepE8);
    if (!(product % 100_000_000n === 0n)) fail(`${spec.symbol}: tick x step is finer than 1e-8`);
    this.unitValue = Number(product / 100_000_000n);
    this.minNotionalUnits = parseDecimal(spec.minNotional, SCALE_DIGITS);
    this.tickDigits = decimals(spec.tickSize);
    this.stepDigits = decimals(spec.stepSize);
    this.tickScale = 10 ** this.tickDigits; // tidy-ok: an exact power of ten, once per instrument
    this.stepScale = 10 ** this.stepDigits; // tidy-ok: an exact power of ten, once per instrument
    this.tickUnits = Math.round(this.tick * this.tickScale);
    this.stepUnits = Math.round(this.step * this.stepScale);
    this.maxLots = this.toLots(Number(spec.maxQuantity), 'down');
    this.maxMarketLots = this.toLots(Number(spec.maxMarketQuantity), 'down');
  }

  toTicks(price: number, rounding: GridRounding): Ticks {
    return onGrid((price * this.tickScale) / this.tickUnits, rounding);
  }

  /** The correctly rounded double of the decimal price. */
  price(ticks: Ticks): number {
    return (ticks * this.tickUnits) / this.tickScale;
  }

  toLots(quantity: number, rounding: GridRounding): Lots {
    return onGrid((quantity * this.stepScale) / this.stepUnits, rounding);
  }

  quantity(lots: Lots): number {
    return (lots * this.stepUnits) / this.stepScale;
  }

  notional(ticks: Ticks, lots: Lots): CashUnits {
    const units = ticks * lots * this.unitValue;
    if (!Number.isSafeInteger(units)) fail(`${this.symbol}: notional of ${lots} lots is too large`);
    return units;
  }

  meetsMinNotional(ticks: Ticks, lots: Lots): boolean {
    return lots > 0 && this.notional(ticks, lots) >= this.minNotionalUnits;
  }

  /** @throws AppError ENGINE_ASSERT when the text is not on the grid */
  parseTicks(text: string): Ticks {
    return exact(parseDecimal(text, SCALE_DIGITS), this.tickE8, text);
  }

  /** @throws AppError ENGINE_ASSERT when the text is not on the grid */
  parseLots(text: string): Lots {
    return exact(parseDecimal(text, SCALE_DIGITS), this.stepE8, text);
  }

  formatTicks(ticks: Ticks): string {
    return this.price(ticks).toFixed(this.tickDigits);
  }

  formatLots(lots: Lots): string {
    return this.quantity(lots).toFixed(this.stepDigits);
  }
}

function exact(valueE8: number, gridE8: number, text: string): number {
  if (!(valueE8 % gridE8 === 0)) fail(`"${text}" is not on the grid`);
  return valueE8 / gridE8;
}

function decimals(text: string): number {
  const trimmed = text.replace(/0+$/, '');
  const dot = trimmed.indexOf('.');
  return dot < 0 ? 0 : trimmed.length - dot - 1;
}

function onGrid(value: number, rounding: GridRounding): number {
  if (!Number.isFinite(value)) fail(`${value} has no place on a grid`);
  const nearest = Math.round(value);
  const isOnGrid = Math.abs(value - nearest) <= NOISE * Math.max(1, Math.abs(value));
  if (isOnGrid || rounding === 'nearest') return nearest + 0;
  return rounding === 'down' ? Math.floor(value) : Math.ceil(value);
}
