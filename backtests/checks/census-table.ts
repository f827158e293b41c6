import type { CensusCounts } from './census.ts';

/** One published rate, how ours is computed, and why it differs where it does. */
export interface CensusRate {
  name: string;
  /** Timeframe of the published count, minutes. */
  minutes: 5 | 15;
  published: number;
  of: (counts: CensusCounts) => number;
  /** Said when ours lies further away than `TOLERANCE`; measured by `because`. */
  because?: (counts: CensusCounts) => string;
}

/** A rate further away than this share is explained. */
export const TOLERANCE = 0.25;

/** Verdict of a rate that lies outside without a reason. */
export const NOT_EXPLAINED = 'NOT EXPLAINED';

/** Bars of the public census: 52.8 days of SOL. */
const BARS_15M = 52.8 * 96;
const BARS_5M = 52.8 * 288;

const internalBreaks = (c: CensusCounts) => c.internalBos + c.internalChoch + c.internalChochPlus;
const flips = (c: CensusCounts) => c.internalChoch + c.internalChochPlus;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const each = (events: number, c: CensusCounts) => (events / c.bars).toFixed(4);

function otherForm(extreme: number, crosses: number): string {
  return `the form: Hyperwave B has ${percent(extreme / crosses)}, A swings less (chosen: A)`;
}

/**
 * The counts of a public post-mortem of a bot fed by real alerts (SOLUSDT, 52.8 days), as rates.
 * Its settings are presumed default but not stated; alerts can have been lost.
 */
export const CENSUS_RATES: readonly CensusRate[] = [
  {
    name: 'Hyperwave up-crosses per bar',
    minutes: 15,
    published: 537 / BARS_15M,
    of: (c) => c.hwUps / c.bars,
  },
  {
    name: 'share of up-crosses from oversold',
    minutes: 15,
    published: 85 / 537,
    of: (c) => c.hwOversoldUps / c.hwUps,
    because: (c) => otherForm(c.hwOversoldUpsOther, c.hwUpsOther),
  },
  {
    name: 'share of down-crosses from overbought',
    minutes: 15,
    published: 97 / 537,
    of: (c) => c.hwOverboughtDowns / c.hwDowns,
    because: (c) => otherForm(c.hwOverboughtDownsOther, c.hwDownsOther),
  },
  {
    name: 'bars with an overflow, both sides (expected, no census)',
    minutes: 15,
    published: 0.2,
    of: (c) => c.overflowBars / c.bars,
  },
  {
    name: 'reversals per bar',
    minutes: 15,
    published: (97 + 99) / BARS_15M,
    of: (c) => c.reversals / c.bars,
  },
  {
    name: 'major reversals per bar',
    minutes: 15,
    published: (34 + 38) / BARS_15M,
    of: (c) => c.reversalsMajor / c.bars,
    because: (c) =>
      'design: an overflow or divergence of the last 11 bars makes it major ' +
      `(${percent(c.reversalsMajor / c.reversals)} of reversals, census 36.7 %); on the same bar ` +
      `only: ${each(c.reversalsMajorSameBar, c)}; in no tag`,
  },
  {
    name: 'divergences per bar',
    minutes: 15,
    published: (45 + 43) / BARS_15M,
    of: (c) => c.divergences / c.bars,
  },
  {
    name: 'internal breaks per bar',
    minutes: 15,
    published: 270 / BARS_15M,
    of: (c) => internalBreaks(c) / c.bars,
  },
  {
    name: 'internal breaks per bar',
    minutes: 5,
    published: 749 / BARS_5M,
    of: (c) => internalBreaks(c) / c.bars,
  },
  {
    name: 'internal breaks per Hyperwave up-cross',
    minutes: 15,
    published: 270 / 537,
    of: (c) => internalBreaks(c) / c.hwUps,
  },
  {
    name: 'CHoCH and CHoCH+ among internal breaks',
    minutes: 15,
    published: 149 / 270,
    of: (c) => flips(c) / internalBreaks(c),
  },
  {
    name: 'CHoCH and CHoCH+ among internal breaks',
    minutes: 5,
    published: 425 / 749,
    of: (c) => flips(c) / internalBreaks(c),
  },
  {
    name: 'CHoCH+ among those',
    minutes: 15,
    published: 71 / 149,
    of: (c) => c.internalChochPlus / flips(c),
  },
  {
    name: 'CHoCH+ among those',
    minutes: 5,
    published: 202 / 425,
    of: (c) => c.internalChochPlus / flips(c),
  },
  {
    name: 'swing breaks per bar',
    minutes: 15,
    published: 39 / BARS_15M,
    of: (c) => c.swingBreaks / c.bars,
  },
  {
    name: 'swing breaks per Hyperwave up-cross',
    minutes: 15,
    published: 39 / 537,
    of: (c) => c.swingBreaks / c.hwUps,
  },
  {
    name: 'swing breaks per bar',
    minutes: 5,
    published: 130 / BARS_5M,
    of: (c) => c.swingBreaks / c.bars,
    because: (c) =>
      `length: 45 gives ${each(c.swingBreaks45, c)}, 40 gives ${each(c.swingBreaks40, c)}; 50 is the ` +
      'documented default and least, and kept; in no tag',
  },
  {
    name: 'bars within a bullish block',
    minutes: 5,
    published: 3316 / BARS_5M,
    of: (c) => c.withinBull / c.bars,
  },
  {
    name: 'bars within a bearish block',
    minutes: 5,
    published: 3696 / BARS_5M,
    of: (c) => c.withinBear / c.bars,
  },
  {
    name: 'blocks created per internal break',
    minutes: 5,
    published: 743 / 749,
    of: (c) => c.blocksCreated / internalBreaks(c),
  },
  {
    name: 'entries per block',
    minutes: 5,
    published: 1687 / 743,
    of: (c) => c.entries / c.blocksCreated,
  },
  {
    name: 'bars within per entry',
    minutes: 5,
    published: 7012 / 1687,
    of: (c) => (c.withinBull + c.withinBear) / c.entries,
  },
  {
    name: 'bars that mitigate, per block',
    minutes: 5,
    published: 635 / 743,
    of: (c) => c.mitigationBars / c.blocksCreated,
  },
  {
    name: 'liquidity grabs per bar',
    minutes: 5,
    published: 804 / BARS_5M,
    of: (c) => c.grabs / c.bars,
    because: (c) =>
      `design: a pivot may be swept again; each once: ${each(c.grabsOnce, c)}, and without ` +
      `blocks: ${each(c.grabsOncePivots, c)}; in no alert`,
  },
  {
    name: 'equal highs and lows per bar',
    minutes: 5,
    published: 230 / BARS_5M,
    of: (c) => c.equalLevels / c.bars,
  },
  {
    name: 'new imbalances per bar',
    minutes: 5,
    published: 729 / BARS_5M,
    of: (c) => c.imbalances / c.bars,
    because: (c) =>
      'our default keeps every gap; ' +
      `those of at least half an ATR(200) are ${each(c.imbalancesTall, c)} a bar; in no alert`,
  },
  {
    name: 'mitigated per new imbalance',
    minutes: 5,
    published: 699 / 729,
    of: (c) => c.imbalancesMitigated / c.imbalances,
  },
];

