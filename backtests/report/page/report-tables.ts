import type { FunnelReport } from '../../../strategy/tags/funnel.ts';
import type { Breakdown, Slice } from '../../metrics/breakdown.ts';
import type { Doubt, Quartiles } from '../../metrics/doubt.ts';
import type { Metrics } from '../../metrics/summarise.ts';
import type { TargetRow } from '../../metrics/targets.ts';
import { escapeHtml } from '../../page-parts.ts';
import { resolutionLines } from '../resolution-text.ts';
import type { RunSummary } from '../summary.ts';
import { verdictOf } from '../text-report.ts';
import type { WaterfallStep } from './figures.ts';
import {
  type Cell,
  dataTable,
  type Figure,
  fixed,
  isKnown,
  money,
  percent,
  tone,
} from './format.ts';

/** One plain sentence, first of all. */
export function verdict(summary: RunSummary): string {
  const { meanR } = summary.metrics.intervals;
  const { isInsufficient } = summary.metrics.stats;
  const isBad = isKnown(meanR?.high) && meanR.high < 0;
  const isGood = isKnown(meanR?.low) && meanR.low > 0;
  const name = isInsufficient ? '' : isBad ? ' bad' : isGood ? ' good' : '';
  return `<p class="verdict${name}">${escapeHtml(verdictOf(summary).trim())}</p>`;
}

export function keyFigures({ metrics }: RunSummary): string {
  const { stats, equity, activity } = metrics;
  const few = stats.isInsufficient ? 'under 100 trades: noise' : '';
  const items: [string, string, string, string][] = [
    ['Net profit, USDT', money(stats.netPnl), percent(equity.returnFraction), tone(stats.netPnl)],
    ['Trades', String(stats.trades), `${fixed(activity.tradesPerDay, 2)} a day`, ''],
    ['Win rate', percent(stats.winRate), few, ''],
    [
      'Expectancy',
      `${fixed(stats.meanR, 3)} R`,
      `median ${fixed(stats.medianR, 2)} R`,
      tone(stats.meanR),
    ],
    ['Profit factor', fixed(stats.profitFactor, 2), few, ''],
    [
      'Max drawdown',
      percent(-equity.maxDrawdownFraction),
      `${fixed(activity.maxDrawdownR, 1)} R`,
      'bad',
    ],
    ['Worst day', `${fixed(equity.worstDayR, 2)} R`, '', ''],
    ['Sharpe', fixed(equity.sharpe, 2), `Sortino ${fixed(equity.sortino, 2)}`, tone(equity.sharpe)],
    [
      'Calmar',
      fixed(equity.calmar, 2),
      `recovery ${fixed(equity.recoveryFactor, 2)}`,
      tone(equity.calmar),
    ],
    ['Exposure', percent(activity.exposure), `turnover ${fixed(activity.turnover, 0)} x`, ''],
    [
      'Holding, min',
      fixed(stats.meanHoldMinutes, 1),
      `median ${fixed(stats.medianHoldMinutes, 1)}`,
      '',
    ],
    ['Maker share', percent(stats.makerShare), '', ''],
  ];
  const cards = items.map(
    ([name, value, note, colour]) =>
      `<div class="kpi"><span>${escapeHtml(name)}</span><b class="${colour}">${escapeHtml(value)}</b>
<em>${escapeHtml(note)}</em></div>`,
  );
  return `<div class="kpis">${cards.join('')}</div>`;
}

export function targetTable(rows: readonly TargetRow[]): string {
  const colours = { pass: 'pass', miss: 'miss', 'not enough data': 'unknown' } as const;
  return dataTable(
    ['target', 'promised', 'measured', '95 % interval', 'verdict'],
    rows.map((row) => [
      row.name,
      row.target,
      measured(row.measured, row.unit),
      row.interval
        ? `${measured(row.interval.low, row.unit)} to ${measured(row.interval.high, row.unit)}`
        : '',
      { text: row.verdict, tone: colours[row.verdict] },
    ]),
    [0, 1],
  );
}

