import type { TradeRecord } from '../../src/engine/trade-record.ts';
import type { Slice } from '../metrics/breakdown.ts';
import { escapeHtml, htmlPage } from '../page-parts.ts';
import { isoTime } from './csv.ts';
import type { RunPageData } from './run-page-data.ts';
import { RUN_PAGE_SCRIPT } from './run-page-script.ts';
import type { RunSummary } from './summary.ts';
import { textReport } from './text-report.ts';

export interface RunPageInput {
  summary: RunSummary;
  trades: readonly TradeRecord[];
  data: RunPageData;
}

const STYLE = `
header p { margin: 0; color: var(--faint); }
.simulated { background: var(--warn-back); color: var(--warn); padding: .5rem .75rem;
  border-radius: 6px; font-weight: 600; margin: .75rem 0; }
.verdict { font-size: 1.05rem; margin: .75rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: .5rem; }
.card { background: var(--panel); border-radius: 6px; padding: .5rem .75rem; }
.card b { display: block; font-size: 1.15rem; } .card span { color: var(--faint); font-size: 12px; }
#price { height: 520px; } #equity { height: 360px; }
.bar { display: flex; flex-wrap: wrap; gap: .9rem; margin: .25rem 0 .5rem; align-items: center; }
button { font: inherit; padding: .15rem .6rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
  gap: 0 2rem; }
.scroll { overflow: auto; max-height: 480px; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { position: sticky; top: 0; background: var(--panel); color: var(--faint); font-weight: 600; }
tr[data-trade] { cursor: pointer; } tr[data-trade]:hover, tr.chosen { background: var(--panel); }
.gain { color: var(--up); } .loss { color: var(--down); }
svg { width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 11px; }
`;

/** The report of one run as one HTML file that needs nothing else. */
export function runPage(input: RunPageInput): string {
  const { summary, trades, data } = input;
  const body = [
    head(summary),
    cards(summary),
    chartSection(summary),
    '<h2>Equity and drawdown</h2><div id="equity"></div>',
    `<div class="columns">${[
      section('Targets of the documents beside measured', targetTable(summary)),
      section('From gross to net', waterfall(summary)),
      section('Net R of trades', histogram(trades)),
      section('Months', sliceTable('month', summary.metrics.breakdown.month)),
      section('Sides', sliceTable('side', summary.metrics.breakdown.side)),
      section('Exits', sliceTable('exit', summary.metrics.breakdown.exitReason)),
      section('From alert to trade', funnelTable(summary)),
      section('Breakers and notices', noticeTable(summary)),
    ].join('')}</div>`,
    section('Trades', tradeTable(trades)),
    section('Report as text', `<pre>${escapeHtml(textReport(summary))}</pre>`),
  ].join('\n');
  const title = `${summary.label} - QuantCloud Matrix`;
  return htmlPage({ title, style: STYLE, body, data, script: RUN_PAGE_SCRIPT });
}

