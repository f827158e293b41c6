/**
 * K-means with three clusters over the performances of the SuperTrend factors, started afresh on
 * every bar from the 25 / 50 / 75 % percentiles (Hazen positions: p * q - 0.5, clamped, linear
 * between neighbours). Cluster order is centroid order: 0 worst, 1 average, 2 best. Ties go to the
 * lower cluster; an empty cluster stays empty. Cost O(factors) times usually 2-4 passes.
 */
export class FactorClusters {
  /** Cluster of each factor. */
  readonly cluster: Uint8Array;
  /** Members and mean performance of each cluster; the mean of an empty one is NaN. */
  readonly counts: Int32Array;
  readonly means: Float64Array;
  private readonly sorted: Float64Array;
  private readonly passesMax: number;
  /** Lower place and weight of the upper neighbour of each starting percentile. */
  private readonly places: Int32Array;
  private readonly weights: Float64Array;

  constructor(factors: number, passesMax: number) {
    this.cluster = new Uint8Array(factors);
    this.counts = new Int32Array(3);
    this.means = new Float64Array(3).fill(Number.NaN);
    this.sorted = new Float64Array(factors);
    this.passesMax = passesMax;
    this.places = new Int32Array(3);
    this.weights = new Float64Array(3);
    for (let j = 0; j < 3; j++) {
      const position = (0.25 + 0.25 * j) * factors - 0.5;
      const clamped = Math.min(Math.max(position, 0), factors - 1);
      this.places[j] = Math.min(Math.floor(clamped), Math.max(factors - 2, 0));
      this.weights[j] = clamped - this.places[j];
    }
  }

  /** Groups the values; sums run in factor order, so rounding is that of the published script. */
  update(values: Float64Array): void {
    this.sort(values);
    const { cluster, counts, means } = this;
    const factors = values.length;
    let c0 = this.percentile(0);
    let c1 = this.percentile(1);
    let c2 = this.percentile(2);
    let n0 = 0;
    let n1 = 0;
    let n2 = 0;
    for (let pass = 0; pass < this.passesMax; pass++) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      n0 = 0;
      n1 = 0;
      n2 = 0;
      let moved = pass === 0;
      for (let i = 0; i < factors; i++) {
        const x = values[i];
        // The lowest value is always nearest to c0, so c0 is never NaN; a NaN c1 or c2 compares
        // false and is never chosen.
        let nearest = 0;
        let distance = Math.abs(x - c0);
        const d1 = Math.abs(x - c1);
        if (d1 < distance) {
          nearest = 1;
          distance = d1;
        }
        if (Math.abs(x - c2) < distance) nearest = 2;
        if (nearest === 0) {
          s0 += x;
          n0++;
        } else if (nearest === 1) {
          s1 += x;
          n1++;
        } else {
          s2 += x;
          n2++;
        }
        if (cluster[i] !== nearest) {
          cluster[i] = nearest;
          moved = true;
        }
      }
      // The same members have the same means: what follows could not change anything.
      if (!moved) break;
      c0 = s0 / n0;
      c1 = s1 / n1;
      c2 = s2 / n2;
    }
    counts[0] = n0;
    counts[1] = n1;
    counts[2] = n2;
    means[0] = c0;
    means[1] = c1;
    means[2] = c2;
  }

  private percentile(j: number): number {
    const { sorted } = this;
    const place = this.places[j];
    const low = sorted[place];
    const weight = this.weights[j];
    return weight === 0 ? low : low + weight * (sorted[place + 1] - low);
  }

  private sort(values: Float64Array): void {
    const { sorted } = this;
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      let hole = i;
      while (hole > 0 && sorted[hole - 1] > x) {
        sorted[hole] = sorted[hole - 1];
        hole--;
      }
      sorted[hole] = x;
    }
  }
}
