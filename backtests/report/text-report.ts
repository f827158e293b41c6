import type { TradeRecord } from '../../src/engine/trade-record.ts';
import type { Interval } from '../metrics/bootstrap.ts';
import type { Slice } from '../metrics/breakdown.ts';
import type { Quartiles } from '../metrics/doubt.ts';
import type { TargetRow } from '../metrics/targets.ts';
import { isoTime } from './csv.ts';
import { resolutionLines } from './resolution-text.ts';
import type { RunSummary } from './summary.ts';

/** Rows of the trade table on the terminal; the file has all. */
export const TABLE_ROWS = 20;

/** The last trades as a table. */
export function tradeTable(trades: readonly TradeRecord[]): string {
  if (trades.length === 0) return 'no trades\n';
  const shown = trades.slice(-TABLE_ROWS);
  const rows = shown.map((trade) => [
    isoTime(trade.firstFillMs).slice(0, 16).replace('T', ' '),
    trade.direction === 1 ? 'long' : 'short',
    String(trade.quantity),
    price(trade.entryPrice),
    price(trade.initialStop),
    price(trade.exitPrice),
    trade.exitReason,
    fixed(trade.fees + trade.slippage, 2),
    fixed(trade.netPnl, 2),
    fixed(trade.tradeR, 2),
  ]);
  const titles = ['filled', 'side', 'qty', 'entry', 'stop', 'exit', 'reason', 'costs', 'net', 'R'];
  const rest = trades.length - shown.length;
  const note = rest > 0 ? `(${rest} earlier trades are in trades.csv)\n` : '';
  return `${table(titles, rows, new Set([1, 6]))}${note}`;
}

/** What was measured, the targets beside it, and what the result hangs on. */
export function textReport(summary: RunSummary): string {
  return [
    header(summary),
    targets(summary.metrics.targets),
    figures(summary),
    slices('by side', summary.metrics.breakdown.side),
    slices('by exit', summary.metrics.breakdown.exitReason),
    slices('by month', summary.metrics.breakdown.month),
    slices('by tag', summary.metrics.breakdown.tag),
    slices('by regime (Hurst)', summary.metrics.breakdown.regime),
    slices('by hour (UTC)', summary.metrics.breakdown.hour),
    doubt(summary),
    guards(summary),
    verdictOf(summary),
  ].join('\n');
}

function header(summary: RunSummary): string {
  const { span, data, fingerprints } = summary;
  const lines = [
    summary.label,
    `${span.from} .. ${span.to}   ${span.signalBars} bars of ${span.signalMinutes}m` +
      (span.isInterrupted ? '   INTERRUPTED' : ''),
    `code ${fingerprints.codeVersion}   config ${fingerprints.configHash.slice(0, 12)}` +
      `   data ${fingerprints.dataHash.slice(0, 12)}   decisions ${summary.effectDigest}`,
    ...resolutionLines(summary.resolution).map((text) => `prices: ${text}`),
    ...data.findings.map((text) => `data: ${text}`),
    ...data.notes.map((text) => `note: ${text}`),
    '',
  ];
  return lines.join('\n');
}

function targets(rows: readonly TargetRow[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.target,
    measured(row.measured, row.unit),
    row.interval === undefined ? '' : interval(row.interval, row.unit),
    row.verdict,
  ]);
  const titles = ['target of the documents', 'promised', 'measured', '95 % interval', 'verdict'];
  return table(titles, cells, new Set([0, 1, 4]));
}

function figures({ metrics }: RunSummary): string {
  const { stats, equity, activity } = metrics;
  const rows: [string, string][] = [
    ['trades', `${stats.trades} (${fixed(activity.tradesPerDay, 2)} a day)`],
    ['net profit', `${money(stats.netPnl)} (${percent(equity.returnFraction)})`],
    ['expectancy', `${money(stats.expectancy)} a trade, median ${fixed(stats.medianR, 3)} R`],
    ['max drawdown', drawdown(metrics)],
    ['worst day', `${fixed(equity.worstDayR, 2)} R`],
    ['Sharpe / Sortino', `${fixed(equity.sharpe, 2)} / ${fixed(equity.sortino, 2)}`],
    ['Calmar / recovery', `${fixed(equity.calmar, 2)} / ${fixed(equity.recoveryFactor, 2)}`],
    ['exposure / turnover', `${percent(activity.exposure)} / ${fixed(activity.turnover, 1)} x`],
    [
      'holding, minutes',
      `mean ${fixed(stats.meanHoldMinutes, 1)}, median ${fixed(stats.medianHoldMinutes, 1)}`,
    ],
    ['longest streaks', `${stats.longestWinStreak} wins, ${stats.longestLossStreak} losses`],
    ['MAE / MFE', `${fixed(stats.meanMaeR, 2)} / ${fixed(stats.meanMfeR, 2)} R`],
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(20)}${value}`).join('\n')}\n`;
}

function drawdown({ equity, activity }: RunSummary['metrics']): string {
  const fraction = percent(equity.maxDrawdownFraction);
  return `${money(equity.maxDrawdown)} (${fraction}, ${fixed(activity.maxDrawdownR, 1)} R)`;
}

