import { checkedLength } from '../basic/length.ts';
import type { Bar } from '../indicator.ts';
import { ringMask, WindowSums } from './window-sums.ts';

const WARM_UP_BARS_MIN = 150;
/**
 * Two typical prices closer than this share are equal: their sums may round apart although the
 * prices add up to the same (a fifth of such bars on SOL at a tick of 0.01). Real changes are at
 * least a third of a tick, thousands of times more.
 */
const TIE_SHARE = 1e-12;

export interface MoneyFlowOptions {
  /** Default 35. The fast flow of the overflow has length / 5. */
  length?: number;
  /** Default 6. */
  smooth?: number;
}

/** Which overflow speaks against a trade: any, or only the one of the trade's own side. */
export type OverflowScope = 'any' | 'sameSide';

/**
 * Smart money flow, 0..100 around 50, with automatic thresholds and overflow.
 *
 * flow = SMA_smooth(0.4 * MFI + 0.6 * (50 + 50 * CMF)) over `length` bars, MFI and CMF as usual,
 * 50 and 0 where there is no volume; upper = 50 + SMA_length(max(flow - 50, 0)), lower mirrored.
 * Bullish overflow while flow > upper, the same flow over round(length / 5) bars is above it, and
 * SMA_smooth(volume) > SMA_length(volume); bearish mirrored (late participants enter).
 *
 * Documented by the original: names, lengths 35 and 6, the meaning of threshold and overflow. The
 * blend has a published fit (correlation 0.871), thresholds a weaker one (0.61), the overflow is
 * our design (active on a tenth of bars a side). First value at bar index 150, or 2 x length +
 * smooth if that is more. Neither price nor volume scale matters. Mirrored prices mirror the CMF
 * part exactly and the MFI part nearly (its weights hold the price). O(smooth) amortised.
 */
export class MoneyFlow {
  declare readonly length: number;
  declare mf: number;
  declare mfUpper: number;
  declare mfLower: number;
  /** 1 while active, else 0; NaN until warm. */
  declare bullOverflow: number;
  declare bearOverflow: number;
  /** Bars in a row it has been active, this one included; 0 while it is not. */
  declare bullOverflowAge: number;
  declare bearOverflowAge: number;
  /** 0 while active, then the bars since; Infinity before the first. */
  declare barsSinceBullOverflow: number;
  declare barsSinceBearOverflow: number;
  /** The fast flow. */
  declare mfFast: number;
  /** Index of the first value. */
  declare readonly warmUpIndex: number;
  declare private readonly smooth: number;
  declare private readonly mask: number;
  /** Rows of risen flow, fallen flow, volume by place in the bar, volume. */
  declare private readonly rows: Float64Array;
  declare private readonly slow: WindowSums;
  declare private readonly fast: WindowSums;
  /** Rows of the slow and the fast blend, to be smoothed. */
  declare private readonly blends: Float64Array;
  /** Rows of the excess above and below 50. */
  declare private readonly excess: Float64Array;
  declare private readonly thresholds: WindowSums;
  /** Both flows before the warm-up too, for the thresholds. */
  declare private flow: number;
  declare private fastFlow: number;
  /** Rows in a row without a move of the typical price, without volume, without excess. */
  declare private stillRows: number;
  declare private emptyRows: number;
  declare private rowsNotAbove: number;
  declare private rowsNotBelow: number;
  declare private isHeavy: boolean;
  declare private previousTypical: number;
  declare private index: number;

  /** @throws RangeError for lengths that are not positive whole numbers */
  constructor(options: MoneyFlowOptions = {}) {
    const { length = 35, smooth = 6 } = options;
    this.length = checkedLength(length);
    this.mf = Number.NaN;
    this.mfUpper = Number.NaN;
    this.mfLower = Number.NaN;
    this.bullOverflow = Number.NaN;
    this.bearOverflow = Number.NaN;
    this.bullOverflowAge = 0;
    this.bearOverflowAge = 0;
    this.barsSinceBullOverflow = Number.POSITIVE_INFINITY;
    this.barsSinceBearOverflow = Number.POSITIVE_INFINITY;
    this.mfFast = Number.NaN;
    this.warmUpIndex = Math.max(WARM_UP_BARS_MIN, 2 * length + checkedLength(smooth));
    this.smooth = smooth;
    const mask = ringMask(Math.max(length, smooth));
    this.mask = mask;
    this.rows = new Float64Array(4 * (mask + 1));
    this.slow = new WindowSums({ channels: 4, length, mask });
    const fastLength = Math.max(1, Math.round(length / 5));
    this.fast = new WindowSums({ channels: 4, length: fastLength, mask });
    this.blends = new Float64Array(2 * (mask + 1));
    this.excess = new Float64Array(2 * (mask + 1));
    this.thresholds = new WindowSums({ channels: 2, length, mask });
    this.flow = Number.NaN;
    this.fastFlow = Number.NaN;
    this.stillRows = 0;
    this.emptyRows = 0;
    this.rowsNotAbove = 0;
    this.rowsNotBelow = 0;
    this.isHeavy = false;
    this.previousTypical = Number.NaN;
    this.index = -1;
  }

