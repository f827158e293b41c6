import { TRADES_SUFFICIENT } from '../../../backtests/metrics/trade-stats.ts';
import type { RunFigures } from '../monte-carlo/run-figures.ts';
import type { Monthly } from '../routine/monthly.ts';
import type { Quarterly } from '../routine/quarterly.ts';
import type { LegBeta, Review } from '../routine/review.ts';
import type { RandomEntryNull } from '../statistics/random-entry-null.ts';
import { SIDE_TRADES_MIN, type TagSignificance } from '../statistics/tag-significance.ts';
import { day, fixed, percent, range, type Section } from './research-document.ts';
import { marketStressSections, tradeStressSections } from './stress-report.ts';
import { assessmentSection, walkForwardSections } from './walk-forward-report.ts';

/** Recommendation first, evidence after it. */
export function monthlySections(month: Monthly): Section[] {
  return [
    recommendationSection(month),
    ...holdOutSection(month),
    reviewSection(month.reviews),
    ...month.study.walks.flatMap(walkForwardSections),
    ...refusedSection(month),
    ...walkForwardSections(month.live)
      .slice(0, 1)
      .map((section) => ({ ...section, heading: 'The live preset over the same windows' })),
    assessmentSection(month.study.assessment),
    ...tradeStressSections(month.trades),
    ...marketStressSections(month.market),
  ];
}

export function quarterlySections(quarter: Quarterly): Section[] {
  return [
    ...monthlySections(quarter.monthly),
    {
      heading: 'Hedge',
      paragraphs: [
        'The same span under each hedge. A better row is no reason to change by itself: four rows ' +
          'differ by chance.',
      ],
      tables: [
        {
          head: ['hedge', 'trades', 'return', 'max DD', 'mean R', 'PF'],
          rows: quarter.hedges.map(({ mode, figures }) => [
            mode,
            String(figures.trades),
            percent(figures.returnFraction, 2),
            percent(figures.maxDrawdown, 2),
            fixed(figures.meanR, 3),
            fixed(figures.profitFactor, 2),
          ]),
        },
      ],
    },
    betaSection(quarter.betas),
    {
      heading: 'Funding of the last quarter searched',
      paragraphs: ['Per 8 hours, positive: longs pay. The limit of an entry is 6 bps.'],
      tables: [
        {
          head: ['symbol', 'settlements', 'mean bps', 'p95 bps', 'largest bps', 'beyond 6 bps'],
          rows: quarter.funding.map((each) => [
            each.symbol,
            String(each.settlements),
            fixed(each.meanBps, 2),
            fixed(each.p95Bps, 2),
            fixed(each.worstBps, 2),
            percent(each.beyondLimit, 2),
          ]),
        },
      ],
    },
    randomEntrySection(quarter.entries),
    tagSection(quarter.tags),
  ];
}

export function weeklySections(week: { reviews: Review[]; betas: LegBeta[] }): Section[] {
  return [
    reviewSection(week.reviews),
    betaSection(week.betas),
    {
      heading: 'What is not done weekly',
      paragraphs: [
        'The documents ask for new indicator settings every week. A week has a handful of trades: ' +
          'what it chooses is noise. Settings are judged monthly, out of sample (qcm routine monthly). ' +
          'Latency is checked all the time by its guard, and by qcm preflight.',
      ],
    },
  ];
}

function recommendationSection({ recommendation, choice, openings }: Monthly): Section {
  return {
    heading: 'Recommendation',
    verdict: recommendation.text,
    paragraphs: [
      choice.sets === undefined
        ? `The last train window chooses nothing: no trial has 100 trades (most: ${choice.trades}).`
        : `The last train window would choose: ${choice.sets.join(', ')}.`,
      'The last fifth of this data is kept out of every choice and comparison here; only the review of ' +
        `the last days looks at it, and chooses nothing. It was opened for a verdict ${openings} times.`,
    ],
    tables: [
      {
        head: ['needed for a change', 'holds', 'measured'],
        rows: recommendation.criteria.map(({ name, holds, measured }) => [
          name,
          holds ? 'yes' : 'no',
          measured,
        ]),
      },
    ],
  };
}