function slices(title: string, parts: readonly Slice[]): string {
  const rows = parts.map(({ name, stats }) => [
    name,
    String(stats.trades),
    percent(stats.winRate),
    fixed(stats.meanR, 3),
    stats.isInsufficient ? `${fixed(stats.profitFactor, 2)} *` : fixed(stats.profitFactor, 2),
    fixed(stats.netPnl, 2),
  ]);
  const isWeak = parts.some(({ stats }) => stats.isInsufficient);
  const note = isWeak ? '* INSUFFICIENT: under 100 trades a profit factor is noise\n' : '';
  return `${table([title, 'trades', 'wins', 'mean R', 'PF', 'net'], rows, new Set([0]))}${note}`;
}

function doubt({ metrics, variants, notFilled }: RunSummary): string {
  const { doubt: d } = metrics;
  const rows = [
    `before costs ${money(d.pnlBeforeCosts)}, after slippage ${money(d.pnlAfterSlippage)}, ` +
      `after fees ${money(d.pnlAfterFees)}, after funding ${money(d.pnlAfterFunding)}`,
    `ambiguous: ${d.ambiguousBars} bars, ${d.ambiguousTrades} trades, ${money(d.ambiguousPnl)}` +
      ` (${percent(d.ambiguousShare)} of the net result)`,
    `maker share ${percent(d.makerShare)}; costs in R: expected at worst ${spread(d.costRWorst)}, ` +
      `paid ${spread(d.costRPaid)}`,
    `approved and not filled: ${d.notFilled}; timed out with neither target nor stop: ${d.undecided}`,
    `first target by stop distance in ATR: ${d.firstTargetByStop
      .map((row) => `${row.stopAtr}: ${row.reached} of ${row.trades}`)
      .join(', ')}`,
    ...(notFilled === undefined
      ? []
      : [
          `not filled, taken at market instead: ${notFilled.matched} of ${notFilled.signals} traded, ` +
            `${notFilled.wins} won, ${fixed(notFilled.sumR, 2)} R in all, mean ${fixed(notFilled.meanR, 3)} R`,
        ]),
    ...(d.liquidations > 0 ? [`LIQUIDATIONS: ${d.liquidations}`] : []),
  ];
  const others = variants.map((each) => [
    each.name,
    String(each.trades),
    percent(each.winRate),
    fixed(each.profitFactor, 2),
    fixed(each.sumR, 1),
    fixed(each.netPnl, 2),
  ]);
  const titles = ['the same run with', 'trades', 'wins', 'PF', 'sum R', 'net'];
  return `what the result hangs on\n  ${rows.join('\n  ')}\n\n${table(titles, others, new Set([0]))}`;
}

function guards({ refusals, degradedRules, equityStop, notices, metrics }: RunSummary): string {
  const counts = (record: Record<string, number>) =>
    Object.entries(record)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const stop =
    equityStop.firstBreach === undefined
      ? 'equity stop: never reached'
      : `equity stop (${equityStop.onBreach}): latched, it would have ended the run on ` +
        `${equityStop.firstBreach} after ${equityStop.tradesBefore} trades at ${money(equityStop.equityThen)}`;
  const lines = [
    `refused by the gate: ${counts(refusals)}`,
    `notices: ${counts(notices)}`,
    stop,
    ...degradedRules.map((text) => `degraded rule: ${text}`),
    ...metrics.weakSides.map((side) => `WEAK SIDE: ${side}: PF under 1.2 over 500 trades or more`),
  ];
  return `${lines.join('\n')}\n`;
}

/** One plain sentence; nobody should have to read figures to learn that there is no edge. */
export function verdictOf({ metrics }: RunSummary): string {
  const { stats, intervals } = metrics;
  const { meanR } = intervals;
  if (stats.trades === 0) return 'VERDICT: no trades, so nothing can be said.\n';
  const r = `${fixed(stats.meanR, 3)} R a trade after costs`;
  if (stats.isInsufficient) {
    return `VERDICT: INSUFFICIENT, ${stats.trades} of 100 trades; measured ${r}.\n`;
  }
  // Read back from a file, what is not known is null.
  if (meanR && meanR.low > 0) return `VERDICT: ${r}, above zero in the interval.\n`;
  if (meanR && meanR.high < 0) return `VERDICT: no edge: ${r}, below zero.\n`;
  return `VERDICT: no edge shown: ${r}, zero lies in the interval.\n`;
}

function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  leftAligned: ReadonlySet<number>,
): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (leftAligned.has(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return `${[line(titles), ...rows.map(line)].join('\n')}\n`;
}

function measured(value: number | undefined, unit: TargetRow['unit']): string {
  if (unit === 'fraction') return percent(value);
  return unit === 'R' ? `${fixed(value, 3)} R` : fixed(value, 2);
}

function interval(range: Interval, unit: TargetRow['unit']): string {
  return `${measured(range.low, unit)} .. ${measured(range.high, unit)}`;
}

function spread(values: Quartiles | undefined): string {
  if (values === undefined) return '-';
  return `${fixed(values.median, 2)} (${fixed(values.p10, 2)} to ${fixed(values.p90, 2)})`;
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${(value * 100).toFixed(1)} %`;
}

function money(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(2)} USDT`;
}

function price(value: number): string {
  return Number.isNaN(value) ? '-' : String(Math.round(value * 100) / 100);
}