  update(bar: Bar): void {
    const index = ++this.index;
    const { rows, slow, fast } = this;
    this.pushRow(bar, index);
    slow.update(rows, index);
    fast.update(rows, index);
    this.clearStill(slow);
    this.clearStill(fast);
    const row = 2 * (index & this.mask);
    this.blends[row] = blend(slow.sums);
    this.blends[row + 1] = blend(fast.sums);
    this.smoothFlows(index);
    this.pushExcess(index);
    if (index >= this.warmUpIndex) this.judge();
  }

  private pushRow(bar: Bar, index: number): void {
    const { high, low, close, volume } = bar;
    const { rows } = this;
    const at = 4 * (index & this.mask);
    const typical = (high + low + close) / 3;
    const height = high - low;
    const change = typical - this.previousTypical;
    const rounding = TIE_SHARE * typical;
    const moved = typical * volume;
    const risen = change > rounding ? moved : 0;
    const fallen = change < 0 - rounding ? moved : 0;
    rows[at] = risen;
    rows[at + 1] = fallen;
    rows[at + 2] = height > 0 ? ((2 * close - high - low) / height) * volume : 0;
    rows[at + 3] = volume;
    this.previousTypical = typical;
    this.stillRows = risen + fallen === 0 ? this.stillRows + 1 : 0;
    this.emptyRows = volume === 0 ? this.emptyRows + 1 : 0;
  }

  /** Adding and subtracting leaves a rest where nothing moved; "no flow" must be exactly 0. */
  private clearStill(window: WindowSums): void {
    if (this.stillRows >= window.length) window.sums[0] = window.sums[1] = 0;
    if (this.emptyRows >= window.length) window.sums[2] = window.sums[3] = 0;
  }

  /** Summed afresh: six equal values must give exactly that value, on which signs of 0 depend. */
  private smoothFlows(index: number): void {
    const { blends, rows, mask, smooth } = this;
    let slow = 0;
    let fast = 0;
    let volume = 0;
    for (let i = index - smooth + 1; i <= index; i++) {
      const row = i & mask;
      slow += blends[2 * row];
      fast += blends[2 * row + 1];
      volume += rows[4 * row + 3];
    }
    this.flow = slow / smooth;
    this.fastFlow = fast / smooth;
    this.isHeavy = volume * this.length > this.slow.sums[3] * smooth;
  }

  private pushExcess(index: number): void {
    const { excess, thresholds, flow } = this;
    const row = 2 * (index & this.mask);
    // Rows before the first full blend count as no excess; they have left the window when warm.
    const isWhole = index >= this.length + this.smooth - 2;
    const above = isWhole && flow > 50 ? flow - 50 : 0;
    const below = isWhole && flow < 50 ? 50 - flow : 0;
    excess[row] = above;
    excess[row + 1] = below;
    thresholds.update(excess, index);
    this.rowsNotAbove = above === 0 ? this.rowsNotAbove + 1 : 0;
    this.rowsNotBelow = below === 0 ? this.rowsNotBelow + 1 : 0;
    if (this.rowsNotAbove >= this.length) thresholds.sums[0] = 0;
    if (this.rowsNotBelow >= this.length) thresholds.sums[1] = 0;
  }

  private judge(): void {
    const { flow, fastFlow, isHeavy } = this;
    const upper = 50 + this.thresholds.sums[0] / this.length;
    const lower = 50 - this.thresholds.sums[1] / this.length;
    const bull = isHeavy && flow > upper && fastFlow > flow;
    const bear = isHeavy && flow < lower && fastFlow < flow;
    this.mf = flow;
    this.mfFast = fastFlow;
    this.mfUpper = upper;
    this.mfLower = lower;
    this.bullOverflow = bull ? 1 : 0;
    this.bearOverflow = bear ? 1 : 0;
    this.bullOverflowAge = bull ? this.bullOverflowAge + 1 : 0;
    this.bearOverflowAge = bear ? this.bearOverflowAge + 1 : 0;
    this.barsSinceBullOverflow = bull ? 0 : this.barsSinceBullOverflow + 1;
    this.barsSinceBearOverflow = bear ? 0 : this.barsSinceBearOverflow + 1;
  }
}

/**
 * The tag NO_OVERFLOW: no overflow that speaks against a trade of this side (+1 long, -1 short).
 * With scope `any` (default of the product) that is either of them, with `sameSide` only the one
 * that would make the entry a late one. False while the flow is not warm.
 */
export function noOverflow(
  flow: { bullOverflow: number; bearOverflow: number },
  of: { side: 1 | -1; scope: OverflowScope },
): boolean {
  const { bullOverflow, bearOverflow } = flow;
  if (of.scope === 'any') return bullOverflow === 0 && bearOverflow === 0;
  return (of.side === 1 ? bullOverflow : bearOverflow) === 0;
}

/** 0.4 * MFI + 0.6 * (50 + 50 * CMF) of the sums of one window. */
function blend(sums: Float64Array): number {
  const flow = sums[0] + sums[1];
  const volume = sums[3];
  // 40 * risen / flow + 30 + 30 * placed / volume over one denominator: a division costs as much as
  // everything else here together.
  if (flow > 0 && volume > 0) {
    return 30 + (40 * sums[0] * volume + 30 * sums[2] * flow) / (flow * volume);
  }
  return volume > 0 ? 50 + 30 * (sums[2] / volume) : 50;
}
