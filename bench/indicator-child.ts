import { sliceBars } from '../data/bars/bars.ts';
import { INDICATOR_CASES } from './indicator-table.ts';
import { measure } from './measure.ts';
import { SampleFolder } from './sample-folder.ts';

/** Nanoseconds a bar of the best run, by who computed it; what nobody has is left out. */
export interface IndicatorResult {
  own: number;
  signals?: number;
  technical?: number;
  loop?: number;
  /** Bytes that stay after a million bars more, garbage collected; own code only. */
  heapGrowth: number;
}

const WHO = ['own', 'signals', 'technical', 'loop'] as const;
const MILLION = 1_000_000;
/** The others allocate on every value: a part of the bars is enough to see their speed. */
const BARS_MAX = 60_000;

// Run by main.ts, one indicator a process.
const [root, name] = process.argv.slice(2);
const found = INDICATOR_CASES.find((each) => each.name === name);
if (found === undefined) throw new RangeError(`no indicator is called "${name}"`);
const all = await new SampleFolder(root).mainBars();
const bars = sliceBars(all, 0, Math.min(BARS_MAX, all.length));
const result: IndicatorResult = { own: 0, heapGrowth: 0 };
for (const who of WHO) {
  const make = found[who];
  if (make === undefined) continue;
  const [measured] = await measure([make(bars)], 7);
  result[who] = (measured.bestS / bars.length) * 1e9;
}
result.heapGrowth = heapGrowth();
process.stdout.write(JSON.stringify(result));

/** Heap after runs over a million bars, against the heap before them. */
function heapGrowth(): number {
  const { gc } = globalThis as { gc?: () => void };
  const run = found?.own(bars);
  if (gc === undefined || run === undefined) return Number.NaN;
  for (let i = 0; i < 3; i++) run();
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let done = 0; done < MILLION; done += bars.length) run();
  gc();
  return process.memoryUsage().heapUsed - before;
}
