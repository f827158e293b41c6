import type { Divergences } from './divergences.ts';
import type { Hyperwave } from './hyperwave.ts';
import type { MoneyFlow } from './money-flow.ts';

const MEMORY_BARS = 10;

/**
 * Confluence of Hyperwave and money flow. Zones 0, 1, 2: how many of the two are above 50 (upper)
 * and below 50 (lower). Meter, 0..100: 50 + 10 * (sign of hw - signal, + sign of hw - 50, + sign of
 * flow - 50, + bearish overflow - bullish overflow, + bullish divergence - bearish divergence on
 * any of the last 11 bars).
 *
 * Documented by the original: zones of three shades and the meter's range; the terms of the meter
 * are our design. Warm when Hyperwave and money flow are. O(1).
 */
export class Confluence {
  declare confluenceUpper: number;
  declare confluenceLower: number;
  declare confluenceMeter: number;

  constructor() {
    this.confluenceUpper = Number.NaN;
    this.confluenceLower = Number.NaN;
    this.confluenceMeter = Number.NaN;
  }

  /** After the three were updated with the same bar. */
  update(wave: Hyperwave, flow: MoneyFlow, divergences: Divergences): void {
    const { hw } = wave;
    const { mf } = flow;
    if (Number.isNaN(hw + mf)) return;
    this.confluenceUpper = (hw > 50 ? 1 : 0) + (mf > 50 ? 1 : 0);
    this.confluenceLower = (hw < 50 ? 1 : 0) + (mf < 50 ? 1 : 0);
    const zones = this.confluenceUpper - this.confluenceLower;
    const overflow = flow.bearOverflow - flow.bullOverflow;
    const bull = divergences.barsSinceBull <= MEMORY_BARS ? 1 : 0;
    const bear = divergences.barsSinceBear <= MEMORY_BARS ? 1 : 0;
    const sum = sign(wave.difference) + zones + overflow + bull - bear;
    this.confluenceMeter = 50 + 10 * sum;
  }
}

function sign(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}
