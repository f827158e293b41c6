import { type BarRow, type Bars, emptyBarRow, readBarInto } from '../data/bars/bars.ts';

export interface Fed {
  update(bar: BarRow): unknown;
}

/** As the runner does: one bar object, filled anew for each bar. */
export function feed(bars: Bars, indicators: readonly { update(bar: never): unknown }[]): void {
  const bar = emptyBarRow();
  const fed = indicators as readonly Fed[];
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    for (let k = 0; k < fed.length; k++) fed[k].update(bar);
  }
}
