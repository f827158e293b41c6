import type { FundingRow } from '../../../backtests/run-options.ts';
import { type Bars, copyBarRow } from '../../../data/bars/bars.ts';
import type { EntrySignal, SignalSource } from '../../../strategy/btc-alpha-hedge/signal-source.ts';
import type { BarClosed } from '../../engine/event.ts';
import type { Direction } from '../../engine/units.ts';
import { BarCursor } from './bar-cursor.ts';
import { eachSignalBar, emptyBar } from './signal-bars.ts';

/** All that a strategy reads from a signal source, bar by bar. */
export interface SignalTape {
  /** Start of each signal bar. */
  times: Float64Array;
  /** When the bar reached the strategy. */
  closes: Float64Array;
  atr: Float64Array;
  trailLong: Float64Array;
  trailShort: Float64Array;
  /** Bit 0: CHoCH against longs, bit 1: against shorts. */
  choch: Uint8Array;
  /** By index of the bar. */
  alerts: ReadonlyMap<number, EntrySignal>;
}

const AGAINST_LONG = 1;
const AGAINST_SHORT = 2;

/** Runs a source once over all bars of its symbol, with funding as it was known at each. */
export function recordSignals(options: {
  source: SignalSource;
  bars: Bars;
  signalTimeframeMs: number;
  funding: readonly FundingRow[];
}): SignalTape {
  const { source, bars, signalTimeframeMs } = options;
  const column = () => new Float64Array(bars.length);
  const tape = {
    times: column(),
    closes: column(),
    atr: column(),
    trailLong: column(),
    trailShort: column(),
    choch: new Uint8Array(bars.length),
  };
  const alerts = new Map<number, EntrySignal>();
  const rates = new KnownFunding(options.funding, bars);
  const bar = emptyBar(bars.symbol, signalTimeframeMs);
  let at = 0;
  eachSignalBar(bars, signalTimeframeMs, (row, closeMs) => {
    copyBarRow(bar, row);
    source.setFunding?.(rates.percent8hAt(closeMs));
    const signal = source.onBar(bar);
    if (signal !== undefined) alerts.set(at, signal);
    tape.times[at] = row.openTime;
    tape.closes[at] = closeMs;
    tape.atr[at] = source.atr;
    tape.trailLong[at] = source.trailPrice(1);
    tape.trailShort[at] = source.trailPrice(-1);
    tape.choch[at] =
      (source.hasOppositeChoch(1) ? AGAINST_LONG : 0) |
      (source.hasOppositeChoch(-1) ? AGAINST_SHORT : 0);
    at++;
  });
  const cut = (each: Float64Array) => each.slice(0, at);
  return {
    times: cut(tape.times),
    closes: cut(tape.closes),
    atr: cut(tape.atr),
    trailLong: cut(tape.trailLong),
    trailShort: cut(tape.trailShort),
    choch: tape.choch.slice(0, at),
    alerts,
  };
}

/** The funding rate as the engine knows it at a bar: the last one settled, per 8 h in percent. */
class KnownFunding {
  declare private readonly rows: readonly FundingRow[];
  private next = 0;
  private percent8h = Number.NaN;

  constructor(funding: readonly FundingRow[], bars: Bars) {
    // The runner knows no mark for a payment before the first close, and leaves it out.
    const firstMs = bars.openTime[0] + bars.timeframeMs;
    this.rows = funding.filter(({ symbol, atMs }) => symbol === bars.symbol && atMs >= firstMs);
  }

  percent8hAt(closeMs: number): number {
    const { rows } = this;
    for (; this.next < rows.length && rows[this.next].atMs <= closeMs; this.next++) {
      const { rate, intervalHours } = rows[this.next];
      this.percent8h = rate * (8 / intervalHours) * 100;
    }
    return this.percent8h;
  }
}

/** A signal source that answers from a tape. */
export class TapedSource implements SignalSource {
  declare private readonly tape: SignalTape;
  declare private readonly cursor: BarCursor;

  constructor(tape: SignalTape) {
    this.tape = tape;
    this.cursor = new BarCursor(tape.times);
  }

  get atr(): number {
    return this.tape.atr[this.cursor.at];
  }

  onBar(bar: BarClosed): EntrySignal | undefined {
    this.cursor.moveTo(bar.openTime);
    return this.tape.alerts.get(this.cursor.at);
  }

  trailPrice(direction: Direction): number {
    const { tape, cursor } = this;
    return direction === 1 ? tape.trailLong[cursor.at] : tape.trailShort[cursor.at];
  }

  hasOppositeChoch(direction: Direction): boolean {
    const flag = direction === 1 ? AGAINST_LONG : AGAINST_SHORT;
    return (this.tape.choch[this.cursor.at] & flag) !== 0;
  }

  save(): unknown {
    return undefined;
  }

  /** The next bar finds its place by its time. */
  load(): void {}
}