function section(title: string, content: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

function head(summary: RunSummary): string {
  const { span, label, data } = summary;
  const isSimulated = data.kind === 'simulated';
  const warning = isSimulated
    ? '<p class="simulated">SIMULATED market: these prices were invented.</p>'
    : '';
  const verdict = /^VERDICT: .*$/m.exec(textReport(summary))?.[0] ?? '';
  return `<header><h1>${escapeHtml(label)}</h1>
<p>${escapeHtml(`${span.from} to ${span.to}, ${span.signalBars} bars of ${span.signalMinutes}m`)}.
Times are UTC. Independent, not affiliated, not financial advice.</p>${warning}
<p class="verdict"><b>${escapeHtml(verdict)}</b></p></header>`;
}

function cards(summary: RunSummary): string {
  const { stats, intervals, equity, activity } = summary.metrics;
  const meanR = intervals.meanR;
  const cells: [string, string][] = [
    ['net', money(stats.netPnl)],
    ['return', percent(equity.returnFraction)],
    ['trades', String(stats.trades)],
    ['win rate', percent(stats.winRate)],
    ['mean R after costs', number(stats.meanR, 3)],
    [
      '95 % of it',
      meanR === undefined ? '-' : `${number(meanR.low, 2)} to ${number(meanR.high, 2)}`,
    ],
    ['profit factor', number(stats.profitFactor, 2)],
    ['largest drawdown', percent(equity.maxDrawdownFraction)],
    ['Sharpe / Sortino', `${number(equity.sharpe, 2)} / ${number(equity.sortino, 2)}`],
    ['time in the market', percent(activity.exposure)],
  ];
  const card = ([name, value]: [string, string]) =>
    `<div class="card"><span>${escapeHtml(name)}</span><b>${escapeHtml(value)}</b></div>`;
  return `<div class="cards">${cells.map(card).join('')}</div>`;
}

function chartSection(summary: RunSummary): string {
  const simulated = summary.data.kind === 'simulated' ? ' (SIMULATED)' : '';
  const names = {
    trades: 'trades',
    blocks: 'order blocks',
    structure: 'structure',
    alerts: 'alerts',
  };
  const boxes = Object.entries(names).map(
    ([key, name]) => `<label><input type="checkbox" data-show="${key}" checked> ${name}</label>`,
  );
  return `<h2>Chart${simulated}</h2>
<div class="bar">${boxes.join('')}<button id="whole" type="button">whole span</button>
<span>click a trade below to see it here</span></div><div id="price"></div>`;
}

function targetTable(summary: RunSummary): string {
  const rows = summary.metrics.targets.map((row) => [
    row.name,
    row.target,
    row.unit === 'fraction' ? percent(row.measured) : number(row.measured, 2),
    row.verdict,
  ]);
  return table(['target', 'promised', 'measured', 'verdict'], rows);
}

function waterfall(summary: RunSummary): string {
  const { stats } = summary.metrics;
  const steps: [string, number][] = [
    ['main leg, gross', stats.grossPnl],
    ['hedge legs', stats.hedgePnl],
    ['fees', -Math.abs(stats.fees)],
    ['funding', stats.funding],
    ['net', stats.netPnl],
  ];
  const most = Math.max(...steps.map(([, value]) => Math.abs(value)), 1e-9);
  const rows = steps.map(([name, value], i) => {
    const width = (150 * Math.abs(value)) / most;
    const left = value < 0 ? 320 - width : 320;
    const y = 8 + 24 * i;
    return `<text x="0" y="${y + 12}">${name}</text>
<rect x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="16"
 fill="var(${value < 0 ? '--down' : '--up'})"></rect>
<text x="500" y="${y + 12}">${money(value)}</text>`;
  });
  const note = `<p>Slippage of ${money(-Math.abs(stats.slippage))} is part of gross.</p>`;
  return `<svg viewBox="0 0 580 132" role="img" aria-label="costs">${rows.join('')}</svg>${note}`;
}

/** Counts by quarter R between -3 and 3; the ends hold what lies beyond. */
function histogram(trades: readonly TradeRecord[]): string {
  const [low, step, cells] = [-3, 0.25, 24];
  const counts = new Array<number>(cells).fill(0);
  for (const { tradeR } of trades) {
    const cell = Math.floor((tradeR - low) / step);
    counts[Math.min(cells - 1, Math.max(0, cell))]++;
  }
  const most = Math.max(...counts, 1);
  const bars = counts.map((count, i) => {
    const height = (100 * count) / most;
    const fill = low + i * step < 0 ? '--down' : '--up';
    return `<rect x="${20 + 23 * i}" y="${(112 - height).toFixed(1)}" width="21"
 height="${height.toFixed(1)}" fill="var(${fill})"><title>${count}</title></rect>`;
  });
  const labels = [-3, -2, -1, 0, 1, 2, 3].map(
    (r) => `<text x="${20 + (23 * (r - low)) / step}" y="128">${r} R</text>`,
  );
  const all = bars.join('') + labels.join('');
  return `<svg viewBox="0 0 600 134" role="img" aria-label="distribution of R">${all}</svg>`;
}

function sliceTable(name: string, slices: readonly Slice[]): string {
  const rows = slices.map(({ name: label, stats }) => [
    label,
    String(stats.trades),
    percent(stats.winRate),
    number(stats.meanR, 3),
    number(stats.profitFactor, 2),
    money(stats.netPnl),
  ]);
  return table([name, 'trades', 'wins', 'mean R', 'PF', 'net'], rows);
}

function funnelTable(summary: RunSummary): string {
  const refused = Object.entries(summary.refusals).map(([rule, count]) => [
    `refused by ${rule}`,
    String(count),
  ]);
  const { stats, doubt } = summary.metrics;
  const rows = [
    ['alerts', String(summary.alerts)],
    ...refused,
    ['approved, not filled', String(doubt.notFilled)],
    ['trades', String(stats.trades)],
  ];
  return table(['step', 'count'], rows);
}

function noticeTable(summary: RunSummary): string {
  const stop = summary.equityStop;
  const rows = [
    [`equity stop (${stop.onBreach})`, stop.firstBreach ?? 'never'],
    ...Object.entries(summary.notices).map(([code, count]) => [code, String(count)]),
    ...summary.degradedRules.map((text) => ['fallback', text]),
  ];
  return table(['what', 'when or how often'], rows, 'wrap');
}

function tradeTable(trades: readonly TradeRecord[]): string {
  const titles = [
    'filled',
    'side',
    'quantity',
    'entry',
    'stop',
    'exit',
    'reason',
    'R',
    'net',
    'legs',
  ];
  const rows = trades.map((trade, i) => {
    const tone = trade.netPnl > 0 ? 'gain' : 'loss';
    const legs = trade.legs.map((leg) => `${leg.symbol} ${money(leg.netPnl)}`).join(', ');
    const cells = [
      isoTime(trade.firstFillMs).slice(0, 16).replace('T', ' '),
      trade.direction === 1 ? 'long' : 'short',
      String(trade.quantity),
      String(trade.entryPrice),
      String(trade.initialStop),
      String(trade.exitPrice),
      trade.exitReason,
      trade.tradeR.toFixed(2),
      money(trade.netPnl),
      legs,
    ];
    const html = cells.map((cell, c) => {
      const style = c === 7 || c === 8 ? ` class="${tone}"` : '';
      return `<td${style}>${escapeHtml(cell)}</td>`;
    });
    return `<tr data-trade="${i}" tabindex="0">${html.join('')}</tr>`;
  });
  const heading = titles.map((title) => `<th>${title}</th>`).join('');
  const content = `<table><thead><tr>${heading}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
  return `<div class="scroll" id="trades">${content}</div>`;
}

function table(titles: readonly string[], rows: readonly string[][], kind = ''): string {
  const style = kind === 'wrap' ? ' style="white-space:normal"' : '';
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}${style}>${escapeHtml(cell)}</${tag}>`).join('');
  const lines = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('');
  return `<div class="scroll"><table><thead><tr>${cells(titles, 'th')}</tr></thead>
<tbody>${lines}</tbody></table></div>`;
}

function money(value: number): string {
  return `${value < 0 ? '-' : ''}${Math.abs(value).toFixed(2)}`;
}

function percent(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)} %`;
}

function number(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
}
