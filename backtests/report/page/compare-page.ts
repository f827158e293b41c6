import { escapeHtml, htmlPage } from '../../page-parts.ts';
import type { EquityShape } from '../equity-shape.ts';
import type { ReportData } from '../report-data.ts';
import type { RunSummary } from '../summary.ts';
import { dataTable, type Figure, fixed, isKnown, money, percent, section } from './format.ts';
import { REPORT_STYLE } from './style.ts';

export interface ComparedRun {
  /** As the user named it. */
  name: string;
  summary: RunSummary;
  data: ReportData;
}

/** Two runs beside each other: settings that differ, figures with their difference, equity. */
export function comparePage(a: ComparedRun, b: ComparedRun): string {
  const simulated = [a, b].map(({ summary }) => summary.data.kind === 'simulated');
  const isSimulated = simulated.some(Boolean);
  const part = (title: string, body: string, note?: string) =>
    section({ title, body, note, isSimulated, isWide: true });
  const names = [a, b].map(
    ({ name, summary }, i) =>
      `<p class="small"><b class="${i === 0 ? 'a' : 'b2'}">${i === 0 ? 'A' : 'B'}</b>
${escapeHtml(`${name}: ${summary.label}, ${summary.span.from} to ${summary.span.to}`)}</p>`,
  );
  const differing = settingsThatDiffer(a.summary.config, b.summary.config);
  const settings =
    differing.length > 0
      ? dataTable(['setting', 'A', 'B'], differing, [0, 1, 2])
      : '<p class="none">the same settings</p>';
  const warning = comparability(a.summary, b.summary);
  const body = `<header class="top"><h1>QuantCloud Matrix: two runs</h1>
${isSimulated ? '<span class="sim">SIMULATED</span>' : ''}</header>
<main>${part('Runs', names.join(''), warning)}
${part('Equity as a multiple of the start', twoCurves(a.data.equity, b.data.equity))}
${part('Figures', dataTable(['', 'A', 'B', 'B − A'], figureRows(a.summary, b.summary)))}
${part('Settings that differ', settings)}
<footer class="foot">Not financial advice.</footer></main>`;
  return htmlPage({ title: 'Two backtests', style: REPORT_STYLE, body, data: {}, script: '' });
}

function comparability(a: RunSummary, b: RunSummary): string {
  const reasons = [
    a.fingerprints.dataHash === b.fingerprints.dataHash ? '' : 'their data differ',
    a.span.from === b.span.from && a.span.to === b.span.to ? '' : 'their spans differ',
    a.fingerprints.codeVersion === b.fingerprints.codeVersion ? '' : 'their code differs',
  ].filter(Boolean);
  if (reasons.length === 0) return 'Same data, same span, same code.';
  return `Compare with care: ${reasons.join(', ')}.`;
}

function figureRows(a: RunSummary, b: RunSummary): string[][] {
  const row = (
    name: string,
    of: (summary: RunSummary) => Figure,
    format: (value: Figure) => string,
  ) => {
    const [x, y] = [of(a), of(b)];
    return [name, format(x), format(y), isKnown(x) && isKnown(y) ? format(y - x) : '–'];
  };
  const digits = (count: number) => (value: Figure) => fixed(value, count);
  return [
    row('trades', (s) => s.metrics.stats.trades, digits(0)),
    row('net profit, USDT', (s) => s.metrics.stats.netPnl, money),
    row('return', (s) => s.metrics.equity.returnFraction, percent),
    row('win rate', (s) => s.metrics.stats.winRate, percent),
    row('expectancy, R', (s) => s.metrics.stats.meanR, digits(3)),
    row('expectancy, 95 % low', (s) => s.metrics.intervals.meanR?.low, digits(3)),
    row('expectancy, 95 % high', (s) => s.metrics.intervals.meanR?.high, digits(3)),
    row('profit factor', (s) => s.metrics.stats.profitFactor, digits(2)),
    row('max drawdown', (s) => s.metrics.equity.maxDrawdownFraction, percent),
    row('worst day, R', (s) => s.metrics.equity.worstDayR, digits(2)),
    row('Sharpe', (s) => s.metrics.equity.sharpe, digits(2)),
    row('Sortino', (s) => s.metrics.equity.sortino, digits(2)),
    row('before costs, USDT', (s) => s.metrics.doubt.pnlBeforeCosts, money),
    row('fees, USDT', (s) => s.metrics.stats.fees, money),
    row('slippage, USDT', (s) => s.metrics.stats.slippage, money),
    row('funding, USDT', (s) => s.metrics.stats.funding, money),
    row('maker share', (s) => s.metrics.stats.makerShare, percent),
    row('exposure', (s) => s.metrics.activity.exposure, percent),
    row('mean holding, minutes', (s) => s.metrics.stats.meanHoldMinutes, digits(1)),
  ];
}

/** Leaves of both configurations that are not equal, by path. */
export function settingsThatDiffer(a: unknown, b: unknown): string[][] {
  const [x, y] = [leaves(a), leaves(b)];
  const paths = [...new Set([...x.keys(), ...y.keys()])].sort();
  return paths
    .filter((path) => x.get(path) !== y.get(path))
    .map((path) => [path, x.get(path) ?? '–', y.get(path) ?? '–']);
}

function leaves(value: unknown, path = '', into = new Map<string, string>()) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, each] of Object.entries(value)) {
      leaves(each, path === '' ? key : `${path}.${key}`, into);
    }
  } else into.set(path, JSON.stringify(value) ?? '–');
  return into;
}

function twoCurves(a: EquityShape, b: EquityShape): string {
  const startMs = Math.min(a.startMs, b.startMs);
  const endMs = Math.max(a.endMs, b.endMs);
  const scaled = [a, b].map((shape) => shape.last.map((value) => value / (shape.last[0] || 1)));
  const all = scaled.flat();
  const [top, bottom] = [Math.max(1, ...all), Math.min(1, ...all)];
  const y = (value: number) => (6 + ((top - value) / (top - bottom || 1)) * 288).toFixed(1);
  const lines = [a, b].map((shape, k) => {
    const points = scaled[k].map((value, i) => {
      const ms = shape.startMs + ((shape.endMs - shape.startMs) * (i + 0.5)) / scaled[k].length;
      return `${(((ms - startMs) / Math.max(1, endMs - startMs)) * 1200).toFixed(1)},${y(value)}`;
    });
    return `<polyline class="curve${k === 0 ? '' : ' b'}" points="${points.join(' ')}"/>`;
  });
  const label = (value: number) =>
    `<span class="axis" style="top:${(Number(y(value)) / 3).toFixed(1)}%">${fixed(value, 3)} x</span>`;
  return `<div class="plot tall"><svg viewBox="0 0 1200 300" preserveAspectRatio="none" role="img"
aria-label="equity of both runs"><line class="zero" x1="0" x2="1200" y1="${y(1)}" y2="${y(1)}"/>
${lines.join('\n')}</svg>${label(top)}${label(bottom)}</div>
<p class="small"><b class="a">A blue</b>, <b class="b2">B red</b></p>`;
}
