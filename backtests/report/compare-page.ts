import { escapeHtml, htmlPage } from '../page-parts.ts';
import type { RunSummary } from './summary.ts';

/** A run as its folder holds it. */
export interface StoredRun {
  name: string;
  summary: RunSummary;
  /** Unix seconds and equity. */
  equity: readonly (readonly [number, number])[];
}

const STYLE = `
#equity { height: 420px; } .a { color: var(--ours); } .b { color: var(--theirs); }
.simulated { background: var(--warn-back); color: var(--warn); padding: .5rem .75rem;
  border-radius: 6px; font-weight: 600; }
.scroll { overflow: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .8rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
`;

const SCRIPT = `
const { createChart, LineSeries } = LightweightCharts;
const css = getComputedStyle(document.documentElement);
const colour = (name) => css.getPropertyValue(name).trim();
const chart = createChart(document.getElementById('equity'), {
  autoSize: true,
  layout: { background: { color: colour('--back') }, textColor: colour('--text') },
  grid: { vertLines: { color: colour('--line') }, horzLines: { color: colour('--line') } },
});
data.curves.forEach((curve, i) => {
  const series = chart.addSeries(LineSeries, {
    color: colour(i === 0 ? '--ours' : '--theirs'), lineWidth: 2, priceLineVisible: false,
  });
  series.setData(curve.map(([time, value]) => ({ time, value })));
});
chart.timeScale().fitContent();
document.body.dataset.drawn = '1';
`;

/** Two runs side by side: figures, what differs in configuration and data, both equity curves. */
export function comparePage(a: StoredRun, b: StoredRun): string {
  const simulated = [a, b].filter((run) => run.summary.data.kind === 'simulated');
  const warning =
    simulated.length === 0
      ? ''
      : `<p class="simulated">SIMULATED market in ${simulated
          .map((run) => escapeHtml(run.name))
          .join(' and ')}: these prices were invented.</p>`;
  const body = `<h1>Two runs</h1>
<p><b class="a">A</b> ${escapeHtml(a.name)}: ${escapeHtml(a.summary.label)}<br>
<b class="b">B</b> ${escapeHtml(b.name)}: ${escapeHtml(b.summary.label)}</p>${warning}
<h2>Equity</h2><div id="equity"></div>
<h2>Figures</h2>${table(['', 'A', 'B', 'B - A'], figureRows(a.summary, b.summary))}
<h2>What differs in settings and data</h2>${table(['setting', 'A', 'B'], settingRows(a, b))}
<p>A difference may be chance: look at the intervals. Not financial advice.</p>`;
  const data = { curves: [a.equity, b.equity] };
  return htmlPage({ title: 'Two runs', style: STYLE, body, data, script: SCRIPT });
}

/** Name, A, B, difference. */
export function figureRows(a: RunSummary, b: RunSummary): string[][] {
  const figures: [string, (run: RunSummary) => number | null | undefined, number][] = [
    ['trades', (run) => run.metrics.stats.trades, 0],
    ['net', (run) => run.metrics.stats.netPnl, 2],
    ['mean R after costs', (run) => run.metrics.stats.meanR, 3],
    ['its 95 % interval, low', (run) => run.metrics.intervals.meanR?.low, 3],
    ['its 95 % interval, high', (run) => run.metrics.intervals.meanR?.high, 3],
    ['win rate', (run) => run.metrics.stats.winRate, 3],
    ['profit factor', (run) => run.metrics.stats.profitFactor, 3],
    ['largest drawdown', (run) => run.metrics.equity.maxDrawdownFraction, 3],
    ['Sharpe', (run) => run.metrics.equity.sharpe, 2],
    ['fees', (run) => run.metrics.stats.fees, 2],
    ['slippage', (run) => run.metrics.stats.slippage, 2],
    ['funding', (run) => run.metrics.stats.funding, 2],
    ['time in the market', (run) => run.metrics.activity.exposure, 3],
    ['alerts', (run) => run.alerts, 0],
  ];
  return figures.map(([name, read, digits]) => {
    const [x, y] = [read(a), read(b)];
    const text = (value: number | null | undefined) =>
      value === null || value === undefined ? '-' : value.toFixed(digits);
    const isKnown = typeof x === 'number' && typeof y === 'number';
    return [name, text(x), text(y), isKnown ? text(y - x) : '-'];
  });
}

/** Every leaf of the configuration, and the data, that is not the same. */
export function settingRows(a: StoredRun, b: StoredRun): string[][] {
  const left = leaves({ config: a.summary.config, data: fingerprint(a) });
  const right = leaves({ config: b.summary.config, data: fingerprint(b) });
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  const rows = names
    .filter((name) => left.get(name) !== right.get(name))
    .map((name) => [name, left.get(name) ?? '-', right.get(name) ?? '-']);
  return rows.length === 0 ? [['nothing', 'the same', 'the same']] : rows;
}

function fingerprint(run: StoredRun): unknown {
  const { fingerprints, span, effectDigest } = run.summary;
  return { ...fingerprints, from: span.from, to: span.to, decisions: effectDigest };
}

function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]]);
  const out = new Map<string, string>();
  for (const [key, child] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`;
    for (const [leaf, text] of leaves(child, name)) out.set(leaf, text);
  }
  return out;
}

function table(titles: readonly string[], rows: readonly string[][]): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  const lines = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
  return `<div class="scroll"><table><thead><tr>${cells(titles, 'th')}</tr></thead>
<tbody>${lines}</tbody></table></div>`;
}
