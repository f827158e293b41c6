import type { Bar } from '../indicator.ts';
import type { LegPivots } from '../smart-money-concepts/leg-pivots.ts';
import { TrailingExtremes } from '../smart-money-concepts/trailing-extremes.ts';

/**
 * Premium, equilibrium and discount of the range between the trailing swing extremes T and B:
 * premium bottom = 0.95 T + 0.05 B, equilibrium = the mixes 0.525 / 0.475, discount top = 0.05 T +
 * 0.95 B, in quote currency; NaN until both sides have had a swing pivot. The extreme against the
 * swing trend is the strong one: it held while the other broke.
 */
export class Zones extends TrailingExtremes {
  /** Middle of the range; the rule for DISCOUNT and PREMIUM. */
  get middle(): number {
    return (this.top + this.bottom) / 2;
  }

  /** Before the swing pivots of the bar. */
  startBar(bar: Bar): void {
    this.extend(bar);
  }

  /** After them. */
  updatePivot(swing: LegPivots): void {
    if (swing.confirmed !== 0) this.reset(swing);
  }
}
