import { assert, fail } from './assert.ts';
import type { Instrument } from './instrument.ts';
import type { BracketTier } from './instrument-spec.ts';
import { fromCash, toCash } from './money.ts';
import { Position } from './position.ts';
import { CASH_SCALE, type CashUnits, type Lots, type Side, type Ticks } from './units.ts';

export interface FillBooking {
  symbol: string;
  side: Side;
  priceTicks: Ticks;
  lots: Lots;
  feeUnits: CashUnits;
  feeAsset: string;
}

/**
 * Cash by asset and one net position a symbol, all from fills, funding and reports. Equity is
 * cash plus open profit at the last marks; cash changes only by realised profit, fees, funding and
 * transfers.
 */
export class Portfolio {
  private quoteAsset = '';
  private readonly cash = new Map<string, CashUnits>();
  private readonly positions = new Map<string, Position>();
  private readonly marks = new Map<string, number>();
  private instruments: ReadonlyMap<string, Instrument> = new Map();
  private brackets: ReadonlyMap<string, readonly BracketTier[]> = new Map();
  /** Sums since the start, for the books' own check. */
  private startUnits = 0;
  private realisedUnits = 0;
  private feesUnits = 0;
  private fundingUnits = 0;
  private transferredUnits = 0;

  start(options: {
    cashUnits: CashUnits;
    quoteAsset: string;
    instruments: ReadonlyMap<string, Instrument>;
    brackets: ReadonlyMap<string, readonly BracketTier[]>;
  }): void {
    this.quoteAsset = options.quoteAsset;
    this.instruments = options.instruments;
    this.brackets = options.brackets;
    this.cash.set(options.quoteAsset, options.cashUnits);
    this.startUnits = options.cashUnits;
  }

  position(symbol: string): Position | undefined {
    return this.positions.get(symbol);
  }

  /** Asset that prices and equity are in. */
  get quote(): string {
    return this.quoteAsset;
  }

  cashUnits(asset = this.quoteAsset): CashUnits {
    return this.cash.get(asset) ?? 0;
  }

  /** Assets with a balance, the quote asset among them. */
  assets(): string[] {
    return [...this.cash.keys()];
  }

  applyFill(fill: FillBooking): void {
    const instrument = this.instrument(fill.symbol);
    let position = this.positions.get(fill.symbol);
    if (position === undefined) {
      position = new Position(fill.symbol);
      this.positions.set(fill.symbol, position);
    }
    const notional = instrument.notional(fill.priceTicks, fill.lots);
    const realised = position.applyFill(fill.side, fill.lots, notional);
    this.add(this.quoteAsset, realised);
    this.realisedUnits += realised;
    this.add(fill.feeAsset, -fill.feeUnits);
    if (fill.feeAsset === this.quoteAsset) this.feesUnits += fill.feeUnits;
    this.marks.set(fill.symbol, instrument.price(fill.priceTicks));
  }

  /** Payment = mark x quantity x rate; longs pay when the rate is positive. Returns what we got. */
  applyFunding(
    symbol: string,
    rate: number,
    mark: number,
    bookedUnits: CashUnits | undefined,
  ): CashUnits {
    const lots = this.positions.get(symbol)?.lots ?? 0;
    const quantity = this.instrument(symbol).quantity(lots);
    const units = bookedUnits ?? -toCash(mark * quantity * rate) + 0;
    this.add(this.quoteAsset, units);
    this.fundingUnits += units;
    return units;
  }

  /** The venue's own balance; the difference that transfers do not explain is booked as such. */
  reportCash(cashUnits: CashUnits, transferUnits: CashUnits, asset = this.quoteAsset): void {
    if (asset === this.quoteAsset) this.transferredUnits += cashUnits - this.cashUnits();
    this.cash.set(asset, cashUnits);
    assert(Number.isSafeInteger(transferUnits), 'a transfer is a whole number of cash units');
  }

  setMark(symbol: string, price: number): void {
    if (price > 0) this.marks.set(symbol, price);
  }

  /** Open profit of a symbol in cash units at its mark, before exit costs. */
  openUnits(symbol: string): CashUnits {
    const position = this.positions.get(symbol);
    if (position === undefined || position.lots === 0) return 0;
    const mark = this.marks.get(symbol) ?? Number.NaN;
    const value = mark * this.instrument(symbol).quantity(position.lots);
    return Math.round(value * CASH_SCALE) - position.costUnits;
  }

