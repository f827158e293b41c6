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
  declare private mfNow: number;
  declare private fastNow: number;
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
    this.mfNow = Number.NaN;
    this.fastNow = Number.NaN;
    this.isHeavy = false;
    this.previousTypical = Number.NaN;
    this.index = -1;
  }

  update(bar: Bar): void {
    const index = ++this.index;
    this.pushRow(bar, index);
    this.slow.update(this.rows, index);
    this.fast.update(this.rows, index);
    const row = 2 * (index & this.mask);
    this.blends[row] = blend(this.slow.sums);
    this.blends[row + 1] = blend(this.fast.sums);
    this.smoothFlows(index);
    const flow = this.mfNow;
    // Rows before the first full blend count as no excess; they have left the window when warm.
    const isWhole = index >= this.length + this.smooth - 2;
    this.excess[row] = isWhole && flow > 50 ? flow - 50 : 0;
    this.excess[row + 1] = isWhole && flow < 50 ? 50 - flow : 0;
    this.thresholds.update(this.excess, index);
    if (index >= this.warmUpIndex) this.judge();
  }

  private pushRow(bar: Bar, index: number): void {
    const { high, low, close, volume } = bar;
    const { rows, previousTypical } = this;
    const at = 4 * (index & this.mask);
    const typical = (high + low + close) / 3;
    const height = high - low;
    const change = typical - previousTypical;
    const rounding = TIE_SHARE * typical;
    rows[at] = change > rounding ? typical * volume : 0;
    rows[at + 1] = change < 0 - rounding ? typical * volume : 0;
    rows[at + 2] = height > 0 ? ((2 * close - high - low) / height) * volume : 0;
    rows[at + 3] = volume;
    this.previousTypical = typical;
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
    this.mfNow = slow / smooth;
    this.fastNow = fast / smooth;
    this.isHeavy = volume / smooth > this.slow.sums[3] / this.length;
  }

  private judge(): void {
    const { mfNow: flow, fastNow: fast, isHeavy } = this;
    const upper = 50 + this.thresholds.sums[0] / this.length;
    const lower = 50 - this.thresholds.sums[1] / this.length;
    const bull = isHeavy && flow > upper && fast > flow;
    const bear = isHeavy && flow < lower && fast < flow;
    this.mf = flow;
    this.mfFast = fast;
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
  const mfi = flow === 0 ? 50 : (100 * sums[0]) / flow;
  const cmf = sums[3] === 0 ? 0 : sums[2] / sums[3];
  return 0.4 * mfi + 0.6 * (50 + 50 * cmf);
}
