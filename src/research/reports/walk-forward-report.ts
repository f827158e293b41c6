import type { Assessment } from '../statistics/assess-trials.ts';
import {
  PROFIT_FACTOR_TARGET,
  type WalkForward,
  type WalkForwardSlice,
} from '../walk-forward/walk-forward.ts';
import { day, fixed, percent, range, type Section } from './research-document.ts';

/** Sections of one walk-forward. */
export function walkForwardSections(walk: WalkForward): Section[] {
  const name = `Walk-forward ${walk.trainDays} d train, ${walk.testDays} d test`;
  const days = walk.slices.length * walk.testDays;
  const why = walk.why.length > 0 ? `: ${walk.why.join('; ')}` : '';
  return [
    {
      heading: name,
      verdict: `${walk.verdict}${why}`,
      paragraphs: [
        `Out of sample, after all costs: ${percent(walk.returnFraction)} in ${days} days, ` +
          `largest drawdown ${percent(walk.maxDrawdown)}, ${walk.trades.length} trades, ` +
          `${fixed(walk.meanR, 3)} R a trade (95 %: ${range(walk.meanRInterval)}).`,
        `Profit factor ${fixed(walk.profitFactor, 2)} (95 %: ${range(walk.profitFactorInterval)}), ` +
          `target ${PROFIT_FACTOR_TARGET.toFixed(1)}. Each choice read ` +
          `${walk.slices[0]?.choice.trials ?? 0} trials (${walk.optimiser}).`,
      ],
      tables: [
        {
          head: [
            'test from',
            'to',
            'train trades',
            'train PF',
            'chosen of',
            'test trades',
            'test PF',
            'mean R',
            'return',
          ],
          rows: walk.slices.map(sliceRow),
        },
      ],
      charts: [
        {
          title: 'out-of-sample equity, start = 1',
          lines: [
            {
              name: 'equity',
              points: walk.equity.map(({ atMs, equity }) => ({ x: atMs, y: equity })),
            },
          ],
          formatX: day,
          formatY: (y) => fixed(y, 4),
        },
      ],
    },
    stabilitySection(walk),
  ];
}

function sliceRow(slice: WalkForwardSlice): string[] {
  const { choice, test } = slice;
  return [
    day(test.fromMs),
    day(test.toMs),
    String(choice.trades),
    slice.isInsufficient ? 'INSUFFICIENT' : fixed(choice.profitFactor, 2),
    slice.isInsufficient
      ? `none: the preset (of ${choice.trials})`
      : `${choice.judged} of ${choice.trials}${choice.isFeasible ? '' : ', none under 8 % drawdown'}`,
    String(slice.trades),
    `${fixed(slice.profitFactor, 2)}${slice.trades < 100 ? ' INSUFFICIENT' : ''}`,
    fixed(slice.meanR, 3),
    percent(slice.returnFraction, 2),
  ];
}

function stabilitySection(walk: WalkForward): Section {
  if (walk.stability.length === 0) {
    return {
      heading: 'Stability of what was chosen',
      paragraphs: ['No window had enough trades to choose anything.'],
    };
  }
  return {
    heading: 'Stability of what was chosen',
    paragraphs: [
      'Share of windows that chose the most frequent value. A value that changes with every window ' +
        'fits noise.',
    ],
    tables: [
      {
        head: ['setting', 'share', 'values'],
        rows: walk.stability.map(({ path, share, chosen }) => [
          path,
          percent(share, 0),
          chosen.map(({ value, count }) => `${count} x ${value || '(empty)'}`).join('; '),
        ]),
      },
    ],
  };
}

/** How much of the search's best is luck. */
export function assessmentSection(assessment: Assessment): Section {
  const { best, pbo, superior } = assessment;
  const rows: string[][] = [
    ['trials in this search', String(assessment.trials)],
    ['trials worth counting (correlation < 0.5)', String(assessment.independent)],
    ['trials ever spent on this data', String(assessment.everLookedAt)],
    ['days', String(assessment.days)],
    ['probability of overfitting (noise: 0.5)', fixed(pbo?.pbo, 2)],
    ['chance that the best of one half loses in the other', percent(pbo?.lossProbability, 0)],
    ['trials that sat out of a split', percent(pbo?.excludedShare, 0)],
    [
      'SPA p-value, benchmark: zero net',
      `${fixed(superior.pValue, 3)} (${superior.trials} trials, ${superior.dropped} dropped)`,
    ],
    ['reality check p-value', fixed(superior.pRealityCheck, 3)],
  ];
  if (best !== undefined) {
    rows.push(
      ['best trial: Sharpe ratio a day (a year)', sharpeText(best.sharpe)],
      ['best trial: trades, R a day', `${best.trades}, ${fixed(best.meanDayR, 3)}`],
      ['Sharpe ratio that luck alone would show', sharpeText(best.luckySharpe)],
      ['probabilistic Sharpe ratio (as if the only trial)', fixed(best.probabilistic, 3)],
      [
        'deflated Sharpe ratio, N = all trials / independent',
        `${fixed(best.deflated, 3)} / ${fixed(best.deflatedIndependent, 3)}`,
      ],
      ['minimum track record', trackRecord(best.trackRecordDays)],
    );
  }
  return {
    heading: 'How much of the best is luck',
    verdict: verdict(assessment),
    paragraphs: assessment.refusals.map((text) => `INSUFFICIENT: ${text}.`),
    tables: [{ head: ['measure', 'value'], rows }],
  };
}

function verdict({ best, superior }: Assessment): string {
  const p = superior.pValue;
  if (p === undefined || best === undefined) return 'INSUFFICIENT: too few results to judge';
  const isReal = p < 0.05 && (best.deflated ?? 0) > 0.95;
  return isReal
    ? 'The best trial is better than luck (SPA p < 0.05 and deflated Sharpe > 0.95)'
    : 'Nothing here is better than luck';
}

function sharpeText(daily: number): string {
  return `${fixed(daily, 3)} (${fixed(daily * Math.sqrt(365), 2)})`;
}

function trackRecord(days: number | 'never'): string {
  return days === 'never' ? 'never: the Sharpe ratio is not above zero' : `${Math.ceil(days)} days`;
}
