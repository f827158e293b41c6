import { timeframeName } from '../../data/readers/bar-time.ts';
import type { EventMatch, LineMatch } from './compare-series.ts';
import { type ChartDiff, type ColumnDiff, printable } from './diff-chart.ts';
import type { ChartExport } from './read-export.ts';

/** Bars shown on either side of the first divergence. */
const AROUND_BARS = 3;

/** The report as text for a terminal. */
export function diffText(chart: ChartExport, diff: ChartDiff): string {
  const { bars } = chart;
  const span = `${isoMinute(bars.openTime[0])} to ${isoMinute(bars.openTime[bars.length - 1])}`;
  const lines = [
    `${printable(chart.path)}: ${bars.length} bars of ${timeframeName(bars.timeframeMs)}, ${span} UTC`,
    ...diff.notes.map((note) => `note: ${note}`),
  ];
  for (const column of diff.compared) lines.push('', ...columnLines(chart, column));
  if (diff.left.length > 0) {
    lines.push('', 'left out:');
    for (const { label, why } of diff.left) lines.push(`  ${printable(label)}: ${why}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The report for other programs; NaN becomes null. */
export function diffJson(chart: ChartExport, diff: ChartDiff): string {
  const { bars } = chart;
  const columns = diff.compared.map(({ label, target, from, match }) => {
    const { differing, ...figures } = match;
    const first = differing[0];
    return {
      column: label,
      series: target,
      warmUpBars: from,
      ...figures,
      differing: differing.length,
      firstDivergence: first === undefined ? null : new Date(bars.openTime[first]).toISOString(),
    };
  });
  const { left, notes } = diff;
  const head = { export: chart.path, bars: bars.length, timeframeMs: bars.timeframeMs };
  return `${JSON.stringify({ ...head, columns, left, notes }, null, 2)}\n`;
}

export interface Thresholds {
  /** Of every line. */
  minCorrelation?: number;
  /** Of every kind of event, at 1 bar. */
  minF1?: number;
  /** Bars that may differ in any column. */
  maxDiffering?: number;
}

/** What misses the thresholds, in words; empty when all is met. */
export function missedThresholds(diff: ChartDiff, thresholds: Thresholds): string[] {
  const { minCorrelation, minF1, maxDiffering } = thresholds;
  const missed: string[] = [];
  for (const { label, match } of diff.compared) {
    const name = printable(label);
    const miss = (what: string) => missed.push(`${name}: ${what}`);
    if (match.kind === 'line' && minCorrelation !== undefined) {
      // A line that does not move has no correlation: then it must be equal.
      const isFlat = Number.isNaN(match.correlation) && match.differing.length === 0;
      const met = match.bars > 0 && (isFlat || match.correlation >= minCorrelation);
      if (!met) miss(`correlation ${figure(match.correlation)} under ${minCorrelation}`);
    }
    if (match.kind === 'event' && minF1 !== undefined) {
      const { f1 } = match.within[1];
      // No event on either side is agreement; there is nothing to be counted.
      const none = match.theirs + match.ours === 0;
      if (!none && !(f1 >= minF1)) miss(`F1 within 1 bar ${figure(f1)} under ${minF1}`);
    }
    if (maxDiffering !== undefined && match.differing.length > maxDiffering) {
      miss(`${match.differing.length} bars differ, more than ${maxDiffering}`);
    }
  }
  return missed;
}

function columnLines(chart: ChartExport, column: ColumnDiff): string[] {
  const { label, target, from, match } = column;
  const head = `${printable(label)}  <->  ${target}   (first ${from} bars left out)`;
  const body = match.kind === 'line' ? lineLines(match) : eventLines(match);
  const first = match.differing[0];
  if (first === undefined) return [head, ...body, '  no bar differs'];
  const bars = [`  first divergence at ${isoMinute(chart.bars.openTime[first])}:`];
  const end = Math.min(column.theirs.length - 1, first + AROUND_BARS);
  for (let i = Math.max(0, first - AROUND_BARS); i <= end; i++) {
    const mark = i === first ? '>' : ' ';
    const values = `theirs ${figure(column.theirs[i])}  ours ${figure(column.ours[i])}`;
    const close = `close ${chart.bars.close[i]}`;
    bars.push(`  ${mark} ${isoMinute(chart.bars.openTime[i])}  ${close}  ${values}`);
  }
  if (first === column.theirs.length - 1) {
    bars.push('  only the last bar differs: it may not have been closed when it was exported');
  }
  return [head, ...body, ...bars];
}

function lineLines(match: LineMatch): string[] {
  const { bars, correlation, rmse, maxError, differing } = match;
  if (bars === 0) return ['  line: no bar on which both have a value after the warm-up'];
  const figures = `correlation ${figure(correlation)}, RMSE ${figure(rmse)}`;
  const worst = `max error ${figure(maxError)}, ${differing.length} bars differ`;
  return [`  line: ${bars} bars, ${figures}, ${worst}`];
}

function eventLines(match: EventMatch): string[] {
  const lines = [`  events: ${match.theirs} theirs, ${match.ours} ours`];
  for (const { bars, precision, recall, f1 } of match.within) {
    const rates = `precision ${figure(precision)}, recall ${figure(recall)}, F1 ${figure(f1)}`;
    lines.push(`  within ${bars} bars: ${rates}`);
  }
  const offsets = match.offsets.map(
    ({ offset, count }) => `${offset > 0 ? '+' : ''}${offset}: ${count}`,
  );
  if (match.unmatched > 0) offsets.push(`farther: ${match.unmatched}`);
  if (offsets.length > 0) lines.push(`  offset in bars: ${offsets.join(', ')}`);
  return lines;
}

function figure(value: number): string {
  if (Number.isNaN(value)) return '-';
  return String(Number(value.toPrecision(8)));
}

function isoMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
