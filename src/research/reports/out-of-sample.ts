import { TRADES_SUFFICIENT } from '../../../backtests/metrics/trade-stats.ts';
import type { Assessment } from '../statistics/assess-trials.ts';
import type { RandomEntryNull } from '../statistics/random-entry-null.ts';
import type { TagSignificance } from '../statistics/tag-significance.ts';
import { PROFIT_FACTOR_TARGET, type WalkForward } from '../walk-forward/walk-forward.ts';
import type { WalkForwardStudy } from '../walk-forward/walk-forward-study.ts';
import { fixed, percent, type ResearchDocument, range, type Section } from './research-document.ts';
import { tagSection } from './routine-report.ts';

/** A walk-forward without its trades and points: plain figures. */
export type WalkFigures = Omit<WalkForward, 'trades' | 'equity' | 'dailyReturns'> & {
  trades: number;
};

/** Walk-forward and overfitting of one preset on one data set; plain data, read back from JSON. */
export interface OutOfSampleRow {
  set: string;
  preset: string;
  /** Days that searches may see. */
  days: number;
  walks: WalkFigures[];
  refused: WalkForwardStudy['refused'];
  assessment: Assessment;
  entries: RandomEntryNull;
  /** Worth of the tags on this set; on the first row of the study only. */
  tags: TagSignificance[] | undefined;
}

export interface OutOfSample {
  command: string;
  codeVersion: string;
  trials: number;
  seed: number;
  rows: OutOfSampleRow[];
}

/** The section of docs/RESULTS.md: every sentence that judges is made from the figures. */
export function outOfSampleDocument(result: OutOfSample): ResearchDocument {
  return {
    title: 'Out of sample',
    label:
      `What a user would have earned who had chosen his settings by the past alone. Written by ` +
      `\`${result.command}\`, code ${result.codeVersion}, seed ${result.seed}.`,
    sections: [
      conclusion(result),
      walkTable(result),
      luckTable(result),
      entriesTable(result),
      ...result.rows
        .filter((row) => row.tags !== undefined)
        .slice(0, 1)
        .map((row) => ({
          ...tagSection(row.tags ?? []),
          heading: `Worth of each tag, ${row.set}`,
        })),
    ],
  };
}

function conclusion({ rows, trials }: OutOfSample): Section {
  const walks = rows.flatMap((row) => row.walks.map((walk) => ({ row, walk })));
  const enough = walks.filter(({ walk }) => walk.verdict !== 'INSUFFICIENT');
  const met = enough.filter(({ walk }) => walk.verdict === 'target met');
  const losing = walks.filter(({ walk }) => walk.returnFraction < 0);
  const many = walks.filter(({ walk }) => walk.trades >= TRADES_SUFFICIENT);
  const sure = many.filter(({ walk }) => (walk.meanRInterval?.high ?? 1) < 0);
  const lucky = rows.filter(({ assessment }) => (assessment.superior.pValue ?? 1) < 0.05);
  const spent = rows.reduce((total, { assessment }) => total + assessment.trials, 0);
  const returns = walks.map(({ walk }) => walk.returnFraction);
  return {
    heading: 'What it says',
    verdict:
      met.length > 0
        ? `The target was met by ${met.map(({ row, walk }) => nameOf(row, walk)).join('; ')}.`
        : `No walk-forward reached a profit factor of ${PROFIT_FACTOR_TARGET} out of sample.`,
    paragraphs: [
      `${losing.length} of ${walks.length} walk-forwards lost money after costs ` +
        `(${percent(Math.min(...returns))} to ${percent(Math.max(...returns))}). Of the ${many.length} with ` +
        `${TRADES_SUFFICIENT} trades or more, the whole interval of the mean trade lies below zero in ` +
        `${sure.length}. ${walks.length - enough.length} are INSUFFICIENT: ` +
        'too few trades to train on or to judge by.',
      lucky.length > 0
        ? `Better than luck at 5 % (SPA): ${lucky.map(({ set, preset }) => `${preset} on ${set}`).join('; ')}.`
        : 'In no data set is the best of all trials better than luck at 5 % (SPA against zero net).',
      `${spent} trials were spent here, ${trials} on each preset and data set: a fixed random design, each ` +
        'point a whole backtest. The last fifth of each set was not looked at.',
    ],
  };
}

function nameOf(row: OutOfSampleRow, walk: WalkFigures): string {
  return `${row.preset} on ${row.set} (${walk.trainDays} d / ${walk.testDays} d)`;
}

