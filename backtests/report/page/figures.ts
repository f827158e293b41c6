import { escapeHtml } from '../../page-parts.ts';
import type { EquityShape } from '../equity-shape.ts';
import { type Figure, fixed, isKnown, money, percent } from './format.ts';

const W = 1_200;
const H = 300;
const DAY_MS = 86_400_000;

/** Equity above, drawdown below, on one time axis. Lines keep their width at any size. */
export function equityFigure(shape: EquityShape, startEquity: number): string {
  const { low, high, last, drawdown } = shape;
  const count = last.length;
  const top = Math.max(startEquity, ...high);
  const bottom = Math.min(startEquity, ...low);
  const range = top - bottom || 1;
  const x = (i: number) => round(((i + 0.5) / count) * W);
  const y = (value: number) => round(8 + ((top - value) / range) * (H - 16));
  const line = last.map((value, i) => `${x(i)},${y(value)}`).join(' ');
  const deepest = Math.min(-1e-6, ...drawdown);
  const depth = (value: number) => round((value / deepest) * 96 + 2);
  const under = drawdown.map((value, i) => `${x(i)},${depth(value)}`).join(' ');
  const zero = y(startEquity);
  const label = (at: number, height: number, text: string) =>
    `<span class="axis" style="top:${round((at / height) * 100)}%">${escapeHtml(text)}</span>`;
  const equity = `<div class="plot tall"><svg viewBox="0 0 ${W} ${H}" preserveAspectRatio="none"
role="img" aria-label="equity">
<line class="zero" x1="0" x2="${W}" y1="${zero}" y2="${zero}"/>
<polygon class="area" points="0,${zero} ${line} ${W},${zero}"/>
<polyline class="curve" points="${line}"/></svg>
${label(8, H, money(top))}${label(H - 8, H, money(bottom))}${label(zero, H, money(startEquity))}</div>`;
  const fall = `<div class="plot low"><svg viewBox="0 0 ${W} 100" preserveAspectRatio="none"
role="img" aria-label="drawdown"><polygon class="under" points="0,2 ${under} ${W},2"/></svg>
${label(98, 100, percent(deepest))}</div>`;
  return `${equity}<p class="small">drawdown</p>${fall}${timeAxis(shape)}`;
}

function timeAxis({ startMs, endMs }: EquityShape): string {
  const ticks = Array.from({ length: 5 }, (_, i) => startMs + ((endMs - startMs) * i) / 4);
  const isShort = endMs - startMs < 4 * DAY_MS;
  const text = (ms: number) =>
    isShort
      ? new Date(ms).toISOString().slice(5, 16).replace('T', ' ')
      : new Date(ms).toISOString().slice(0, 10);
  return `<div class="times">${ticks.map((ms) => `<span>${text(ms)}</span>`).join('')}</div>`;
}

/** Trades by net R in steps of a quarter R; the tails are gathered in the outer bars. */
export function rHistogram(rs: readonly number[]): string {
  if (rs.length === 0) return '<p class="none">no trades</p>';
  const bins = rBins(rs);
  const most = Math.max(...bins.map((bin) => bin.count));
  const bars = bins.map(({ from, count, isFirst, isLast }) => {
    const name = isFirst
      ? `under ${fixed(from + 0.25, 2)}`
      : isLast
        ? `${fixed(from, 2)} and over`
        : `${fixed(from, 2)} to ${fixed(from + 0.25, 2)}`;
    const tall = round((count / most) * 100);
    const side = from >= 0 ? 'up' : 'down';
    return `<div class="bin" title="${escapeHtml(`${name} R: ${count} trades`)}">
<b>${count || ''}</b><i class="${side}" style="height:${tall}%"></i></div>`;
  });
  const axis = bins.map(
    ({ from }) => `<span>${Number.isInteger(from) ? fixed(from, 0) : ''}</span>`,
  );
  return `<div class="bins">${bars.join('')}</div><div class="binaxis">${axis.join('')}</div>
<p class="small">net R of a trade; figures over the bars are trades</p>`;
}

const R_STEP = 0.25;
const R_LOW = -2.5;
const R_HIGH = 3;

export function rBins(rs: readonly number[]) {
  const total = Math.round((R_HIGH - R_LOW) / R_STEP);
  const bins = Array.from({ length: total }, (_, i) => ({
    from: R_LOW + i * R_STEP,
    count: 0,
    isFirst: i === 0,
    isLast: i === total - 1,
  }));
  for (const r of rs) {
    // A whole step belongs to the bar that begins there; 0 R is a loss after costs of nothing.
    const at = Math.floor((r - R_LOW) / R_STEP);
    bins[Math.min(total - 1, Math.max(0, at))].count++;
  }
  return bins;
}

export interface WaterfallStep {
  name: string;
  /** Change of the running sum; for totals the sum itself. */
  value: number;
  isTotal: boolean;
}

/** Bars from the sum before to the sum after, on one common scale. */
export function waterfall(steps: readonly WaterfallStep[], base: Figure): string {
  const spans = waterfallSpans(steps);
  const low = Math.min(0, ...spans.map((span) => span.low));
  const high = Math.max(0, ...spans.map((span) => span.high));
  const range = high - low || 1;
  const at = (value: number) => ((value - low) / range) * 100;
  const rows = steps.map((step, i) => {
    const { low: from, high: to } = spans[i];
    const side = step.isTotal ? 'total' : step.value >= 0 ? 'up' : 'down';
    const style = `left:${round(at(from))}%;width:${round(Math.max(0.3, at(to) - at(from)))}%`;
    const share = isKnown(base) && base !== 0 ? ` (${percent(step.value / base)})` : '';
    return `<div class="fall${step.isTotal ? ' sum' : ''}"><span>${escapeHtml(step.name)}</span>
<div><u style="left:${round(at(0))}%"></u><i class="${side}" style="${style}"></i></div>
<b>${escapeHtml(`${money(step.value)}${share}`)}</b></div>`;
  });
  return `<div class="falls">${rows.join('\n')}</div>`;
}

export function waterfallSpans(steps: readonly WaterfallStep[]): { low: number; high: number }[] {
  let sum = 0;
  return steps.map(({ value, isTotal }) => {
    const before = isTotal ? 0 : sum;
    sum = isTotal ? value : sum + value;
    return { low: Math.min(before, sum), high: Math.max(before, sum) };
  });
}

/** Counts as bars, each beside its share of the first. */
export function countBars(rows: readonly { name: string; count: number }[]): string {
  const most = Math.max(1, ...rows.map((row) => row.count));
  const bars = rows.map(
    ({ name, count }) =>
      `<div class="fall"><span>${escapeHtml(name)}</span>
<div><i class="total" style="left:0;width:${round((count / most) * 100)}%"></i></div><b>${count}</b></div>`,
  );
  return `<div class="falls">${bars.join('\n')}</div>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
