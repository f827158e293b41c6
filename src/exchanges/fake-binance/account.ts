import { bracketOf, type Instrument } from './instruments.ts';
import type { Income, Order, Position, PositionSide, Side, VenueSettings } from './model.ts';
import { round8 } from './numbers.ts';

export interface SymbolConfig {
  leverage: number;
  marginType: 'ISOLATED' | 'CROSSED';
}

/** What a fill did to the account. */
export interface FillResult {
  position: Position;
  realized: number;
  commission: number;
}

/** Wallet, positions and settings of the one account the venue keeps. USDT, floats on 1e-8. */
export class Account {
  /** Everything that is not set aside for isolated positions. */
  crossWallet: number;
  bnb = 10;
  hedgeMode = false;
  multiAssets = false;
  readonly positions = new Map<string, Position>();
  /** Those of one-way mode by symbol alone: asked for at every price. */
  private readonly both = new Map<string, Position>();
  readonly configs = new Map<string, SymbolConfig>();
  readonly income: Income[] = [];
  private nextTransaction = 1;

  constructor(balance: number) {
    this.crossWallet = balance;
  }

  get wallet(): number {
    let sum = this.crossWallet;
    for (const position of this.positions.values()) sum += position.isolatedWallet;
    return round8(sum);
  }

  config(symbol: string): SymbolConfig {
    let config = this.configs.get(symbol);
    if (config === undefined) {
      config = { leverage: 20, marginType: 'CROSSED' };
      this.configs.set(symbol, config);
    }
    return config;
  }

  isIsolated(symbol: string): boolean {
    return this.config(symbol).marginType === 'ISOLATED';
  }

  position(symbol: string, positionSide: PositionSide): Position {
    const known = positionSide === 'BOTH' ? this.both.get(symbol) : undefined;
    if (known !== undefined) return known;
    const key = `${symbol}:${positionSide}`;
    let position = this.positions.get(key);
    if (position === undefined) {
      position = {
        symbol,
        positionSide,
        amount: 0,
        entryPrice: 0,
        isolatedWallet: 0,
        realized: 0,
        updateTime: 0,
      };
      this.positions.set(key, position);
      if (positionSide === 'BOTH') this.both.set(symbol, position);
    }
    return position;
  }

  positionsOf(symbol: string): Position[] {
    return [...this.positions.values()].filter((position) => position.symbol === symbol);
  }

  /** How much of an order of this side closes instead of opens. */
  closable(order: { symbol: string; side: Side; positionSide: PositionSide }): number {
    const { amount } = this.position(order.symbol, order.positionSide);
    const signed = order.side === 'BUY' ? -amount : amount;
    return signed > 0 ? signed : 0;
  }

  /** Books a fill: average entry price, isolated margin in and out, realized profit, commission. */
  applyFill(fill: {
    order: Order;
    price: number;
    quantity: number;
    maker: boolean;
    now: number;
    settings: VenueSettings;
    extraFee: number;
  }): FillResult {
    const { order, price, quantity } = fill;
    const position = this.position(order.symbol, order.positionSide);
    const closing = Math.min(quantity, this.closable(order));
    const opening = round8(quantity - closing);
    const isolated = position.isolatedWallet;
    const realized = this.close(position, { price, quantity: closing });
    if (opening > 0) this.open(position, { side: order.side, price, quantity: opening });
    const rate = fill.maker ? fill.settings.makerFee : fill.settings.takerFee;
    let fee = price * quantity * (rate + fill.extraFee);
    // Liquidation costs no more than was set aside; the insurance fund bears the rest.
    if (fill.extraFee > 0 && isolated > 0) fee = Math.min(fee, Math.max(0, isolated + realized));
    const commission = this.charge(order.symbol, fee, fill);
    position.updateTime = fill.now;
    if (realized !== 0) this.addIncome('REALIZED_PNL', order.symbol, realized, fill.now);
    return { position, realized, commission };
  }

  private charge(
    symbol: string,
    usdt: number,
    options: { now: number; settings: VenueSettings },
  ): number {
    const inBnb = options.settings.feesInBnb;
    const commission = round8(inBnb ? (usdt * 0.9) / BNB_PRICE : usdt);
    if (inBnb) this.bnb = round8(this.bnb - commission);
    else this.crossWallet = round8(this.crossWallet - commission);
    this.addIncome('COMMISSION', symbol, -commission, options.now, inBnb ? 'BNB' : 'USDT');
    return commission;
  }

  private close(position: Position, part: { price: number; quantity: number }): number {
    if (part.quantity <= 0) return 0;
    const direction = Math.sign(position.amount);
    const share = part.quantity / Math.abs(position.amount);
    const realized = round8((part.price - position.entryPrice) * direction * part.quantity);
    const released = round8(position.isolatedWallet * share);
    position.isolatedWallet = round8(position.isolatedWallet - released);
    this.crossWallet = round8(this.crossWallet + released + realized);
    position.amount = round8(position.amount - direction * part.quantity);
    position.realized = round8(position.realized + realized);
    if (position.amount === 0) {
      this.crossWallet = round8(this.crossWallet + position.isolatedWallet);
      position.isolatedWallet = 0;
      position.entryPrice = 0;
    }
    return realized;
  }

  private open(position: Position, part: { side: Side; price: number; quantity: number }): void {
    const before = Math.abs(position.amount);
    const cost = before * position.entryPrice + part.quantity * part.price;
    position.entryPrice = cost / (before + part.quantity);
    position.amount = round8(
      position.amount + (part.side === 'BUY' ? part.quantity : -part.quantity),
    );
    const config = this.config(position.symbol);
    if (config.marginType === 'ISOLATED') {
      const margin = round8((part.price * part.quantity) / config.leverage);
      position.isolatedWallet = round8(position.isolatedWallet + margin);
      this.crossWallet = round8(this.crossWallet - margin);
    }
  }

  addIncome(type: string, symbol: string, income: number, time: number, asset = 'USDT'): void {
    const tranId = this.nextTransaction++;
    this.income.push({ symbol, incomeType: type, income, asset, time, tranId, tradeId: '' });
  }
}

/** Only a conversion rate for commissions paid in BNB. */
const BNB_PRICE = 600;

export function unrealized(position: Position, mark: number): number {
  return round8((mark - position.entryPrice) * position.amount);
}

export function maintenance(instrument: Instrument, notional: number): number {
  const bracket = bracketOf(instrument, notional);
  return round8(notional * bracket.maintMarginRatio - bracket.cum);
}

/**
 * LP = (WB + cum - side Q EP) / (Q MMR - side Q) with the bracket of the notional at LP, found by
 * iterating; 0 when there is none. Source: Binance FAQ on the liquidation price, isolated mode.
 */
export function liquidationPrice(
  position: Position,
  options: { instrument: Instrument; wallet: number },
): number {
  if (position.amount === 0) return 0;
  const side = Math.sign(position.amount);
  const quantity = Math.abs(position.amount);
  let price = position.entryPrice;
  for (let i = 0; i < 20; i++) {
    const bracket = bracketOf(options.instrument, quantity * price);
    const top = options.wallet + bracket.cum - side * quantity * position.entryPrice;
    const next = top / (quantity * bracket.maintMarginRatio - side * quantity);
    if (Math.abs(next - price) < 1e-9) break;
    price = next;
  }
  return price > 0 ? round8(price) : 0;
}
