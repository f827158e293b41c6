import { Command } from 'commander';
import { expiryTable, measureExpiries } from '../../backtests/checks/block-expiry.ts';
import { measureWarmUp, type WarmUpOfColumn, worstWarmUp } from '../../backtests/checks/warm-up.ts';
import {
  INDICATOR_SUBJECTS,
  TAG_SUBJECTS,
  type WarmUpSubject,
} from '../../backtests/checks/warm-up-subjects.ts';
import {
  indicatorTable,
  type SubjectWarmUp,
  slowestTag,
  tagTable,
} from '../../backtests/checks/warm-up-table.ts';
import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import { LIVE_HISTORY_BARS, WARM_UP_BARS } from '../../strategy/tags/warm-up.ts';
import { AppError } from '../engine/error.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { instrumentFor } from '../instrument-table.ts';
import { findSection, replaceSection } from './document-section.ts';
import { numberFlag } from './number-flag.ts';

/** Exit code of a missed threshold. */
const THRESHOLD = 5;
const SIGNAL_MS = 3 * MINUTE_MS;
/** A late start is followed over at most this share of its series. */
const FOLLOWED_SHARE = 0.6;
/** Followed over fewer bars nothing can be told from what never converges. */
const FOLLOWED_MIN = 4_500;

interface Flags {
  data: string[];
  bars: string;
  starts: string;
  write?: string;
}

/** One series with its late starts. */
interface Course {
  name: string;
  bars: Bars;
  tickSize: number;
  starts: number[];
  length: number;
}

/** `qcm check warmup`: after how many bars a late start equals the full run. */
export function warmUpCommand(): Command {
  return new Command('warmup')
    .description('after how many bars a late start equals the full run, per indicator and tag')
    .requiredOption('--data <path...>', 'folders of bars; 1m is made 3m, 5m stays')
    .option('--bars <count>', 'most bars for which a late start is followed', '12000')
    .option('--starts <count>', 'late starts a series', '32')
    .option('--write <file>', 'put the tables into this document, between its warmup marks')
    .addHelpText('after', HELP)
    .action((flags: Flags) => warmUp(flags));
}

const HELP = `
A daemon starts with a limited history. This shows how much it needs: late starts all over every
series are compared with the run over everything, each output to 1e-9. What never becomes equal is
listed, and no tag may use it; "no data" is an output that was blank on all bars, as order flow is
where files do not have taker volume. Series under ${FOLLOWED_MIN / FOLLOWED_SHARE} bars are skipped, and named.
Exit code ${THRESHOLD} when a tag needs more than the daemon counts on.

Example (regenerates the tables of docs/FIDELITY.md):
  qcm check warmup --data bars/3m bars/1m bars/5m bars/5m-taker --write docs/FIDELITY.md
`;

async function warmUp(flags: Flags): Promise<void> {
  const most = numberFlag('--bars', flags.bars, { low: FOLLOWED_MIN, isWhole: true });
  const count = numberFlag('--starts', flags.starts, { low: 1, high: 200, isWhole: true });
  if (flags.write !== undefined) findSection(flags.write, 'warmup');
  const { courses, skipped } = await readCourses(flags.data, { most, count });
  for (const text of skipped) process.stderr.write(`SKIPPED: ${text}\n`);
  if (courses.length === 0) {
    throw new AppError(
      'DATA_TOO_SHORT',
      `no series of ${flags.data.join(', ')} is long enough`,
      `at least ${FOLLOWED_MIN / FOLLOWED_SHARE} bars of 3m or coarser are needed`,
    );
  }
  const tags = TAG_SUBJECTS.map((subject) => measure(subject, courses));
  const indicators = INDICATOR_SUBJECTS.map((subject) => measure(subject, courses));
  const longest = courses.reduce((a, b) => (b.bars.length > a.bars.length ? b : a));
  process.stderr.write(`expiry of blocks on ${longest.name} ...\n`);
  const { bars, tickSize, starts, length } = longest;
  const expiries = expiryTable(measureExpiries(bars, { tickSize, starts, bars: length }));
  const slowest = slowestTag(tags);
  const text = [
    verdict(slowest),
    tagTable(tags),
    `Preset \`sequence\` on ${longest.name}, by the expiry of its blocks:`,
    expiries,
    'Indicators as in the catalog, and the columns of `qcm series`, where blocks never expire:',
    indicatorTable(indicators),
    where({ courses, skipped, count }),
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (flags.write !== undefined) replaceSection(flags.write, 'warmup', text);
  if (slowest > WARM_UP_BARS) process.exitCode = THRESHOLD;
}

async function readCourses(
  paths: readonly string[],
  { most, count }: { most: number; count: number },
): Promise<{ courses: Course[]; skipped: string[] }> {
  const courses: Course[] = [];
  const skipped: string[] = [];
  for (const path of paths) {
    const { series } = await loadDataset({ path });
    for (const raw of series) {
      const bars = raw.timeframeMs < SIGNAL_MS ? resampleBars(raw, SIGNAL_MS) : raw;
      const name = `${bars.symbol} ${timeframeName(bars.timeframeMs)} (${bars.length} bars)`;
      const length = Math.min(most, Math.floor(FOLLOWED_SHARE * bars.length));
      if (length < FOLLOWED_MIN) {
        skipped.push(`${name}, too short`);
        continue;
      }
      const tickSize = Number(instrumentFor(bars).spec.tickSize);
      const room = bars.length - length;
      // From early on to the very last place; the first bars would be no late start.
      const starts = Array.from({ length: count }, (_, k) => Math.floor(((k + 1) * room) / count));
      courses.push({ name, bars, tickSize, starts, length });
    }
  }
  return { courses, skipped };
}

function measure(subject: WarmUpSubject, courses: readonly Course[]): SubjectWarmUp {
  process.stderr.write(`${subject.name} ...\n`);
  const all: WarmUpOfColumn[][] = courses.map(({ bars, tickSize, starts, length }) =>
    measureWarmUp(bars, { open: () => subject.open(bars, tickSize), starts, bars: length }),
  );
  return { name: subject.name, columns: worstWarmUp(all) };
}

function verdict(slowest: number): string {
  if (slowest > WARM_UP_BARS) {
    const needed = Number.isFinite(slowest) ? `${slowest} bars` : 'more bars than were followed';
    return `MISSED: a tag needs ${needed}, ${WARM_UP_BARS} are counted on.`;
  }
  return (
    `Tags, alerts and entries need at most ${slowest} bars; ${WARM_UP_BARS} are counted on, and a ` +
    `daemon loads 1.5 x that: ${LIVE_HISTORY_BARS}.`
  );
}

function where(of: {
  courses: readonly Course[];
  skipped: readonly string[];
  count: number;
}): string {
  const names = of.courses.map(({ name, length }) => `${name} over ${length}`).join(', ');
  const left = of.skipped.length === 0 ? '' : ` Left out: ${of.skipped.join('; ')}.`;
  return `Measured on ${names}; ${of.count} late starts each.${left}`;
}
