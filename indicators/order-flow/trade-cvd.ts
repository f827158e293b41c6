import { checkedTradeTime, type Trade } from './trade.ts';

/**
 * Cumulative volume delta from the tape, in base asset: each trade adds its quantity where the
 * taker bought and takes it away where the taker sold. Exact at every trade, while `TakerCvd` knows
 * only closed bars. `closeBar` ends the running bar, so that both can be compared.
 *
 * No warm-up: `value` is NaN before the first trade, and depends on where the stream began.
 * Quantities are summed as doubles; the error over 10^8 trades stays under 1e-7 of the total.
 */
export class TradeCvd {
  declare value: number;
  /** Taker bought - taker sold since the last `closeBar`. */
  declare delta: number;
  /** `delta` of the last closed bar; NaN before the first `closeBar`. */
  declare barDelta: number;
  /** Quantity bought by takers since the last `closeBar`. */
  declare takerBuyVolume: number;
  /** All quantity since the last `closeBar`. */
  declare volume: number;
  declare private lastTimeMs: number;

  constructor() {
    this.value = Number.NaN;
    this.delta = 0;
    this.barDelta = Number.NaN;
    this.takerBuyVolume = 0;
    this.volume = 0;
    this.lastTimeMs = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the trade is older than the last one or holds a NaN */
  update(trade: Trade): void {
    this.lastTimeMs = checkedTradeTime(trade, this.lastTimeMs);
    const { quantity } = trade;
    const signed = trade.isBuyerMaker ? -quantity : quantity;
    this.value = Number.isNaN(this.value) ? signed : this.value + signed;
    this.delta += signed;
    this.volume += quantity;
    if (!trade.isBuyerMaker) this.takerBuyVolume += quantity;
  }

  closeBar(): void {
    this.barDelta = this.delta;
    this.delta = 0;
    this.takerBuyVolume = 0;
    this.volume = 0;
  }
}
