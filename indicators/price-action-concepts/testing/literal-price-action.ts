import type { Bar } from '../../indicator.ts';
import type { PriceActionOptions } from '../price-action-concepts.ts';

/**
 * The specification of structure over whole arrays, one row a bar: [kind of bullish break, kind of
 * bearish break, trend]. Slow, and written without the streaming parts.
 */
export function literalStructure(bars: readonly Bar[], length: number): [number, number, number][] {
  return literalBreaks(bars, length).map(({ bull, bear, trend }) => [bull, bear, trend]);
}

interface Break {
  bull: number;
  bear: number;
  trend: number;
  highBar: number;
  lowBar: number;
}

function literalBreaks(bars: readonly Bar[], n: number): Break[] {
  let leg = 0;
  let trend = 0;
  const highs: number[] = [];
  const lows: number[] = [];
  const broken = { high: true, low: true };
  return bars.map(({ close }, t) => {
    if (t >= n) {
      const k = t - n;
      const after = bars.slice(k + 1, t + 1);
      const isHigh = after.every((bar) => bars[k].high > bar.high);
      const isLow = after.every((bar) => bars[k].low < bar.low);
      const next = isHigh ? 0 : isLow ? 1 : leg;
      if (next !== leg && next === 0) highs.unshift(k);
      if (next !== leg && next === 1) lows.unshift(k);
      if (next !== leg) broken[next === 0 ? 'high' : 'low'] = false;
      leg = next;
    }
    const row: Break = { bull: 0, bear: 0, trend, highBar: highs[0] ?? -1, lowBar: lows[0] ?? -1 };
    if (!broken.high && close > bars[highs[0]].high) {
      broken.high = true;
      const isPlus = lows.length > 1 && bars[lows[0]].low > bars[lows[1]].low;
      row.bull = trend === -1 ? (isPlus ? 3 : 2) : 1;
      trend = 1;
    }
    if (!broken.low && close < bars[lows[0]].low) {
      broken.low = true;
      const isPlus = highs.length > 1 && bars[highs[0]].high < bars[highs[1]].high;
      row.bear = trend === 1 ? (isPlus ? 3 : 2) : 1;
      trend = -1;
    }
    row.trend = trend;
    return row;
  });
}

interface LiteralBlock {
  side: number;
  top: number;
  bottom: number;
  originBar: number;
  createdBar: number;
  volume: number;
  dominance: number;
  percentile: number;
}

/** Active blocks after each bar, by the sentences of the specification. Call `at` for every bar. */
export class LiteralBlocks {
  created = 0;
  private readonly bars: readonly Bar[];
  private readonly options: PriceActionOptions;
  private readonly breaks: Break[];
  private active: LiteralBlock[] = [];
  private readonly ever: LiteralBlock[] = [];

  constructor(bars: readonly Bar[], options: PriceActionOptions) {
    this.bars = bars;
    this.options = options;
    this.breaks = literalBreaks(bars, 5);
  }

  at(t: number) {
    const { bars, options, breaks } = this;
    const age = options.obMaxAgeBars ?? 0;
    if (age > 0) this.active = this.active.filter((block) => t - block.createdBar <= age);
    const ended = this.active.filter((block) => this.isEnded(block, bars[t]));
    this.active = this.active.filter((block) => !ended.includes(block));
    const old = [...this.active];
    if (breaks[t].bull > 0) this.create(t, 1, breaks[t].highBar);
    if (breaks[t].bear > 0) this.create(t, -1, breaks[t].lowBar);
    return [1, -1].map((side) => {
      const mine = old.filter((block) => block.side === side);
      const touched = mine.filter((block) => isWithin(block, bars[t]));
      const entered = touched.filter(
        (block) => block.createdBar === t - 1 || !isWithin(block, bars[t - 1]),
      );
      const { low, high, close } = bars[t];
      const pierced = mine.filter(
        ({ top, bottom }) =>
          (side === 1 ? low < bottom : high > top) && close >= bottom && close <= top,
      );
      return {
        blocks: this.active
          .filter((block) => block.side === side)
          .map(({ side: _, percentile, ...rest }) => ({
            ...rest,
            strength: this.strength(rest.volume, side, percentile),
            isTapped: touched.some((block) => block.createdBar === rest.createdBar),
          })),
        mitigated: ended.filter((block) => block.side === side).length,
        within: touched.length > 0 ? 1 : 0,
        entered: entered.length > 0 ? 1 : 0,
        pierced: pierced.length > 0 ? 1 : 0,
      };
    });
  }

  private isEnded({ side, top, bottom }: LiteralBlock, { low, high, close }: Bar): boolean {
    const middle = (top + bottom) / 2;
    switch (this.options.obMitigation) {
      case 'wick':
        return side === 1 ? low < bottom : high > top;
      case 'average':
        return side === 1 ? low < middle : high > middle;
      default:
        return side === 1 ? close < bottom : close > top;
    }
  }

  private create(t: number, side: number, pivot: number): void {
    const { bars, options } = this;
    let origin = pivot;
    for (let i = pivot; i < t; i++) {
      const isFarther =
        side === 1 ? bars[i].low < bars[origin].low : bars[i].high > bars[origin].high;
      if (isFarther) origin = i;
    }
    const end =
      options.obInterval === 'origin'
        ? origin
        : options.obInterval === 'originToPreBreak'
          ? t - 1
          : t;
    const interval = bars.slice(origin, end + 1);
    const volume = interval.reduce((sum, bar) => sum + bar.volume, 0);
    const bought = interval.reduce((sum, bar) => sum + this.bought(bar), 0);
    const sold = volume - bought;
    const { high, low } = bars[origin];
    const pad = high === low ? (options.tickSize ?? 0) : 0;
    const pool = this.ever.filter((block) => block.side === side).slice(-50);
    const notLarger = pool.filter((block) => block.volume <= volume).length;
    const block = {
      side,
      top: side === 1 ? high : high + pad,
      bottom: side === 1 ? low - pad : low,
      originBar: origin,
      createdBar: t,
      volume,
      dominance: volume > 0 ? (100 * (side === 1 ? bought : sold)) / volume : 50,
      percentile: pool.length < 10 ? Number.NaN : (100 * notLarger) / pool.length,
    };
    this.active.push(block);
    this.ever.push(block);
    this.created++;
  }

  private bought({ open, high, low, close, volume, takerBuyVolume }: Bar): number {
    if (this.options.obSplit === 'taker') return takerBuyVolume;
    if (this.options.obSplit === 'clv') {
      return high > low ? (volume * (close - low)) / (high - low) : volume / 2;
    }
    return close > open ? volume : close < open ? 0 : volume / 2;
  }

  private strength(volume: number, side: number, percentile: number): number {
    const rule = this.options.obStrength ?? 'percentile';
    if (rule === 'percentile') return percentile;
    const newest = (of: number) => this.active.filter((block) => block.side === of).slice(-5);
    const shown = rule === 'shareBoth' ? [...newest(1), ...newest(-1)] : newest(side);
    if (rule === 'shareSide' && shown.length < 3) return Number.NaN;
    // Eighths add up without rounding, so the order of the sum does not matter.
    const sum = shown.reduce((total, block) => total + block.volume, 0);
    return sum > 0 ? (100 * volume) / sum : 0;
  }
}

function isWithin({ top, bottom }: LiteralBlock, { low, high }: Bar): boolean {
  return low <= top && high >= bottom;
}
