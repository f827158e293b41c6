import { type Bars, copyBarRow } from '../../../data/bars/bars.ts';
import type { LegChart } from '../../../strategy/hedge/hedge-planner.ts';
import { SmcLegChart } from '../../../strategy/hedge/smc-leg-chart.ts';
import type { BarClosed } from '../../engine/event.ts';
import type { Direction } from '../../engine/units.ts';
import { BarCursor } from './bar-cursor.ts';
import { eachSignalBar, emptyBar } from './signal-bars.ts';

/** What the chart of a hedge leg says after each signal bar; no setting changes it. */
export interface LegTape {
  symbol: string;
  timeframeMs: number;
  /** Start of each bar. */
  times: Float64Array;
  atr: Float64Array;
  demandEdge: Float64Array;
  supplyEdge: Float64Array;
}

/** Columns over shared memory: recorded once, read by all workers. */
export function recordLeg(bars: Bars, signalTimeframeMs: number): LegTape {
  const chart = new SmcLegChart({ timeframeMs: signalTimeframeMs });
  const rows: number[][] = [];
  const bar = emptyBar(bars.symbol, signalTimeframeMs);
  eachSignalBar(bars, signalTimeframeMs, (row) => {
    copyBarRow(bar, row);
    chart.onBar(bar);
    rows.push([bar.openTime, chart.atr, chart.opposingEdge(1), chart.opposingEdge(-1)]);
  });
  const column = (which: number) => {
    const out = new Float64Array(new SharedArrayBuffer(rows.length * 8));
    for (let i = 0; i < rows.length; i++) out[i] = rows[i][which];
    return out;
  };
  return {
    symbol: bars.symbol,
    timeframeMs: signalTimeframeMs,
    times: column(0),
    atr: column(1),
    demandEdge: column(2),
    supplyEdge: column(3),
  };
}

/** The chart of a leg, answered from its tape. */
export class TapedLegChart implements LegChart {
  declare private readonly tape: LegTape;
  declare private readonly cursor: BarCursor;

  constructor(tape: LegTape) {
    this.tape = tape;
    this.cursor = new BarCursor(tape.times);
  }

  get atr(): number {
    const { at } = this.cursor;
    return at < 0 ? Number.NaN : this.tape.atr[at];
  }

  onBar(bar: BarClosed): void {
    if (bar.timeframeMs === this.tape.timeframeMs) this.cursor.moveTo(bar.openTime);
  }

  opposingEdge(direction: Direction): number {
    const { at } = this.cursor;
    if (at < 0) return Number.NaN;
    return direction === 1 ? this.tape.demandEdge[at] : this.tape.supplyEdge[at];
  }

  save(): unknown {
    return undefined;
  }

  /** The next bar finds its place by its time. */
  load(): void {}
}
