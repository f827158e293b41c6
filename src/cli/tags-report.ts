import type { Bars } from '../../data/bars/bars.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import type { ConditionRate, FunnelReport } from '../../strategy/tags/funnel.ts';
import type { Config } from '../config.ts';

/** What the source documents promise. */
const DOCUMENTED_PER_DAY = '5-10';
const ENOUGH_PER_DAY = 0.2;

/** The text of `qcm tags`. */
export function tagsReport(of: {
  bars: Bars;
  config: Config;
  /** Funding settlements within the bars; 0 when there is no table. */
  settlements: number;
  /** Long, then short. */
  reports: readonly FunnelReport[];
}): string {
  const { bars, config, settlements, reports } = of;
  const { trigger, indicators } = config.signal;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const days = (bars.length * bars.timeframeMs) / 86_400_000;
  const span = `${day(bars.openTime[0])} to ${day(bars.openTime[bars.length - 1])}`;
  const count = (pick: (report: FunnelReport) => number) =>
    reports.reduce((sum, report) => sum + pick(report), 0) / days;
  const alerts = count((report) => report.alertBlocks);
  const entries = count((report) => report.entryBlocks);
  const lines = [
    `${bars.symbol} ${timeframeName(bars.timeframeMs)}, ${bars.length} bars, ${days.toFixed(1)} days, ${span}`,
    `trade preset ${config.preset}, trigger ${trigger}, indicators ${indicators}`,
    settlements > 0
      ? `funding: ${settlements} settlements`
      : 'funding: no table, so FUNDING_OK is always true',
    '',
    `alerts a day   ${alerts.toFixed(2)}   (one a block; the documents: ${DOCUMENTED_PER_DAY})`,
    `entries a day  ${entries.toFixed(2)}   (alerts with their context, one a block)`,
  ];
  if (alerts < ENOUGH_PER_DAY)
    lines.push(`NOT ENOUGH SIGNALS: under ${ENOUGH_PER_DAY} alerts a day`);
  else if (entries < ENOUGH_PER_DAY) {
    lines.push(`NOT ENOUGH SIGNALS: under ${ENOUGH_PER_DAY} entries a day`);
  }
  lines.push('', ...funnel(reports, { days, trigger }));
  for (const report of reports) lines.push('', ...conditions(report, trigger));
  return lines.join('\n');
}

function funnel(
  reports: readonly FunnelReport[],
  run: { days: number; trigger: string },
): string[] {
  const row = (label: string, pick: (report: FunnelReport) => number) => {
    const cells = reports.map((report) => (pick(report) / run.days).toFixed(2).padStart(9));
    return `  ${label.padEnd(38)}${cells.join('')}`;
  };
  const lines = [
    `Funnel, a day${' '.repeat(27)}${reports.map((report) => report.side.padStart(9)).join('')}`,
    row('blocks created', (report) => report.blocksCreated),
    row('taps that qualify (block and bar)', (report) => report.taps),
  ];
  if (run.trigger === 'sequence') {
    lines.push(
      row('armed by a tap', ({ steps }) => steps.armed),
      row('crossed in time', ({ steps }) => steps.crossed),
      row('fired (blocks)', ({ steps }) => steps.fired),
    );
  }
  lines.push(
    row('bars with an alert', (report) => report.alerts),
    row('blocks with an alert', (report) => report.alertBlocks),
    row('blocks with an entry', (report) => report.entryBlocks),
  );
  if (run.trigger !== 'sequence') return lines;
  lines.push(
    row('cancelled: close beyond the far edge', ({ steps }) => steps.cancelledByClose),
    row('cancelled: bias turned', ({ steps }) => steps.cancelledByBias),
    row('cancelled: window over', ({ steps }) => steps.cancelledByWindow),
  );
  return lines;
}

function conditions(report: FunnelReport, trigger: string): string[] {
  const unit = trigger === 'sequence' ? 'crossed block-bars' : 'bars';
  const lines = [
    `${report.side}: alert conditions over ${report.waiting} ${unit}`,
    tableLine('condition', ['of all bars', 'while waiting', 'missing alone']),
    ...report.alertConditions.map((rate) => conditionLine(rate, report.waiting)),
  ];
  if (report.contextConditions.length === 0) return lines;
  lines.push(
    `${report.side}: context over ${report.alerts} alerts`,
    ...report.contextConditions.map((rate) => conditionLine(rate, report.alerts)),
  );
  return lines;
}

function conditionLine(rate: ConditionRate, of: number): string {
  return tableLine(rate.name, [
    percent(rate.bars, rate.barsWarm),
    percent(rate.waiting, of),
    String(rate.missingAlone),
  ]);
}

function tableLine(label: string, cells: readonly [string, string, string]): string {
  const [first, ...others] = cells;
  return `  ${label.padEnd(22)}${first.padStart(12)}${others.map((cell) => cell.padStart(15)).join('')}`;
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '-';
}
