import { Command } from 'commander';
import { countCensus } from '../../backtests/checks/census.ts';
import {
  censusTable,
  type MeasuredSeries,
  NOT_EXPLAINED,
} from '../../backtests/checks/census-table.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { AppError } from '../engine/error.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { instrumentFor } from '../instrument-table.ts';
import { findSection, replaceSection } from './document-section.ts';

/** Exit code of a missed threshold: a rate lies outside of 25 % without a reason. */
const THRESHOLD = 5;
/** The census is of this symbol. */
const ASSET = 'SOLUSDT';
const MINUTES = [3, 5, 15] as const;

interface Flags {
  data: string[];
  write?: string;
}

/** `qcm check census`: how often our events happen, beside published counts of real alerts. */
export function censusCommand(): Command {
  return new Command('census')
    .description('how often our events happen, beside published counts of real alerts')
    .requiredOption('--data <path...>', 'folders of 5m bars (and 3m); the first that has it counts')
    .option('--write <file>', 'put the table into this document, between its census marks')
    .addHelpText('after', HELP)
    .action((flags: Flags) => census(flags));
}

const HELP = `
The census counts alerts of SOLUSDT on 5m and 15m over 52.8 days; ours are rates over all bars
given, and their range over stretches of the same length. 3m stands beside, it has no census.

Example (regenerates the table of docs/FIDELITY.md):
  qcm check census --data bars/5m bars/3m --write docs/FIDELITY.md
`;

async function census(flags: Flags): Promise<void> {
  if (flags.write !== undefined) findSection(flags.write, 'census');
  const measured: MeasuredSeries[] = [];
  const sources: string[] = [];
  for (const path of flags.data) {
    const { series } = await loadDataset({ path });
    for (const bars of series) {
      for (const minutes of MINUTES) {
        const isKnown = measured.some((m) => m.symbol === bars.symbol && m.minutes === minutes);
        if (isKnown || (minutes * MINUTE_MS) % bars.timeframeMs !== 0) continue;
        process.stderr.write(`counting ${bars.symbol} ${minutes}m ...\n`);
        const { tickSize } = instrumentFor(bars).spec;
        const resampled = resampleBars(bars, minutes * MINUTE_MS);
        const counts = countCensus(resampled, Number(tickSize));
        measured.push({ symbol: bars.symbol, minutes, ...counts });
        sources.push(`${bars.symbol} ${minutes}m ${counts.whole.bars} bars`);
      }
    }
  }
  if (!measured.some((series) => series.symbol === ASSET && series.minutes !== 3)) {
    throw new AppError(
      'DATA_SYMBOL',
      `no 5m or 15m bars of ${ASSET} in ${flags.data.join(', ')}`,
      'the census is of that symbol; 1m, 5m or 15m files of it are needed',
    );
  }
  const text = `${censusTable(measured, ASSET)}\n\nMeasured on ${sources.join(', ')}.`;
  process.stdout.write(`${text}\n`);
  if (flags.write !== undefined) replaceSection(flags.write, 'census', text);
  if (text.includes(NOT_EXPLAINED)) process.exitCode = THRESHOLD;
}
