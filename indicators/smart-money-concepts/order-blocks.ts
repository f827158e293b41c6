import type { Bar } from '../indicator.ts';
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
  /** What breaks a block: a close instead of a wick. */
  closeMitigates: boolean;
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
  declare count: number;
  declare readonly high: Float64Array;
  declare readonly low: Float64Array;
  /** +1 bullish (demand), -1 bearish (supply). */
  declare readonly bias: Int32Array;
  declare readonly originBar: Float64Array;
  declare readonly originTime: Float64Array;
  declare readonly createdBar: Float64Array;
  /** Running number of the block within this structure, never reused. */
  declare readonly id: Float64Array;
  /** For the reader, who may write here: 0 on creation, moves with its block. */
  declare readonly mark: Uint8Array;
  /** Blocks ever created. */
  declare created: number;
  /** On the last bar: created +1 / -1 / 0, and how many of each side were mitigated. */
  declare createdBias: number;
  declare bullMitigated: number;
  declare bearMitigated: number;
  declare private readonly codeBase: number;
  declare private readonly pineCompat: boolean;
  declare private readonly closeMitigates: boolean;
  declare private readonly maxAgeBars: number;
  declare private highestBullLow: number;
  declare private lowestBearHigh: number;

  constructor(options: OrderBlocksOptions) {
    this.count = 0;
    this.high = new Float64Array(BLOCKS_MAX);
    this.low = new Float64Array(BLOCKS_MAX);
    this.bias = new Int32Array(BLOCKS_MAX);
    this.originBar = new Float64Array(BLOCKS_MAX);
    this.originTime = new Float64Array(BLOCKS_MAX);
    this.createdBar = new Float64Array(BLOCKS_MAX);
    this.id = new Float64Array(BLOCKS_MAX);
    this.mark = new Uint8Array(BLOCKS_MAX);
    this.created = 0;
    this.createdBias = 0;
    this.bullMitigated = 0;
    this.bearMitigated = 0;
    this.codeBase = options.codeBase;
    this.pineCompat = options.pineCompat;
    this.closeMitigates = options.closeMitigates;
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
    this.mark[at] = 0;
    this.createdBias = bias;
    this.widenBounds(at);
    if (events !== null) {
      events.event(this.codeBase + (bias === 1 ? 1 : 2), high, low, originBar, originTime);
    }
  }

  /** After the creations of the bar: removes what the bar broke, then what is too old. */
  endBar(bar: Bar, index: number, events: SmcEventSink | null): void {
    this.mitigate(bar, events);
    if (this.maxAgeBars !== 0) this.expire(index, events);
  }

  private mitigate(bar: Bar, events: SmcEventSink | null): void {
    const bullSource = this.closeMitigates ? bar.close : bar.low;
    const bearSource = this.closeMitigates ? bar.close : bar.high;
    if (!(bullSource < this.highestBullLow) && !(bearSource > this.lowestBearHigh)) return;
    this.removeBroken(bullSource, bearSource, events);
  }

  private removeBroken(bullSource: number, bearSource: number, events: SmcEventSink | null): void {
    this.highestBullLow = Number.NEGATIVE_INFINITY;
    this.lowestBearHigh = Number.POSITIVE_INFINITY;
    let place = 0;
    for (let at = this.count - 1; at >= 0; at--, place++) {
      const bull = this.bias[at] === 1;
      if (!(bull ? bullSource < this.low[at] : bearSource > this.high[at])) {
        this.widenBounds(at);
        continue;
      }
      if (events !== null) this.tell(events, this.codeBase + (bull ? 21 : 22), at, place);
      if (bull) this.bullMitigated++;
      else this.bearMitigated++;
      this.remove(at);
      // The published walk counts upwards while the list shrinks: the next block is passed over.
      if (this.pineCompat) at--;
      else place--;
      if (this.pineCompat && at >= 0) this.widenBounds(at);
    }
  }

  private expire(bar: number, events: SmcEventSink | null): void {
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
    const { high, low, bias, originBar, originTime, createdBar, id, mark } = this;
    const last = --this.count;
    // Blocks that go are mostly young, so this moves few; a library call each would cost more.
    for (let to = at; to < last; to++) {
      high[to] = high[to + 1];
      low[to] = low[to + 1];
      bias[to] = bias[to + 1];
      originBar[to] = originBar[to + 1];
      originTime[to] = originTime[to + 1];
      createdBar[to] = createdBar[to + 1];
      id[to] = id[to + 1];
      mark[to] = mark[to + 1];
    }
  }

  private measureBounds(): void {
    this.highestBullLow = Number.NEGATIVE_INFINITY;
    this.lowestBearHigh = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.count; at++) this.widenBounds(at);
  }

  private widenBounds(at: number): void {
    if (this.bias[at] === 1) {
      if (this.low[at] > this.highestBullLow) this.highestBullLow = this.low[at];
    } else if (this.high[at] < this.lowestBearHigh) this.lowestBearHigh = this.high[at];
  }

  private tell(events: SmcEventSink, code: number, at: number, place: number): void {
    events.event(code, this.high[at], this.low[at], place, this.originTime[at]);
  }
}
