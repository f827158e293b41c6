import { escapeHtml, htmlPage } from '../page-parts.ts';
import type { ChartDiff, ColumnDiff } from './diff-chart.ts';
import { diffText } from './diff-report.ts';
import type { ChartExport } from './read-export.ts';

/** Differing bars marked in one chart; more would only be a carpet. */
const MARKS_MAX = 2_000;

/**
 * The report as one HTML file that needs nothing else. Titles and cells of an export are hostile
 * text: they reach the page only as escaped text or as JSON data.
 */
export function diffPage(chart: ChartExport, diff: ChartDiff): string {
  const data = {
    times: Array.from(chart.bars.openTime, (ms) => ms / 1_000),
    close: Array.from(chart.bars.close),
    columns: diff.compared.map(columnData),
  };
  const body = `<h1>Diff against TradingView</h1>
<p><b class="theirs">Theirs</b> (the export) and <b class="ours">ours</b>; arrows mark bars that
differ. Times are UTC. Not financial advice.</p>
<div id="charts"></div>
<h2>Report</h2>
<pre>${escapeHtml(diffText(chart, diff))}</pre>`;
  const style = '.theirs { color: var(--theirs); } .ours { color: var(--ours); }';
  return htmlPage({ title: 'Diff against TradingView', style, body, data, script: DRAW });
}

function columnData(column: ColumnDiff) {
  const { label, target, match, theirs, ours } = column;
  const values = (of: Float64Array) => Array.from(of, (v) => (Number.isFinite(v) ? v : null));
  return {
    label,
    target,
    kind: match.kind,
    theirs: values(theirs),
    ours: values(ours),
    differing: match.differing.slice(0, MARKS_MAX),
  };
}

/** Runs in the page. Text goes in by `textContent` only. */
const DRAW = `
const { createChart, createSeriesMarkers, LineSeries } = LightweightCharts;
const colours = getComputedStyle(document.documentElement);
const colour = (name) => colours.getPropertyValue(name).trim();
const THEIRS = colour('--theirs');
const OURS = colour('--ours');
const LOOK = {
  layout: { background: { color: colour('--back') }, textColor: colour('--text') },
  grid: { vertLines: { color: colour('--line') }, horzLines: { color: colour('--line') } },
};
const points = (values) => data.times.map((time, i) =>
  values[i] === null ? { time } : { time, value: values[i] });
for (const column of data.columns) {
  const title = document.createElement('h2');
  title.textContent = column.label + '  \\u2194  ' + column.target;
  const box = document.createElement('div');
  box.className = 'chart';
  document.getElementById('charts').append(title, box);
  const chart = createChart(box, { ...LOOK, autoSize: true, timeScale: { timeVisible: true } });
  const isLine = column.kind === 'line';
  const add = (color, values) => {
    const series = chart.addSeries(LineSeries, { color, lineWidth: 1, priceLineVisible: false });
    series.setData(points(values));
    return series;
  };
  const base = isLine ? add(THEIRS, column.theirs) : add(colour('--faint'), data.close);
  if (isLine) add(OURS, column.ours);
  createSeriesMarkers(base, column.differing.map((i) => {
    const ours = !isLine && column.ours[i] !== null && column.ours[i] !== 0;
    return {
      time: data.times[i],
      position: ours ? 'belowBar' : 'aboveBar',
      shape: ours ? 'arrowUp' : 'arrowDown',
      color: ours ? OURS : THEIRS,
    };
  }));
  chart.timeScale().fitContent();
}
document.body.dataset.drawn = String(data.columns.length);
`;
