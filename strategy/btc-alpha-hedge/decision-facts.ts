import { hurstOf } from '../../indicators/regime/hurst-exponent.ts';
import type { BarClosed } from '../../src/engine/event.ts';
import type { Direction } from '../../src/engine/units.ts';

/** What the default Hurst exponent needs, and how far from 0.5 a regime begins. */
const CLOSES = 256;
const BAND = 0.05;
/** Bars over which the volume delta of an entry is taken (overview: "depending on CVD"). */
const CVD_BARS = 5;

/**
 * Facts about the market at a decision that are asked for rarely: kept as raw bars, one store a bar,
 * and worked out when a signal comes. Regime (decision 46) and the volume delta of the last bars.
 */
export class DecisionFacts {
  private readonly closes = new Float64Array(CLOSES).fill(Number.NaN);
  private readonly logs = new Float64Array(CLOSES);
  private readonly deltas = new Float64Array(CVD_BARS).fill(Number.NaN);
  private seen = 0;

  onBar(bar: BarClosed): void {
    this.closes[this.seen % CLOSES] = bar.close;
    this.deltas[this.seen % CVD_BARS] = 2 * bar.takerBuyVolume - bar.volume;
    this.seen++;
  }

  /** Hurst exponent of the last 256 closes (see `HurstExponent`) and its regime in a word. */
  regime(): { hurst: number; regime: string } {
    if (this.seen < CLOSES) return { hurst: Number.NaN, regime: 'unknown' };
    for (let i = 0; i < CLOSES; i++) {
      this.logs[i] = Math.log(this.closes[(this.seen + i) % CLOSES]);
    }
    const hurst = hurstOf(this.logs);
    if (hurst > 0.5 + BAND) return { hurst, regime: 'trending' };
    return { hurst, regime: hurst < 0.5 - BAND ? 'ranging' : 'random' };
  }

  /**
   * Taker bought minus taker sold over the last 5 bars, base asset; NaN while a bar of them has no
   * taker volume: unknown flow is not zero flow.
   */
  cvdChange(): number {
    let sum = 0;
    for (let i = 0; i < CVD_BARS; i++) sum += this.deltas[i];
    return sum;
  }

  /** Whether takers pushed our way; undefined when that is not known. */
  isFlowWith(direction: Direction): boolean | undefined {
    const change = this.cvdChange();
    return Number.isNaN(change) ? undefined : change * direction > 0;
  }

  save(): unknown {
    return { closes: [...this.closes], deltas: [...this.deltas], seen: this.seen };
  }

  load(state: unknown): void {
    const saved = state as { closes: number[]; deltas: number[]; seen: number };
    this.closes.set(saved.closes);
    this.deltas.set(saved.deltas);
    this.seen = saved.seen;
  }
}
