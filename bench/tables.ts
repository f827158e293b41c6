import type { CaseRow, IndicatorRow, WholeRun } from './main.ts';

/** Aligned columns: the first to the left, numbers to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function caseTable(rows: readonly CaseRow[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [
    row.name,
    `${(row.perSecond / 1e6).toFixed(2)} M ${row.unit}/s`,
    `${(row.measured.medianS * 1_000).toFixed(1)} ms`,
    `${(row.measured.bestS * 1_000).toFixed(1)}..${(row.measured.worstS * 1_000).toFixed(1)}`,
    `${(row.items / row.measured.cpuS / 1e6).toFixed(2)} M`,
    row.timesFloor === undefined ? '' : `${row.timesFloor.toFixed(1)} x`,
    row.goal === undefined ? '' : goalText(row.perSecond, row.goal),
  ]);
  const titles = ['case', 'median', 'a run', 'best..worst', 'per CPU s', 'floor', 'goal'];
  return aligned([titles, ...cells]);
}

function goalText(perSecond: number, goal: number): string {
  const share = perSecond / goal;
  return `${(goal / 1e6).toFixed(2)} M: ${share >= 1 ? 'met' : 'missed'} (${share.toFixed(2)})`;
}

export function indicatorTable(rows: readonly IndicatorRow[]): string {
  if (rows.length === 0) return '';
  const ns = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(1)}`);
  const cells = rows.map((row) => [
    row.name,
    ns(row.own),
    ns(row.loop),
    ns(row.signals),
    ns(row.technical),
    `${(row.heapGrowth / 1_024).toFixed(1)} kB`,
  ]);
  const titles = ['ns a bar', 'ours', 'loop', 'trading-signals', 'technicalindicators'];
  return aligned([[...titles, 'heap of 1 M bars'], ...cells]);
}

export function wholeRunLines(runs: readonly WholeRun[]): string {
  return runs
    .map((run) => {
      const verdict = (isMet: boolean) => (isMet ? 'met' : 'missed');
      const memory = `${run.maxRssMb.toFixed(0)} MB (goal ${run.memoryGoalMb}: ${verdict(
        run.maxRssMb <= run.memoryGoalMb,
      )})`;
      const { startGoalS } = run;
      const goal =
        startGoalS === undefined
          ? ''
          : ` (goal ${startGoalS}: ${verdict(run.sinceStartS <= startGoalS)})`;
      const time = `${run.sinceStartS.toFixed(2)} s with process start and cached load${goal}`;
      return `${run.name}: ${time}, ${memory}, digest ${run.digest}`;
    })
    .join('\n');
}
