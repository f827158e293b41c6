import { escapeHtml, htmlPage } from '../../page-parts.ts';
import type { ReportData } from '../report-data.ts';
import type { RunSummary } from '../summary.ts';
import { CHART_SCRIPT } from './chart-script.ts';
import { countBars, equityFigure, rHistogram, waterfall } from './figures.ts';
import { section } from './format.ts';
import { OVERLAY_SCRIPT } from './overlay-script.ts';
import { UNPACK_BARS_SCRIPT } from './pack-bars.ts';
import { UNPACK_SCRIPT } from './pack-ints.ts';
import {
  costSteps,
  doubtTable,
  funnelTables,
  guardTable,
  keyFigures,
  monthTable,
  provenance,
  sliceTables,
  targetTable,
  verdict,
} from './report-tables.ts';
import { REPORT_STYLE } from './style.ts';

/**
 * The report of one run as one file that loads nothing. The same summary and data make the same
 * bytes. Labels, reasons and tags may hold anything: they arrive as text only.
 */
export function reportPage(summary: RunSummary, data: ReportData): string {
  const isSimulated = summary.data.kind === 'simulated';
  const { bars, structure, tags, alerts, trades, log } = data;
  return htmlPage({
    title: `${isSimulated ? 'SIMULATED ' : ''}${data.symbol} ${summary.span.from.slice(0, 10)} backtest`,
    style: REPORT_STYLE,
    body: `${header(summary, data)}<main>${sections(summary, data, isSimulated)}</main>`,
    data: { bars, structure, tags, alerts, trades, log, isSimulated },
    script: `${UNPACK_SCRIPT}${UNPACK_BARS_SCRIPT}${OVERLAY_SCRIPT}${CHART_SCRIPT}`,
  });
}

function header(summary: RunSummary, { symbol }: ReportData): string {
  const { span, label, config, data } = summary;
  const { preset } = config as { preset?: unknown };
  const sim = data.kind === 'simulated' ? '<span class="sim">SIMULATED</span>' : '';
  const text = [
    `${symbol} ${span.signalMinutes}m`,
    preset === undefined ? '' : `preset ${String(preset)}`,
    `${span.from.slice(0, 10)} to ${span.to.slice(0, 10)}`,
    label,
    span.isInterrupted ? 'INTERRUPTED' : '',
  ].filter(Boolean);
  const spans = text.map((each) => `<span>${escapeHtml(each)}</span>`).join('');
  return `<header class="top"><h1>QuantCloud Matrix backtest</h1>${sim}${spans}</header>`;
}

function sections(summary: RunSummary, data: ReportData, isSimulated: boolean): string {
  const { metrics } = summary;
  const part = (
    title: string,
    body: string,
    more: { note?: string; id?: string; isWide?: boolean } = {},
  ) => section({ title, body, isSimulated, ...more });
  return [
    verdict(summary),
    keyFigures(summary),
    part('Equity and drawdown', equityFigure(data.equity, metrics.equity.startEquity), {
      isWide: true,
      note: 'Marked to market, open positions included, UTC.',
    }),
    part('Price and trades', chartBox(data), {
      isWide: true,
      id: 'price',
      note: data.structure.note,
    }),
    part('Trades', tradeList(), {
      isWide: true,
      note: 'Click a row and the chart jumps there. * a bar held both stop and target: stop taken.',
    }),
    part('Targets of the documents', targetTable(metrics.targets), {
      isWide: true,
      note: 'Promised beside measured. Intervals are 95 %, from resampling whole days.',
    }),
    part('Monthly returns', monthTable(metrics), { isWide: true }),
    part('R distribution', rHistogram(data.trades.map((trade) => trade.r)), { isWide: true }),
    part('Where the money went', waterfall(costSteps(metrics.doubt), undefined), {
      note: 'Profit before costs, hedge legs included, down to net, in USDT.',
    }),
    part('From alert to win', countBars(data.steps), {
      note: 'Counted from what happened in this run.',
    }),
    part('Tag funnel', funnelTables(data.funnel), {
      isWide: true,
      note: 'How often each tag held while a signal waited, and how often it alone was missing.',
    }),
    part('By side, exit, month and tag', sliceTables(metrics.breakdown), {
      isWide: true,
      note: '* INSUFFICIENT: under 100 trades a profit factor is noise.',
    }),
    part('What the result hangs on', doubtTable(summary)),
    part('Breakers and refusals', guardTable(summary)),
    part('Breaker log', logList(data), { isWide: true }),
    provenance(summary),
  ].join('\n');
}

function chartBox({ structure }: ReportData): string {
  const layers = ['trades', 'alerts', 'blocks', 'structure', 'tags'];
  const buttons = layers
    .map((name) => `<button data-layer="${name}" aria-pressed="true">${name}</button>`)
    .join('');
  const none = structure.blocks === '' ? ' No blocks in this span.' : '';
  return `<div class="bar">${buttons}<span class="grow"></span><span class="at" id="where"></span>
<button id="previous">‹ trade</button><button id="next">trade ›</button></div>
<div id="chart"></div><p id="hint"></p>
<p class="small">Triangles: fills (hollow = maker; green long entry, red short entry, blue exit).
Dashed orange: working stop and trail. Circles: alerts. Squares on top: hedge legs. Boxes: order
blocks. Lines: BOS and CHoCH (solid = swing). Strips below:
bars on which a tag held. Times are UTC.${none}</p>`;
}

function options(id: string, names: readonly string[]): string {
  const list = names.map((name) => `<option value="${name}">${name}</option>`).join('');
  return `<select id="${id}" aria-label="${id}">${list}</select>`;
}

function tradeList(): string {
  const titles = ['#', 'filled', 'side', 'qty', 'entry', 'stop', 'exit', 'reason', 'min'];
  const more = ['MAE / MFE R', 'fees + slip', 'hedge', 'net', 'R'];
  const left = new Set(['#', 'filled', 'side', 'reason']);
  const head = [...titles, ...more]
    .map((title) => `<th${left.has(title) ? ' class="l"' : ''}>${escapeHtml(title)}</th>`)
    .join('');
  const filters = ['all', 'long', 'short', 'winners', 'losers', 'ambiguous', 'hedged'];
  return `<div class="bar">${options('filter', filters)}${options('order', ['time', 'best', 'worst'])}
<span class="grow"></span><span class="at" id="count"></span>
<button id="older">‹</button><button id="newer">›</button></div>
<div class="scroll list" tabindex="0"><table id="trades"><thead><tr>${head}</tr></thead><tbody></tbody></table></div>`;
}

function logList({ logLeft }: ReportData): string {
  const rest = logLeft > 0 ? `<p class="small">${logLeft} later lines are left out.</p>` : '';
  return `<div class="bar"><span class="at" id="logcount"></span><span class="grow"></span>
<button id="logolder">‹</button><button id="lognewer">›</button></div>
<div class="scroll list" tabindex="0"><table id="log"><thead><tr><th class="l">time</th><th class="l">rule</th>
<th class="l">what it said</th></tr></thead><tbody></tbody></table></div>${rest}`;
}
