import { Command } from 'commander';
import {
  measureWarmUp,
  type WarmUpOfColumn,
  type Watched,
  worstWarmUp,
} from '../../backtests/checks/warm-up.ts';
import { TagRun } from '../../backtests/series/tags.ts';
import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import { INDICATORS } from '../../indicators/catalog.ts';
import type { IndicatorEntry } from '../../indicators/indicator.ts';
import { SIGNAL_PRESETS, type SignalPresetName } from '../../strategy/presets/signal-presets.ts';
import { CONDITIONS } from '../../strategy/tags/conditions.ts';
import { LIVE_HISTORY_BARS, WARM_UP_BARS } from '../../strategy/tags/warm-up.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { instrumentFor } from '../instrument-table.ts';
import { replaceSection } from './document-section.ts';

/** Exit code of a missed threshold. */
const THRESHOLD = 5;
const SIGNAL_MS = 3 * MINUTE_MS;
const BIAS_MS = 15 * MINUTE_MS;
/** Where late starts begin, as shares of what is left beside their bars; odd on purpose. */
const START_SHARES = [0.171, 0.487, 0.733, 0.997];
const TAG_PRESETS: readonly SignalPresetName[] = ['sequence', 'documents'];

interface Flags {
  data: string[];
  bars: string;
  write?: string;
}

/** What is watched, and under which name it is listed. */
interface Subject {
  name: string;
  open: (bars: Bars, tickSize: number) => Watched;
}

/** `qcm check warmup`: after how many bars a late start equals the full run. */
export function warmUpCommand(): Command {
  return new Command('warmup')
    .description('after how many bars a late start equals the full run, per indicator and tag')
    .requiredOption('--data <path...>', 'folders of bars; 1m is made 3m, 5m stays')
    .option('--bars <count>', 'bars for which each late start is followed', '12000')
    .option('--write <file>', 'put the table into this document, between its warmup marks')
    .addHelpText('after', HELP)
    .action((flags: Flags) => warmUp(flags));
}

const HELP = `
A daemon starts with a limited history. This shows how much it needs: four late starts on every
series are compared with the run over everything, each output to 1e-9. What never becomes equal is
listed, and no tag may use it. Exit code ${THRESHOLD} when a tag needs more than the daemon loads.

Example (regenerates the table of docs/FIDELITY.md):
  qcm check warmup --data bars/3m bars/1m bars/5m --write docs/FIDELITY.md
`;

async function warmUp(flags: Flags): Promise<void> {
  const length = Number(flags.bars);
  const results = new Map<string, WarmUpOfColumn[][]>();
  const sources: string[] = [];
  for (const path of flags.data) {
    const { series } = await loadDataset({ path });
    for (const raw of series) {
      const bars = raw.timeframeMs < SIGNAL_MS ? resampleBars(raw, SIGNAL_MS) : raw;
      const room = bars.length - length;
      const name = `${bars.symbol} ${timeframeName(bars.timeframeMs)}`;
      if (room < 1_000) {
        process.stderr.write(`${name}: SKIPPED, ${bars.length} bars are too few\n`);
        continue;
      }
      const tickSize = Number(instrumentFor(bars).spec.tickSize);
      const starts = START_SHARES.map((share) => Math.floor(share * room));
      for (const subject of SUBJECTS) {
        process.stderr.write(`${name}: ${subject.name} ...\n`);
        const open = () => subject.open(bars, tickSize);
        const measured = measureWarmUp(bars, { open, starts, bars: length });
        results.set(subject.name, [...(results.get(subject.name) ?? []), measured]);
      }
      sources.push(`${name} ${bars.length} bars`);
    }
  }
  report(flags, results, sources);
}

function report(
  flags: Flags,
  results: ReadonlyMap<string, WarmUpOfColumn[][]>,
  sources: readonly string[],
): void {
  const worst = [...results].map(([name, all]) => ({ name, columns: worstWarmUp(all) }));
  const isTag = (name: string) => name.startsWith('tags');
  const most = Math.max(
    ...worst.filter(({ name }) => isTag(name)).flatMap(({ columns }) => columns.map((c) => c.bars)),
  );
  const rows = worst.flatMap(({ name, columns }) => {
    // Every tag has a line of its own, an indicator one for all outputs that converge.
    const shown = isTag(name)
      ? columns
      : [...converged(columns), ...columns.filter((c) => c.isOpen)];
    return shown.map((c) => `| ${name} | ${c.column} | ${c.isOpen ? 'never' : c.bars} |`);
  });
  const verdict =
    most <= WARM_UP_BARS
      ? `Tags, alerts and entries need at most ${most} bars; ${WARM_UP_BARS} are counted on, and a ` +
        `daemon loads 1.5 x that: ${LIVE_HISTORY_BARS}.`
      : `MISSED: a tag needs ${most} bars, ${WARM_UP_BARS} are counted on.`;
  const table = ['| what | output | bars |', '| --- | --- | --- |', ...rows].join('\n');
  const where = `Measured on ${sources.join(', ')}, four late starts each, ${flags.bars} bars long.`;
  const text = `${table}\n\n${verdict}\n\n${where}`;
  process.stdout.write(`${text}\n`);
  if (flags.write !== undefined) replaceSection(flags.write, 'warmup', text);
  if (most > WARM_UP_BARS) process.exitCode = THRESHOLD;
}

/** One line for all that converge, named after the slowest. */
function converged(columns: readonly WarmUpOfColumn[]): WarmUpOfColumn[] {
  const closed = columns.filter((c) => !c.isOpen);
  const slowest = closed.reduce((a, b) => (b.bars > a.bars ? b : a), closed[0]);
  if (slowest === undefined) return [];
  return [{ ...slowest, column: `${closed.length} outputs, slowest ${slowest.column}` }];
}

const SUBJECTS: readonly Subject[] = [
  ...INDICATORS.map((entry) => ({
    name: `${entry.module}/${entry.name}`,
    open: (_: Bars, tickSize: number) => watchIndicator(entry, tickSize),
  })),
  ...TAG_PRESETS.map((preset) => ({
    name: `tags ${preset}`,
    open: (bars: Bars, tickSize: number) => watchTags(preset, bars, tickSize),
  })),
];

function watchIndicator(entry: IndicatorEntry, tickSize: number): Watched {
  const indicator = entry.create(tickSize);
  const { outputs } = entry;
  return {
    columns: outputs.map((output) => output.name),
    update: (bar, row) => {
      indicator.update(bar);
      for (let c = 0; c < outputs.length; c++) row[c] = outputs[c].read(indicator);
    },
  };
}

/** Every condition of a trade preset, with alerts and entries of both sides. */
function watchTags(preset: SignalPresetName, bars: Bars, tickSize: number): Watched {
  const run = new TagRun({
    signal: SIGNAL_PRESETS[preset],
    signalTimeframeMs: bars.timeframeMs,
    biasTimeframeMs: BIAS_MS,
    tickSize,
    allConditions: true,
  });
  const ends = ['alertLong', 'alertShort', 'entryLong', 'entryShort'];
  return {
    columns: [...CONDITIONS, ...ends],
    update: (bar, row) => {
      run.update(bar);
      for (let c = 0; c < CONDITIONS.length; c++) row[c] = run.pipeline.value(c);
      const at = CONDITIONS.length;
      row[at] = run.alertLong === undefined ? 0 : 1;
      row[at + 1] = run.alertShort === undefined ? 0 : 1;
      row[at + 2] = run.alertLong?.hasContext ? 1 : 0;
      row[at + 3] = run.alertShort?.hasContext ? 1 : 0;
    },
  };
}
