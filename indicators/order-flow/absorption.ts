import { Atr } from '../basic/atr.ts';
import type { Bar, Indicator } from '../indicator.ts';
import { FlowSurge } from './flow-surge.ts';

export interface AbsorptionOptions {
  /** Bars of the average flow. */
  length?: number;
  /** Flow counts as large above this many averages. */
  effortMin?: number;
  /** Price counts as held when it moved the flow's way by at most this many ATRs. */
  resultMax?: number;
  atrLength?: number;
}

/**
 * Effort without result: takers push hard and price does not go their way, so somebody large takes
 * the other side with resting orders.
 * effort = net taker volume / mean |net taker volume| of the bars before, positive = buying;
 * result = (close - open) / ATR of the bars before, in the direction of the flow (negative: price
 * went against the takers);
 * direction = -1 where effort > `effortMin` and result <= `resultMax` (buyers absorbed), +1 where
 * effort < -`effortMin` likewise (sellers absorbed), else 0.
 *
 * Warm-up: max(`length`, `atrLength`) + 1 bars. NaN and 0 where taker volume is missing, and while
 * ATR is 0. The thresholds are ours, no document gives any. Source: Wyckoff's law of effort versus
 * result (the Wyckoff course of 1931), with signed taker volume for effort.
 */
export class Absorption implements Indicator {
  declare readonly effortMin: number;
  declare readonly resultMax: number;
  declare readonly warmUpBars: number;
  declare effort: number;
  declare result: number;
  declare direction: number;
  declare private readonly flow: FlowSurge;
  declare private readonly atr: Atr;

  /** @throws RangeError when a length is not positive and whole or `effortMin` not positive */
  constructor(options: AbsorptionOptions = {}) {
    const { length = 20, effortMin = 2, resultMax = 0.25, atrLength = 14 } = options;
    this.flow = new FlowSurge({ length, multiple: effortMin });
    this.atr = new Atr(atrLength);
    this.effortMin = effortMin;
    this.resultMax = resultMax;
    this.warmUpBars = Math.max(length, atrLength) + 1;
    this.effort = Number.NaN;
    this.result = Number.NaN;
    this.direction = 0;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    const atrBefore = this.atr.value;
    this.flow.update(bar);
    this.atr.update(bar.high, bar.low, bar.close);
    const effort = atrBefore > 0 ? this.flow.ratio : Number.NaN;
    this.effort = effort;
    const move = (bar.close - bar.open) / atrBefore;
    this.result = Number.isNaN(effort) ? Number.NaN : effort < 0 ? 0 - move : move;
    const isAbsorbed = Math.abs(effort) > this.effortMin && this.result <= this.resultMax;
    this.direction = isAbsorbed ? (effort > 0 ? -1 : 1) : 0;
  }
}
