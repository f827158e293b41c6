import { checkedLength } from '../basic/length.ts';
import { checkedTradeTime, type Trade } from './trade.ts';

export interface TapeAggressionOptions {
  /** Length of the window. */
  windowMs?: number;
  /** The window slides in steps of this size. */
  bucketMs?: number;
}

/**
 * Time and sales in numbers, over the last `windowMs`, which slides by `bucketMs`:
 * value = (taker bought - taker sold) / all quantity, -1 to +1; tradesPerSecond; quantityPerSecond
 * in base asset; meanTradeQuantity in base asset (large clips against many small ones).
 *
 * Warm-up: NaN until the first trade is `windowMs` old. A window without trades gives 0 trades per
 * second and NaN for `value` and `meanTradeQuantity`. `advance` lets time pass when nothing trades.
 * Cost O(1) amortised: each bucket is cleared once as it leaves; sums are taken anew once a turn.
 *
 * Source: trade-sign imbalance of Hasbrouck, "Measuring the information content of stock trades"
 * (1991), with the exchange's own aggressor flag, so no trade needs to be classified.
 */
export class TapeAggression {
  declare readonly windowMs: number;
  declare readonly bucketMs: number;
  declare value: number;
  declare tradesPerSecond: number;
  declare quantityPerSecond: number;
  declare meanTradeQuantity: number;
  declare private readonly bought: Float64Array;
  declare private readonly sold: Float64Array;
  declare private readonly trades: Float64Array;
  declare private boughtSum: number;
  declare private soldSum: number;
  declare private tradeSum: number;
  declare private bucket: number;
  declare private firstTimeMs: number;
  declare private lastTimeMs: number;

  /** @throws RangeError unless `windowMs` is a whole multiple of a positive `bucketMs` */
  constructor({ windowMs = 60_000, bucketMs = 1000 }: TapeAggressionOptions = {}) {
    checkedLength(bucketMs);
    const buckets = checkedLength(windowMs / bucketMs);
    this.windowMs = windowMs;
    this.bucketMs = bucketMs;
    this.value = Number.NaN;
    this.tradesPerSecond = Number.NaN;
    this.quantityPerSecond = Number.NaN;
    this.meanTradeQuantity = Number.NaN;
    this.bought = new Float64Array(buckets);
    this.sold = new Float64Array(buckets);
    this.trades = new Float64Array(buckets);
    this.boughtSum = 0;
    this.soldSum = 0;
    this.tradeSum = 0;
    this.bucket = Number.NEGATIVE_INFINITY;
    this.firstTimeMs = Number.NaN;
    this.lastTimeMs = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the trade is older than the last time seen or holds a NaN */
  update(trade: Trade): void {
    const timeMs = checkedTradeTime(trade, this.lastTimeMs);
    this.slideTo(timeMs);
    const slot = this.bucket % this.trades.length;
    if (trade.isBuyerMaker) {
      this.sold[slot] += trade.quantity;
      this.soldSum += trade.quantity;
    } else {
      this.bought[slot] += trade.quantity;
      this.boughtSum += trade.quantity;
    }
    this.trades[slot]++;
    this.tradeSum++;
    if (Number.isNaN(this.firstTimeMs)) this.firstTimeMs = timeMs;
    this.publish();
  }

  /**
   * Moves the window to `timeMs` without a trade.
   * @throws RangeError when that lies before the last time seen
   */
  advance(timeMs: number): void {
    if (!(timeMs >= this.lastTimeMs && timeMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`time ${timeMs} does not follow ${this.lastTimeMs}`);
    }
    this.slideTo(timeMs);
    this.publish();
  }

  private slideTo(timeMs: number): void {
    this.lastTimeMs = timeMs;
    const bucket = Math.floor(timeMs / this.bucketMs);
    const buckets = this.trades.length;
    // After a long pause every bucket is old; clearing each once is enough.
    let next = Math.max(this.bucket + 1, bucket - buckets + 1);
    if (this.bucket === Number.NEGATIVE_INFINITY) next = bucket;
    for (; next <= bucket; next++) this.clear(next % buckets);
    this.bucket = bucket;
  }

  private clear(slot: number): void {
    this.boughtSum -= this.bought[slot];
    this.soldSum -= this.sold[slot];
    this.tradeSum -= this.trades[slot];
    this.bought[slot] = 0;
    this.sold[slot] = 0;
    this.trades[slot] = 0;
    if (slot === 0) this.sumExactly();
  }

  /** Once a turn, so that adding and taking away leaves no rest in a quiet window. */
  private sumExactly(): void {
    let bought = 0;
    let sold = 0;
    for (let i = 0; i < this.trades.length; i++) {
      bought += this.bought[i];
      sold += this.sold[i];
    }
    this.boughtSum = bought;
    this.soldSum = sold;
  }

  private publish(): void {
    if (!(this.lastTimeMs - this.firstTimeMs >= this.windowMs)) return;
    const total = this.tradeSum > 0 ? this.boughtSum + this.soldSum : 0;
    const seconds = this.windowMs / 1000;
    this.tradesPerSecond = this.tradeSum / seconds;
    this.quantityPerSecond = total / seconds;
    this.meanTradeQuantity = this.tradeSum > 0 ? total / this.tradeSum : Number.NaN;
    const net = (this.boughtSum - this.soldSum) / total;
    this.value = total > 0 ? Math.max(-1, Math.min(1, net)) : Number.NaN;
  }
}