  /** Quote currency. */
  equity(): number {
    let units = this.cashUnits();
    for (const position of this.positions.values()) {
      if (position.lots !== 0) units += this.openUnits(position.symbol);
    }
    return fromCash(units);
  }

  /**
   * Cash, less open losses, less the initial margin of what is open; quote currency, never
   * negative. Isolated margin does not release open profit.
   */
  freeMargin(leverage: number): number {
    let used = 0;
    for (const position of this.positions.values()) used += Math.abs(position.costUnits);
    const own = Math.min(this.equity(), fromCash(this.cashUnits()));
    return Math.max(0, own - fromCash(used) / leverage);
  }

  /**
   * Isolated one-way liquidation price (Binance FAQ): LP = (WB + cum - side x Q x EP) /
   * (Q x MMR - side x Q), WB = entry notional / leverage, the bracket being that of the notional
   * AT the liquidation price. NaN when flat or when there is none above zero.
   */
  liquidationPrice(symbol: string, leverage: number): number {
    const position = this.positions.get(symbol);
    if (position === undefined || position.lots === 0) return Number.NaN;
    const quantity = this.instrument(symbol).quantity(Math.abs(position.lots));
    const entry = Math.abs(fromCash(position.costUnits)) / quantity;
    const tiers = this.brackets.get(symbol) ?? [];
    return isolatedLiquidationPrice({
      side: position.lots > 0 ? 1 : -1,
      quantity,
      entry,
      margin: (quantity * entry) / leverage,
      tiers,
    });
  }

  /** Cash must be the start plus everything booked; a difference is a defect of the books. */
  assertBalanced(): void {
    const expected =
      this.startUnits +
      this.realisedUnits -
      this.feesUnits +
      this.fundingUnits +
      this.transferredUnits;
    if (!(this.cashUnits() === expected)) fail(`cash ${this.cashUnits()} should be ${expected}`);
  }

  save(): unknown {
    return {
      quoteAsset: this.quoteAsset,
      cash: [...this.cash],
      positions: [...this.positions.values()].map((position) => ({ ...position })),
      marks: [...this.marks],
      sums: [
        this.startUnits,
        this.realisedUnits,
        this.feesUnits,
        this.fundingUnits,
        this.transferredUnits,
      ],
    };
  }

  load(
    state: unknown,
    instruments: ReadonlyMap<string, Instrument>,
    brackets: ReadonlyMap<string, readonly BracketTier[]>,
  ): void {
    const saved = state as {
      quoteAsset: string;
      cash: [string, number][];
      positions: { symbol: string; lots: number; costUnits: number; realisedUnits: number }[];
      marks: [string, number][];
      sums: number[];
    };
    this.quoteAsset = saved.quoteAsset;
    this.instruments = instruments;
    this.brackets = brackets;
    this.cash.clear();
    for (const [asset, units] of saved.cash) this.cash.set(asset, units);
    this.positions.clear();
    for (const entry of saved.positions) {
      this.positions.set(entry.symbol, Object.assign(new Position(entry.symbol), entry));
    }
    this.marks.clear();
    for (const [symbol, mark] of saved.marks) this.marks.set(symbol, mark);
    [
      this.startUnits,
      this.realisedUnits,
      this.feesUnits,
      this.fundingUnits,
      this.transferredUnits,
    ] = saved.sums;
  }

  private instrument(symbol: string): Instrument {
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) fail(`no filters are known for ${symbol}`);
    return instrument;
  }

  private add(asset: string, units: CashUnits): void {
    this.cash.set(asset, (this.cash.get(asset) ?? 0) + units);
  }
}

/**
 * See `Portfolio.liquidationPrice`; tiers ascending, empty ones mean 0.4 % without an offset.
 * Maintenance is convex in the notional, thus the largest of all tiers' lines at every notional:
 * the price whose own tier holds its notional is the one reached first, and a position beyond the
 * last tier, or between two by the noise of doubles, has a price as well. NaN when none is above 0.
 */
export function isolatedLiquidationPrice(options: {
  side: 1 | -1;
  quantity: number;
  entry: number;
  margin: number;
  tiers: readonly BracketTier[];
}): number {
  const { side, quantity, entry, margin, tiers } = options;
  const list = tiers.length > 0 ? tiers : [{ maintenanceRate: 0.004, cum: 0 }];
  let first = Number.NaN;
  for (const { maintenanceRate, cum } of list) {
    const price =
      (margin + cum - side * quantity * entry) / (quantity * maintenanceRate - side * quantity);
    if (Number.isNaN(first) || (price - first) * side > 0) first = price;
  }
  return first > 0 ? first : Number.NaN;
}