/** Rates of one series of one timeframe: whole span, and lowest and highest over census spans. */
export interface MeasuredSeries {
  symbol: string;
  minutes: number;
  whole: CensusCounts;
  windows: readonly CensusCounts[];
}

/** A Markdown table: the published rate, ours on its own asset and timeframe, then the others. */
export function censusTable(measured: readonly MeasuredSeries[], asset: string): string {
  const symbols = [...new Set(measured.map((series) => series.symbol))];
  const others = symbols.filter((symbol) => symbol !== asset);
  const titles = [
    'rate',
    'bars',
    'census',
    asset,
    'of census',
    'range',
    ...others,
    '3m',
    'verdict',
  ];
  const lines = CENSUS_RATES.map((rate) => {
    const at = (symbol: string, minutes: number) =>
      measured.find((series) => series.symbol === symbol && series.minutes === minutes);
    const own = at(asset, rate.minutes);
    const cell = (series: MeasuredSeries | undefined) =>
      series === undefined ? '' : rate.of(series.whole).toFixed(4);
    return [
      rate.name,
      `${rate.minutes}m`,
      rate.published.toFixed(4),
      cell(own),
      own === undefined ? '' : (rate.of(own.whole) / rate.published).toFixed(2),
      rangeOf(rate, own),
      ...others.map((symbol) => cell(at(symbol, rate.minutes))),
      cell(at(asset, 3)),
      own === undefined ? '' : verdictOf(rate, own.whole),
    ];
  });
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = row(titles.map(() => '---'));
  return [row(titles), rule, ...lines.map(row)].join('\n');
}

export function verdictOf(rate: CensusRate, counts: CensusCounts): string {
  const away = Math.abs(rate.of(counts) / rate.published - 1);
  if (away <= TOLERANCE) return 'within 25 %';
  return rate.because?.(counts) ?? NOT_EXPLAINED;
}

function rangeOf(rate: CensusRate, series: MeasuredSeries | undefined): string {
  if (series === undefined || series.windows.length < 2) return '';
  const values = series.windows.map((counts) => rate.of(counts));
  return `${Math.min(...values).toFixed(4)}..${Math.max(...values).toFixed(4)}`;
}