function measured(value: Figure, unit: TargetRow['unit']): string {
  if (unit === 'fraction') return percent(value);
  return unit === 'R' ? `${fixed(value, 3)} R` : fixed(value, 2);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Years down, months across; a year is compounded from its months. */
export function monthTable({ equity }: Pick<Metrics, 'equity'>): string {
  const { months } = equity;
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))];
  const most = Math.max(0.001, ...months.map(({ returnFraction }) => Math.abs(returnFraction)));
  const heat = (value: number): Cell => ({
    text: percent(value),
    tone: tone(value),
    heat: Math.max(0.06, Math.min(0.55, (Math.abs(value) / most) * 0.55)),
  });
  const rows = years.map((year) => {
    const own = MONTHS.map((_, i) =>
      months.find(({ month }) => month === `${year}-${String(i + 1).padStart(2, '0')}`),
    );
    const growth = own.reduce((all, each) => all * (1 + (each?.returnFraction ?? 0)), 1);
    return [year, ...own.map((each) => (each ? heat(each.returnFraction) : '')), heat(growth - 1)];
  });
  const short = months
    .filter(({ days }) => days < 27.9)
    .map(({ month, days }) => `${month} (${fixed(days, 0)} days)`);
  const note =
    short.length > 0 ? `<p class="small">${escapeHtml(`not whole: ${short.join(', ')}`)}</p>` : '';
  return dataTable(['', ...MONTHS, 'year'], rows) + note;
}

/** Gross to net; each step is what the report's text says too. */
export function costSteps(doubt: Doubt): WaterfallStep[] {
  const { pnlBeforeCosts, pnlAfterSlippage, pnlAfterFees, pnlAfterFunding } = doubt;
  return [
    { name: 'before costs', value: pnlBeforeCosts, isTotal: true },
    { name: 'slippage', value: pnlAfterSlippage - pnlBeforeCosts, isTotal: false },
    { name: 'fees', value: pnlAfterFees - pnlAfterSlippage, isTotal: false },
    { name: 'funding', value: pnlAfterFunding - pnlAfterFees, isTotal: false },
    { name: 'net', value: pnlAfterFunding, isTotal: true },
  ];
}

export function funnelTables(reports: readonly FunnelReport[]): string {
  const share = (part: number, whole: number) => (whole > 0 ? percent(part / whole) : '–');
  const tables = reports.map((report) => {
    const { alertConditions, contextConditions, waiting, alerts } = report;
    const line = (kind: string, of: number) => (rate: (typeof alertConditions)[number]) => [
      rate.name,
      kind,
      share(rate.bars, rate.barsWarm),
      share(rate.waiting, of),
      String(rate.missingAlone),
    ];
    const steps = [
      `${report.taps} taps`,
      `${waiting} signals examined`,
      `${alerts} bars with an alert`,
      `${report.entryBlocks} blocks with an entry`,
    ].join(', ');
    return `<h3>${report.side}: ${steps}</h3>${dataTable(
      ['tag', 'used for', 'held, of all bars', 'held while waiting', 'missing alone'],
      [
        ...alertConditions.map(line('alert', waiting)),
        ...contextConditions.map(line('entry', alerts)),
      ],
      [0, 1],
    )}`;
  });
  return tables.join('');
}

export function sliceTables(parts: Breakdown): string {
  const groups: [string, readonly Slice[]][] = [
    ['side', parts.side],
    ['exit reason', parts.exitReason],
    ['month', parts.month],
    ['tag', parts.tag],
    ['regime', parts.regime],
    ['hour, UTC', parts.hour],
  ];
  const tables = groups.map(([name, slices]) =>
    dataTable(
      [name, 'trades', 'wins', 'mean R', 'median R', 'PF', 'mean min', 'net'],
      slices.map(({ name: each, stats }) => [
        each,
        String(stats.trades),
        percent(stats.winRate),
        { text: fixed(stats.meanR, 3), tone: tone(stats.meanR) },
        fixed(stats.medianR, 3),
        `${fixed(stats.profitFactor, 2)}${stats.isInsufficient ? ' *' : ''}`,
        fixed(stats.meanHoldMinutes, 1),
        { text: money(stats.netPnl), tone: tone(stats.netPnl) },
      ]),
    ),
  );
  return `<div class="slices">${tables.join('')}</div>`;
}

