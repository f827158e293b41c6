import { escapeHtml, htmlPage } from '../../../backtests/page-parts.ts';
import type { Chart, ResearchDocument, Section, Table } from './research-document.ts';

const W = 1_200;
const H = 280;
const INKS = ['var(--ours)', 'var(--theirs)', 'var(--up)', 'var(--down)', 'var(--faint)'];

const STYLE = `
.label { color: var(--faint); } .simulated { background: var(--warn-back); color: var(--warn);
  font-weight: 600; padding: .4rem .7rem; display: inline-block; border-radius: 4px; }
.verdict { font-size: 1.15rem; font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; font-variant-numeric: tabular-nums; }
th { color: var(--faint); font-weight: 500; } td { max-width: 34rem; }
svg { width: 100%; height: 260px; background: var(--panel); display: block; }
.axis { display: flex; justify-content: space-between; color: var(--faint); font-size: 12px; }
.key { margin-right: 1rem; } .key i { display: inline-block; width: .8rem; height: .2rem;
  margin-right: .3rem; vertical-align: middle; }
`;

/** One self-contained HTML file: it loads nothing. All text is escaped here. */
export function researchPage(document: ResearchDocument, data: unknown): string {
  const isSimulated = document.label.startsWith('SIMULATED');
  const body = [
    `<h1>${escapeHtml(document.title)}</h1>`,
    `<p class="${isSimulated ? 'simulated' : 'label'}">${escapeHtml(document.label)}</p>`,
    ...document.sections.map(sectionMarkup),
    '<p class="label">Measured on past or made data; not a forecast and not financial advice.</p>',
  ].join('\n');
  return htmlPage({ title: document.title, style: STYLE, body, data, script: '' });
}

function sectionMarkup(section: Section): string {
  const verdict =
    section.verdict === undefined ? '' : `<p class="verdict">${escapeHtml(section.verdict)}</p>`;
  return [
    `<section><h2>${escapeHtml(section.heading)}</h2>`,
    verdict,
    ...(section.paragraphs ?? []).map((text) => `<p>${escapeHtml(text)}</p>`),
    ...(section.charts ?? []).map(chartMarkup),
    ...(section.tables ?? []).map(tableMarkup),
    '</section>',
  ].join('\n');
}

function tableMarkup({ head, rows }: Table): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table><thead>${cells('th', head)}</thead>
<tbody>${rows.map((row) => cells('td', row)).join('\n')}</tbody></table></div>`;
}

function chartMarkup(chart: Chart): string {
  const points = chart.lines.flatMap((line) => line.points);
  if (points.length === 0) return `<p>${escapeHtml(chart.title)}: nothing to draw</p>`;
  const [left, right] = ends(points.map(({ x }) => x));
  const [low, high] = ends(points.map(({ y }) => y));
  const px = (x: number) => (((x - left) / (right - left || 1)) * W).toFixed(1);
  const py = (y: number) => (8 + ((high - y) / (high - low || 1)) * (H - 16)).toFixed(1);
  const lines = chart.lines.map(({ points: each }, i) => {
    const path = each.map(({ x, y }) => `${px(x)},${py(y)}`).join(' ');
    return `<polyline fill="none" stroke="${INKS[i % INKS.length]}" stroke-width="2"
vector-effect="non-scaling-stroke" points="${path}"/>`;
  });
  const keys = chart.lines.map(
    ({ name }, i) =>
      `<span class="key"><i style="background:${INKS[i % INKS.length]}"></i>${escapeHtml(name)}</span>`,
  );
  const text = (value: string) => `<span>${escapeHtml(value)}</span>`;
  return `<figure><figcaption>${escapeHtml(chart.title)}: from ${escapeHtml(chart.formatY(low))} to
${escapeHtml(chart.formatY(high))}</figcaption>
<svg viewBox="0 0 ${W} ${H}" preserveAspectRatio="none" role="img"
aria-label="${escapeHtml(chart.title)}">${lines.join('\n')}</svg>
<div class="axis">${text(chart.formatX(left))}${text(chart.formatX(right))}</div>
<p>${keys.join('')}</p></figure>`;
}

function ends(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