function holdOutSection({ holdOut, openings }: Monthly): Section[] {
  if (holdOut === undefined) return [];
  const rows: [string, RunFigures | undefined][] = [
    ['the live preset', holdOut.live],
    ['what the last train window chose', holdOut.chosen],
  ];
  return [
    {
      heading: 'The hold-out, opened',
      paragraphs: [
        `${day(holdOut.fromMs)} to ${day(holdOut.toMs)}, opened ${openings} times by now. Each opening ` +
          'makes the next one worth less: once a release.',
      ],
      tables: [
        {
          head: ['', 'trades', 'return', 'max DD', 'mean R', 'PF', ''],
          rows: rows.map(([name, figures]) => [
            name,
            String(figures?.trades ?? '-'),
            percent(figures?.returnFraction, 2),
            percent(figures?.maxDrawdown, 2),
            fixed(figures?.meanR, 3),
            fixed(figures?.profitFactor, 2),
            (figures?.trades ?? 0) < TRADES_SUFFICIENT ? 'INSUFFICIENT' : '',
          ]),
        },
      ],
    },
  ];
}

function refusedSection({ study }: Monthly): Section[] {
  if (study.refused.length === 0) return [];
  return [
    {
      heading: 'Windows that do not fit',
      paragraphs: study.refused.map(({ reason }) => `INSUFFICIENT: ${reason}.`),
    },
  ];
}

export function reviewSection(rows: readonly Review[]): Section {
  return {
    heading: 'The live preset over the last days',
    paragraphs: rows.length === 0 ? ['INSUFFICIENT: the data is shorter than any of them.'] : [],
    tables: [
      {
        head: [
          'days',
          'from',
          'to',
          'trades',
          'alerts a day',
          'wins',
          'PF',
          'mean R (95 %)',
          'return',
          'max DD',
          '',
        ],
        rows: rows.map((each) => [
          String(each.days),
          day(each.fromMs),
          day(each.toMs),
          String(each.trades),
          fixed(each.alertsPerDay, 2),
          percent(each.winRate, 0),
          fixed(each.profitFactor, 2),
          `${fixed(each.meanR, 3)} (${range(each.meanRInterval)})`,
          percent(each.returnFraction, 2),
          percent(each.maxDrawdown, 2),
          each.isInsufficient ? 'INSUFFICIENT' : '',
        ]),
      },
    ],
  };
}

export function betaSection(rows: readonly LegBeta[]): Section {
  return {
    heading: 'Betas of the hedge legs',
    paragraphs:
      rows.length === 0
        ? ['No leg with enough data.']
        : ['Hourly returns against the main symbol; trades use the last hour, this is the drift.'],
    tables: [
      {
        head: ['leg', 'days', 'beta', 'correlation'],
        rows: rows.map(({ symbol, days, beta, correlation }) => [
          symbol,
          String(days),
          fixed(beta, 2),
          fixed(correlation, 2),
        ]),
      },
    ],
  };
}

export function randomEntrySection(entries: RandomEntryNull): Section {
  return {
    heading: 'Entries against random ones',
    verdict:
      entries.pValue === undefined
        ? 'INSUFFICIENT: no trades to compare'
        : entries.pValue < 0.05
          ? `Better than random entries (p ${fixed(entries.pValue, 3)})`
          : `Not better than random entries (p ${fixed(entries.pValue, 3)})`,
    paragraphs: [
      `${entries.trades} trades at ${fixed(entries.meanR, 3)} R, no hedge; ${entries.nulls.length} runs of ` +
        `random entries with the same kinds of stop, block, side and hour of the week: ` +
        `${fixed(entries.nullTrades, 0)} trades at ${fixed(entries.nullMeanR, 3)} R.`,
    ],
  };
}

export function tagSection(rows: readonly TagSignificance[]): Section {
  return {
    heading: 'Worth of each tag',
    paragraphs: [
      'Trades of the SMC stand-in decided while a tag was true, against those while it was not. The ' +
        "null shifts the tag's series by whole days. Holm corrects for the number of tags.",
    ],
    tables: [
      {
        head: ['tag', 'with', 'without', 'effect, R', 'p', 'p (Holm)'],
        rows: rows.map((each) => [
          each.tag,
          String(each.with),
          String(each.without),
          fixed(each.effectR, 3),
          ...(Math.min(each.with, each.without) < SIDE_TRADES_MIN
            ? ['INSUFFICIENT', '-']
            : [fixed(each.pValue, 3), fixed(each.pHolm, 3)]),
        ]),
      },
    ],
  };
}
