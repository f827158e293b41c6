import { chartLibrary, escapeHtml, selfContainedPage } from '../report/page/page-parts.ts';
import type { ChartDiff, ColumnDiff } from './diff-chart.ts';
import { diffText } from './diff-report.ts';
import type { ChartExport } from './read-export.ts';

/** Differing bars marked in one chart; more would only be a carpet. */
const MARKS_MAX = 2_000;

/**
 * The report as one HTML file that needs nothing else: the chart library is in it, and nothing is
 * loaded from anywhere. Titles and cells of an export are hostile text: they reach the page only as
 * escaped text or as JSON data, and the page's own policy runs no script but the two whose hashes
 * it names.
 */
export function diffPage(chart: ChartExport, diff: ChartDiff): string {
  const times = Array.from(chart.bars.openTime, (ms) => ms / 1_000);
  const data = {
    times,
    close: Array.from(chart.bars.close),
    columns: diff.compared.map(columnData),
  };
  return selfContainedPage({
    title: 'Diff against TradingView',
    style: STYLE,
    body: `<h1>Diff against TradingView</h1>
<p><b class="theirs">Theirs</b> (the export) and <b class="ours">ours</b>; arrows mark bars that
differ. Times are UTC. Not financial advice.</p>
<div id="charts"></div>
<h2>Report</h2>
<pre>${escapeHtml(diffText(chart, diff))}</pre>`,
    data,
    scripts: [chartLibrary(), DRAW],
  });
}

const STYLE = `
body { font: 14px system-ui, sans-serif; margin: 1.5rem; background: #fff; color: #1c2330; }
pre { background: #f3f5f8; padding: 1rem; overflow: auto; }
.chart { height: 360px; margin-bottom: 2rem; }
.theirs { color: #c2410c; } .ours { color: #1d4ed8; }
`;

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
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const { createChart, createSeriesMarkers, LineSeries } = LightweightCharts;
const THEIRS = '#c2410c';
const OURS = '#1d4ed8';
const points = (values) => data.times.map((time, i) =>
  values[i] === null ? { time } : { time, value: values[i] });
for (const column of data.columns) {
  const title = document.createElement('h2');
  title.textContent = column.label + '  \\u2194  ' + column.target;
  const box = document.createElement('div');
  box.className = 'chart';
  document.getElementById('charts').append(title, box);
  const chart = createChart(box, { autoSize: true, timeScale: { timeVisible: true } });
  const isLine = column.kind === 'line';
  const add = (color, values) => {
    const series = chart.addSeries(LineSeries, { color, lineWidth: 1, priceLineVisible: false });
    series.setData(points(values));
    return series;
  };
  const base = isLine ? add(THEIRS, column.theirs) : add('#94a3b8', data.close);
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
