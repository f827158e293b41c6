import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { FactorClusters } from './factor-clusters.ts';

export type FactorCluster = 'worst' | 'average' | 'best';

const CLUSTERS: readonly FactorCluster[] = ['worst', 'average', 'best'];

export interface SuperTrendAiOptions {
  /** Default 10. */
  atrLength?: number;
  /** Factors factorMin, factorMin + factorStep, ... up to factorMax. Defaults 1, 3, 0.5. */
  factorMin?: number;
  factorMax?: number;
  factorStep?: number;
  /** Memory of the performance average in bars, alpha = 2 / (memory + 1). Default 10. */
  memory?: number;
  /** Which cluster of factors is followed. Default best. */
  cluster?: FactorCluster;
  /** Bound of the clustering; normal bars need at most 6 passes. Default 1000. */
  iterationsMax?: number;
}

/**
 * SuperTrend AI (equivalent of the openly published LuxAlgo indicator; rules in
 * `indicators-open.md`, section 2, equal to its golden values): one SuperTrend per factor, each
 * rated by a running average of the price moves it was on the right side of; the ratings are
 * grouped into three clusters on every bar, and the mean factor of the chosen one drives a trailing
 * stop and an adaptive average of it.
 *
 * Prices in quote currency. First values at bar index `atrLength` - 1 at the earliest; with `best`
 * and `average` only once the ratings first split (bar 16 on real data). A late start equals a full
 * run after about 130 bars. O(factors) a bar. One departure: where the market has been so flat that
 * the rating has no scale (0 / 0), the published average is lost for good, here it stands still.
 */
export class SuperTrendAi implements Indicator {
  declare readonly warmUpBars: number;
  declare readonly factors: Float64Array;
  /** Per factor: running rating, trend (0 / 1) and band in force. */
  declare readonly performance: Float64Array;
  declare readonly trend: Uint8Array;
  declare readonly out: Float64Array;
  declare readonly clusters: FactorClusters;
  declare readonly atr: Atr;
  /** Mean factor of the followed cluster; the one before while that cluster is empty. */
  declare targetFactor: number;
  /** Rating of the followed cluster over the mean absolute move, at least 0. */
  declare performanceIndex: number;
  /** Adaptive average of the stop. */
  declare performanceAma: number;
  declare upper: number;
  declare lower: number;
  /** Trailing stop: `lower` in an up-trend, else `upper`. */
  declare stop: number;
  /** 1 up, 0 down; 0 before the first value. */
  declare side: number;
  /** 1 on the bar that turns the side. */
  declare buy: number;
  declare sell: number;
  /** Mean absolute move of the close, the scale of the performance index. */
  declare readonly scale: Ema;
  declare private readonly upperBands: Float64Array;
  declare private readonly lowerBands: Float64Array;
  declare private readonly alpha: number;
  declare private readonly followed: number;
  declare private readonly pick: Float64Array;
  declare private targetMembers: number;
  declare private previousClose: number;
  declare private lastTime: number;