function walkTable({ rows }: OutOfSample): Section {
  return {
    heading: 'Walk-forward',
    paragraphs: [
      'Chosen on the train window by the lower bound of the profit factor among trials with a drawdown ' +
        'under 8 % and 100 trades or more, then traded in the test window with all rules and costs; ' +
        `windows move on by the test. Target: a profit factor of ${PROFIT_FACTOR_TARGET}. In brackets: 95 %, by days.`,
    ],
    tables: [
      {
        head: [
          'data',
          'preset',
          'train / test',
          'windows',
          'no choice in',
          'trades',
          'return',
          'days',
          'max DD',
          'mean R',
          'PF',
          'verdict',
        ],
        rows: rows.flatMap((row) => [
          ...row.walks.map((walk) => walkRow(row, walk)),
          ...row.refused.map(({ trainDays, testDays }) => [
            row.set,
            row.preset,
            `${trainDays} d / ${testDays} d`,
            '0',
            ...new Array<string>(7).fill('-'),
            `INSUFFICIENT: ${fixed(row.days, 0)} days are too few`,
          ]),
        ]),
      },
    ],
  };
}

function walkRow(row: OutOfSampleRow, walk: WalkFigures): string[] {
  return [
    row.set,
    row.preset,
    `${walk.trainDays} d / ${walk.testDays} d`,
    String(walk.slices.length),
    String(walk.slices.filter((slice) => slice.isInsufficient).length),
    String(walk.trades),
    percent(walk.returnFraction),
    String(walk.slices.length * walk.testDays),
    percent(walk.maxDrawdown),
    `${fixed(walk.meanR, 3)} (${range(walk.meanRInterval)})`,
    `${fixed(walk.profitFactor, 2)} (${range(walk.profitFactorInterval)})`,
    walk.verdict,
  ];
}

function luckTable({ rows }: OutOfSample): Section {
  return {
    heading: 'How much of the best trial is luck',
    paragraphs: [
      'Daily account-R of every trial over the whole searched span, fixed risk, breakers off. PBO: chance ' +
        'that the best of one half is below the middle in the other (noise: 0.5; it says nothing about ' +
        'earning: where all trials lose, the least bad one may well stay the least bad). DSR: chance that the best ' +
        'Sharpe ratio is above what so many worthless trials would show.',
    ],
    tables: [
      {
        head: [
          'data',
          'preset',
          'trials (independent, ever)',
          'PBO',
          'best loses outside',
          'SPA p (trials in it)',
          'best Sharpe a year',
          'by luck',
          'DSR',
          'min. track record',
        ],
        rows: rows.map(({ set, preset, assessment }) => {
          const { best, pbo, superior } = assessment;
          const yearly = Math.sqrt(365);
          return [
            set,
            preset,
            `${assessment.trials} (${assessment.independent}, ${assessment.everLookedAt})`,
            pbo?.pbo === undefined ? 'INSUFFICIENT' : fixed(pbo.pbo, 2),
            percent(pbo?.lossProbability, 0),
            superior.pValue === undefined
              ? 'INSUFFICIENT'
              : `${fixed(superior.pValue, 3)} (${superior.trials})`,
            best === undefined ? '-' : fixed(best.sharpe * yearly, 2),
            best === undefined ? '-' : fixed(best.luckySharpe * yearly, 2),
            best?.deflated === undefined ? 'INSUFFICIENT' : fixed(best.deflated, 3),
            best?.deflated === undefined ? 'INSUFFICIENT' : trackText(best.trackRecordDays),
          ];
        }),
      },
    ],
  };
}

function trackText(days: number | 'never'): string {
  return days === 'never' ? 'never' : `${Math.ceil(days)} days`;
}

function entriesTable({ rows }: OutOfSample): Section {
  return {
    heading: 'Entries against random ones',
    paragraphs: [
      'The preset without a hedge, and random entries with the same kinds of stop, block, side and hour of ' +
        'the week, both with all costs. p: share of random runs at least as good.',
    ],
    tables: [
      {
        head: ['data', 'preset', 'trades', 'mean R', 'random: runs', 'trades', 'mean R', 'p'],
        rows: rows.map(({ set, preset, entries }) => [
          set,
          preset,
          String(entries.trades),
          fixed(entries.meanR, 3),
          String(entries.nulls.length),
          fixed(entries.nullTrades, 0),
          fixed(entries.nullMeanR, 3),
          entries.trades < TRADES_SUFFICIENT
            ? `${fixed(entries.pValue, 3)} (INSUFFICIENT)`
            : fixed(entries.pValue, 3),
        ]),
      },
    ],
  };
}
