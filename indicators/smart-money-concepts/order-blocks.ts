import type { SmcEventSink } from './event-sink.ts';

/** What one structure keeps at most; the oldest leaves first. */
export const BLOCKS_MAX = 100;

export interface OrderBlocksOptions {
  /** First digit group of the event codes: 30 internal, 40 swing. */
  codeBase: 30 | 40;
  /**
   * true: blocks of tall origin bars stay stored upside down, and a removal hides the next older
   * block from the check of that bar, as in the published script. false: sorted edges, plain removal.
   */
  pineCompat: boolean;
  /** Bars after its creation at which a block expires; 0 = never. */
  maxAgeBars: number;
}

/**
 * The live order blocks of one structure, oldest first: place `count - 1` is the newest. A bullish
 * block is mitigated when price trades (or closes) below its low, a bearish one above its high:
 * wholly broken, not touched. Bounds of the nearest edges make the usual bar O(1); a walk of the
 * list happens only on bars that mitigate something.
 */
export class OrderBlocks {
  count: number;
  readonly high: Float64Array;
  readonly low: Float64Array;
  /** +1 bullish (demand), -1 bearish (supply). */
  readonly bias: Int32Array;
  readonly originBar: Float64Array;
  readonly originTime: Float64Array;
  readonly createdBar: Float64Array;
  /** Running number of the block within this structure, never reused. */
  readonly id: Float64Array;
  /** Blocks ever created. */
  created: number;
  /** On the last bar: created +1 / -1 / 0, and how many of each side were mitigated. */
  createdBias: number;
  bullMitigated: number;
  bearMitigated: number;
  private readonly codeBase: number;
  private readonly pineCompat: boolean;
  private readonly maxAgeBars: number;
  private highestBullLow: number;
  private lowestBearHigh: number;

  constructor(options: OrderBlocksOptions) {
    this.count = 0;
    this.high = new Float64Array(BLOCKS_MAX);
    this.low = new Float64Array(BLOCKS_MAX);
    this.bias = new Int32Array(BLOCKS_MAX);
    this.originBar = new Float64Array(BLOCKS_MAX);
    this.originTime = new Float64Array(BLOCKS_MAX);
    this.createdBar = new Float64Array(BLOCKS_MAX);
    this.id = new Float64Array(BLOCKS_MAX);
    this.created = 0;
    this.createdBias = 0;
    this.bullMitigated = 0;
    this.bearMitigated = 0;
    this.codeBase = options.codeBase;
    this.pineCompat = options.pineCompat;
    this.maxAgeBars = options.maxAgeBars;
    this.highestBullLow = Number.NEGATIVE_INFINITY;
    this.lowestBearHigh = Number.POSITIVE_INFINITY;
  }

  /** To be called first on each bar. */
  startBar(): void {
    this.createdBias = 0;
    this.bullMitigated = 0;
    this.bearMitigated = 0;
  }

  /** Stores a block of the bar `originBar`; `high` < `low` where that bar was tall. */
  create(
    block: { bias: number; high: number; low: number; originBar: number; originTime: number },
    bar: number,
    events: SmcEventSink | null,
  ): void {
    const { bias, originBar, originTime } = block;
    let { high, low } = block;
    if (!this.pineCompat && high < low) {
      high = block.low;
      low = block.high;
    }
    if (this.count === BLOCKS_MAX) {
      if (events !== null) this.tell(events, this.codeBase + 29, 0, BLOCKS_MAX - 1);
      this.remove(0);
    }
    const at = this.count++;
    this.high[at] = high;
    this.low[at] = low;
    this.bias[at] = bias;
    this.originBar[at] = originBar;
    this.originTime[at] = originTime;
    this.createdBar[at] = bar;
    this.id[at] = this.created++;
    this.createdBias = bias;
    if (bias === 1) this.highestBullLow = Math.max(this.highestBullLow, low);
    else this.lowestBearHigh = Math.min(this.lowestBearHigh, high);
    if (events !== null) {
      events.event(this.codeBase + (bias === 1 ? 1 : 2), high, low, originBar, originTime);
    }
  }

  /** Removes what price broke: `bullSource` below a bullish low, `bearSource` above a bearish high. */
  mitigate(bullSource: number, bearSource: number, events: SmcEventSink | null): void {
    if (!(bullSource < this.highestBullLow) && !(bearSource > this.lowestBearHigh)) return;
    let place = 0;
    for (let at = this.count - 1; at >= 0; at--) {
      const bull = this.bias[at] === 1;
      if (bull ? bullSource < this.low[at] : bearSource > this.high[at]) {
        if (events !== null) this.tell(events, this.codeBase + (bull ? 21 : 22), at, place);
        if (bull) this.bullMitigated++;
        else this.bearMitigated++;
        this.remove(at);
        // The published walk counts upwards while the list shrinks: the next block is passed over.
        if (this.pineCompat) at--;
        else place--;
      }
      place++;
    }
    this.measureBounds();
  }

  /** Drops blocks created more than `maxAgeBars` bars before `bar`. */
  expire(bar: number, events: SmcEventSink | null): void {
    if (this.maxAgeBars === 0) return;
    let removed = false;
    while (this.count > 0 && bar - this.createdBar[0] > this.maxAgeBars) {
      if (events !== null) {
        this.tell(events, this.codeBase + (this.bias[0] === 1 ? 25 : 26), 0, this.count - 1);
      }
      this.remove(0);
      removed = true;
    }
    if (removed) this.measureBounds();
  }

  private remove(at: number): void {
    this.high.copyWithin(at, at + 1, this.count);
    this.low.copyWithin(at, at + 1, this.count);
    this.bias.copyWithin(at, at + 1, this.count);
    this.originBar.copyWithin(at, at + 1, this.count);
    this.originTime.copyWithin(at, at + 1, this.count);
    this.createdBar.copyWithin(at, at + 1, this.count);
    this.id.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  private measureBounds(): void {
    let highestBullLow = Number.NEGATIVE_INFINITY;
    let lowestBearHigh = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.count; at++) {
      if (this.bias[at] === 1) {
        if (this.low[at] > highestBullLow) highestBullLow = this.low[at];
      } else if (this.high[at] < lowestBearHigh) lowestBearHigh = this.high[at];
    }
    this.highestBullLow = highestBullLow;
    this.lowestBearHigh = lowestBearHigh;
  }

  private tell(events: SmcEventSink, code: number, at: number, place: number): void {
    events.event(code, this.high[at], this.low[at], place, this.originTime[at]);
  }
}