  /** @throws RangeError for factors, memory, cluster or lengths that make no sense */
  constructor(options: SuperTrendAiOptions = {}) {
    const { factorMin = 1, factorMax = 3, factorStep = 0.5, memory = 10 } = options;
    if (!(factorMin > 0) || !(factorMax >= factorMin) || !(factorStep > 0)) {
      throw new RangeError(`factors from ${factorMin} to ${factorMax} by ${factorStep}`);
    }
    if (!(memory >= 2)) throw new RangeError(`memory must be at least 2: ${memory}`);
    const count = Math.trunc((factorMax - factorMin) / factorStep) + 1;
    if (count > 31) throw new RangeError(`at most 31 factors, got ${count}`);
    this.followed = CLUSTERS.indexOf(options.cluster ?? 'best');
    if (this.followed < 0) throw new RangeError(`unknown cluster "${options.cluster}"`);
    this.factors = Float64Array.from({ length: count }, (_, i) => factorMin + i * factorStep);
    this.performance = new Float64Array(count);
    this.trend = new Uint8Array(count);
    this.out = new Float64Array(count).fill(Number.NaN);
    this.clusters = new FactorClusters(count, (options.iterationsMax ?? 1000) + 1);
    this.atr = new Atr(options.atrLength ?? 10);
    this.warmUpBars = this.atr.length;
    this.targetFactor = Number.NaN;
    this.performanceIndex = Number.NaN;
    this.performanceAma = Number.NaN;
    this.upper = Number.NaN;
    this.lower = Number.NaN;
    this.stop = Number.NaN;
    this.side = 0;
    this.buy = 0;
    this.sell = 0;
    this.scale = new Ema(Math.trunc(memory));
    this.upperBands = new Float64Array(count).fill(Number.NaN);
    this.lowerBands = new Float64Array(count).fill(Number.NaN);
    this.alpha = 2 / (memory + 1);
    this.pick = new Float64Array(2);
    this.targetMembers = 0;
    this.previousClose = Number.NaN;
    this.lastTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError for a bar that is not finite or not after the one before */
  update(bar: Bar): void {
    const first = this.lastTime === Number.NEGATIVE_INFINITY;
    this.lastTime = checkedTime(bar, this.lastTime);
    if (first) this.start(bar);
    this.atr.update(bar.high, bar.low, bar.close);
    this.rateFactors(bar);
    this.clusters.update(this.performance);
    this.choose();
    this.trail(bar);
    this.previousClose = bar.close;
  }

  private start(bar: Bar): void {
    const middle = (bar.high + bar.low) / 2;
    this.upperBands.fill(middle);
    this.lowerBands.fill(middle);
  }

  // These take the bar instead of numbers: a number handed to a call that is not inlined is boxed.
  private rateFactors(bar: Bar): void {
    const { factors, upperBands, lowerBands, trend, out, performance, alpha, pick } = this;
    const { close } = bar;
    const before = this.previousClose;
    const middle = (bar.high + bar.low) / 2;
    const atr = this.atr.value;
    // NaN on the first bar, which the scale ignores.
    const change = close - before;
    this.scale.update(Math.abs(change));
    const move = Number.isNaN(change) ? 0 : change;
    for (let i = 0; i < factors.length; i++) {
      const offset = factors[i] * atr;
      let upper = upperBands[i];
      let lower = lowerBands[i];
      // The trend is judged by the bands of the bar before, the rating by its output.
      if (close > upper) trend[i] = 1;
      else if (close < lower) trend[i] = 0;
      const raised = middle + offset;
      const lowered = middle - offset;
      // Whether a band is kept cannot be predicted: picked by index, not by branch (15 ns a bar).
      pick[0] = raised;
      pick[1] = upper;
      upper = pick[Number(before < upper) & Number(upper < raised)];
      pick[0] = lowered;
      pick[1] = lower;
      lower = pick[Number(before > lower) & Number(lower > lowered)];
      upperBands[i] = upper;
      lowerBands[i] = lower;
      const side = before > out[i] ? move : before < out[i] ? -move : 0;
      performance[i] += alpha * (side - performance[i]);
      out[i] = trend[i] === 1 ? lower : upper;
    }
  }

  private choose(): void {
    const { clusters, followed } = this;
    const members = clusters.members[followed];
    let rating = 0;
    if (members !== 0) {
      if (members !== this.targetMembers) this.meanFactor(members);
      rating = clusters.means[followed];
    }
    this.performanceIndex = (rating > 0 ? rating : 0) / this.scale.value;
  }

  private meanFactor(members: number): void {
    let sum = 0;
    for (let i = 0; i < this.factors.length; i++) {
      if (((members >> i) & 1) === 1) sum += this.factors[i];
    }
    this.targetMembers = members;
    this.targetFactor = sum / this.clusters.counts[this.followed];
  }

  private trail(bar: Bar): void {
    const { close } = bar;
    const before = this.previousClose;
    const middle = (bar.high + bar.low) / 2;
    const offset = this.targetFactor * this.atr.value;
    const raised = middle + offset;
    const lowered = middle - offset;
    this.upper = before < this.upper && this.upper < raised ? this.upper : raised;
    this.lower = before > this.lower && this.lower > lowered ? this.lower : lowered;
    const sideBefore = this.side;
    if (close > this.upper) this.side = 1;
    else if (close < this.lower) this.side = 0;
    this.buy = this.side > sideBefore ? 1 : 0;
    this.sell = this.side < sideBefore ? 1 : 0;
    const hadStop = !Number.isNaN(this.stop);
    this.stop = this.side === 1 ? this.lower : this.upper;
    if (!hadStop) this.performanceAma = this.stop;
    else if (Number.isFinite(this.performanceIndex)) {
      this.performanceAma += this.performanceIndex * (this.stop - this.performanceAma);
    }
  }
}
