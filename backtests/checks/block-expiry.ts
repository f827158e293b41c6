import { type Bars, emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import { SIGNAL_PRESETS } from '../../strategy/presets/signal-presets.ts';
import { measureWarmUp } from './warm-up.ts';
import { TAG_OUTPUTS, watchTags } from './warm-up-subjects.ts';

/** Bars after which blocks expire, 0 = never, in the order of the table. */
export const EXPIRIES: readonly number[] = [0, 5_000, 3_000, 2_000, 1_000, 300];

/** What `sequence` gives when blocks live for `maxAgeBars`. */
export interface ExpiryResult {
  maxAgeBars: number;
  /** Bars on which a qualified block of a side is tapped, both sides added up. */
  hits: number;
  alerts: number;
  entries: number;
  /** Bars after which late starts show the same hits; NaN when they never do. */
  warmUpBars: number;
}

/** What an end of blocks costs in signals and saves in history; one full run an expiry. */
export function measureExpiries(
  bars: Bars,
  options: { tickSize: number; starts: readonly number[]; bars: number },
): ExpiryResult[] {
  const { tickSize, starts } = options;
  return EXPIRIES.map((maxAgeBars) => {
    const signal = { ...SIGNAL_PRESETS.sequence, obMaxAgeBars: maxAgeBars };
    const open = () => watchTags(signal, bars, tickSize);
    const sums = columnSums(bars, open());
    const needed = measureWarmUp(bars, { open, starts, bars: options.bars }).filter((column) =>
      /^OB_.*_HIT$/.test(column.column),
    );
    const sum = (...names: string[]) =>
      names.reduce((total, name) => total + sums[TAG_OUTPUTS.indexOf(name)], 0);
    return {
      maxAgeBars,
      hits: sum('OB_DEMAND_HIT', 'OB_SUPPLY_HIT'),
      alerts: sum('alertLong', 'alertShort'),
      entries: sum('entryLong', 'entryShort'),
      warmUpBars: needed.some((one) => one.isOpen)
        ? Number.NaN
        : Math.max(...needed.map((one) => one.bars)),
    };
  });
}

/** A Markdown table; the expiry of the traded presets is marked. */
export function expiryTable(results: readonly ExpiryResult[]): string {
  const chosen = SIGNAL_PRESETS.sequence.obMaxAgeBars;
  const lines = results.map((result) => {
    const { maxAgeBars, hits, alerts, entries, warmUpBars } = result;
    const age = maxAgeBars === 0 ? 'never' : String(maxAgeBars);
    const needed = Number.isNaN(warmUpBars) ? 'never' : String(warmUpBars);
    const mark = maxAgeBars === chosen ? ' (chosen)' : '';
    return `| ${age}${mark} | ${hits} | ${alerts} | ${entries} | ${needed} |`;
  });
  return [
    '| blocks expire after | hits of blocks | alerts | entries | bars needed by OB_*_HIT |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function columnSums(bars: Bars, run: ReturnType<typeof watchTags>): Float64Array {
  const row = new Float64Array(run.columns.length);
  const sums = new Float64Array(run.columns.length);
  const bar = emptyBarRow();
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    run.update(bar, row);
    for (let c = 0; c < row.length; c++) if (row[c] === 1) sums[c]++;
  }
  return sums;
}