export function doubtTable({ metrics, variants }: RunSummary): string {
  const { doubt } = metrics;
  const spread = (q: Quartiles | undefined | null) =>
    q ? `${fixed(q.median, 2)} R (${fixed(q.p10, 2)} to ${fixed(q.p90, 2)})` : '–';
  const rows = [
    ['ambiguous bars, trades', `${doubt.ambiguousBars}, ${doubt.ambiguousTrades}`],
    ['profit of ambiguous trades', money(doubt.ambiguousPnl)],
    ['costs expected at worst', spread(doubt.costRWorst)],
    ['costs paid', spread(doubt.costRPaid)],
    ['approved and not filled', String(doubt.notFilled)],
    ['timed out, neither target nor stop', String(doubt.undecided)],
    ...doubt.firstTargetByStop.map((row) => [
      `first target reached, stop ${row.stopAtr} ATR`,
      `${row.reached} of ${row.trades}`,
    ]),
    ['liquidations', String(doubt.liquidations)],
  ];
  const others = variants.map((each) => [
    each.name,
    String(each.trades),
    percent(each.winRate),
    fixed(each.profitFactor, 2),
    { text: money(each.netPnl), tone: tone(each.netPnl) },
  ]);
  return `${dataTable(['', 'measured'], rows)}<h3>The same run under other assumptions</h3>
${dataTable(['', 'trades', 'wins', 'PF', 'net'], others)}`;
}

export function guardTable(summary: RunSummary): string {
  const { refusals, notices, equityStop, degradedRules, metrics } = summary;
  const counts = (record: Record<string, number>, kind: string) =>
    Object.keys(record)
      .sort()
      .map((name) => [name, kind, String(record[name])]);
  const rows = [...counts(refusals, 'refused'), ...counts(notices, 'notice')];
  const stop = equityStop.firstBreach
    ? `Equity stop (${equityStop.onBreach}): latched, it would have ended the run on ` +
      `${equityStop.firstBreach} after ${equityStop.tradesBefore} trades at ${money(equityStop.equityThen)} USDT.`
    : `Equity stop (${equityStop.onBreach}): never reached.`;
  const lines = [
    stop,
    ...degradedRules.map((text) => `Runs without its data: ${text}`),
    ...metrics.weakSides.map(
      (side) => `WEAK SIDE: ${side}: profit factor under 1.2 over 500 trades or more.`,
    ),
  ];
  const table =
    rows.length > 0
      ? dataTable(['rule', '', 'times'], rows, [0, 1])
      : '<p class="none">nothing refused</p>';
  return table + lines.map((line) => `<p class="small">${escapeHtml(line)}</p>`).join('');
}

/** What this was made from, so that it can be made again. */
export function provenance(summary: RunSummary): string {
  const { fingerprints, data, span, timestamps, effectDigest } = summary;
  const lines = [
    `code ${fingerprints.codeVersion}, config ${fingerprints.configHash}`,
    `data ${fingerprints.dataHash}, decisions ${effectDigest}`,
    ...data.series.map(
      (each) => `${each.symbol} ${each.timeframe}: ${each.bars} bars, ${each.from} to ${each.to}`,
    ),
    // Summaries written before there were recordings do not tell.
    ...resolutionLines(summary.resolution ?? []).map((text) => `prices: ${text}`),
    ...data.findings.map((text) => `data: ${text}`),
    ...data.notes.map((text) => `note: ${text}`),
    `${span.signalBars} signal bars, ${span.fineBars} bars in all, ` +
      `${span.openAtEnd} packages open at the end (in equity, not among the trades)`,
    `generated ${timestamps.generatedAt}. Backtests are no promise. Not financial advice.`,
  ];
  return `<footer class="foot">${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('')}</footer>`;
}
