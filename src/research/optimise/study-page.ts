import { escapeHtml, htmlPage } from '../../../backtests/page-parts.ts';
import { importances } from './importance.ts';
import { isChoosable, lossesOf, OBJECTIVES, valuesOf } from './objective.ts';
import { STUDY_SCRIPT } from './study-script.ts';
import { bestTrial, type StudyReport, type SummaryInput, studyText } from './study-summary.ts';
import type { TrialRecord } from './trial.ts';

/** Lines drawn at most in the parallel coordinates: the best ones, and others evenly. */
const LINES_MAX = 600;
const TABLE_ROWS = 15;

const STYLE = `
.warn { background: var(--warn-back); color: var(--warn); padding: .5rem .75rem; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; background: var(--panel); }
svg text { fill: var(--text); font: 11px system-ui, sans-serif; }
svg .axis { stroke: var(--faint); } svg .line { fill: none; stroke-width: 1; }
svg .bar { fill: var(--ours); } svg .dot { fill: var(--faint); } svg .step { fill: none;
  stroke: var(--up); stroke-width: 2; }
.wide { overflow-x: auto; }
`;

/** One self-contained page: what was asked, what came out, what mattered, where it was looked for. */
export function studyPage(input: StudyReport): string {
  const { loaded, records, settings } = input;
  const { goal } = settings;
  const { space } = loaded;
  const shares = importances(space, records, goal);
  const whole = records.filter(({ budget }) => budget === 1);
  const losses = lossesOf(whole, goal);
  const rows = whole
    .map((record, i) => ({ record, loss: losses[i] }))
    .sort((a, b) => a.loss - b.loss || a.record.number - b.record.number);
  const body = `
<h1>Search: ${escapeHtml(space.declaration.name)}</h1>
<pre>${escapeHtml(studyText(input))}</pre>
<p class="warn">The winner of a search is the luckiest of ${records.length} trials as well as the
best. Judge it by the part of the data that no trial saw, and by how many trials were ever spent.</p>
<h2>Best so far, by trial</h2><div id="progress"></div>
<h2>What mattered</h2>
<p>Part of the variance of the trials' ranks that each parameter alone explains (omega squared).
${shares.length === 0 ? 'Too few trials with figures to say.' : ''} A sampler that learns looks
mostly where it is good, so these shares describe the search, not the whole space.</p>
<div id="importance"></div>
<h2>All trials, one line each</h2>
<p>Strong lines may be chosen, by rank; faint ones broke a limit or had no figures. Inactive
parameters are left out of a line.</p>
<div class="wide" id="parallel"></div>
<h2>The best ${Math.min(TABLE_ROWS, rows.length)}</h2>
${tableOf(rows.slice(0, TABLE_ROWS).map(({ record }) => record))}
`;
  return htmlPage({
    title: `Search ${space.declaration.name}`,
    style: STYLE,
    body,
    data: { ...pageData(input, rows), shares },
    script: STUDY_SCRIPT,
  });
}

function pageData(input: SummaryInput, rows: readonly { record: TrialRecord; loss: number }[]) {
  const { loaded, settings, records } = input;
  const { goal } = settings;
  const step = Math.max(1, Math.ceil(rows.length / LINES_MAX));
  const lines = rows
    .filter((_, place) => place < LINES_MAX / 3 || place % step === 0)
    .map(({ record }, place, all) => ({
      number: record.number,
      values: record.values,
      isAllowed: isChoosable(record, goal),
      place: place / Math.max(1, all.length - 1),
    }));
  const [first] = goal.objectives;
  return {
    parameters: loaded.space.parameters,
    lines,
    best: bestTrial(records, goal)?.number ?? null,
    objective: OBJECTIVES[first].note,
    progress: records
      .filter(({ budget }) => budget === 1)
      .map((record) => ({
        number: record.number,
        value: valuesOf(record, goal)?.[0] ?? null,
        isAllowed: isChoosable(record, goal),
      })),
  };
}

function tableOf(records: readonly TrialRecord[]): string {
  const number = (value: number | null | undefined, digits = 2) =>
    value === null || value === undefined ? '' : value.toFixed(digits);
  const rows = records.map(({ number: n, status, figures, values }) => {
    const settings = Object.entries(values)
      .map(([path, value]) => `${path}=${JSON.stringify(value)}`)
      .join(' ');
    const cells = [
      String(n),
      status,
      String(figures?.trades ?? ''),
      number(figures?.profitFactor),
      number(figures?.profitFactorLow),
      number(figures?.meanR),
      number(figures && figures.returnFraction * 100),
      number(figures && figures.maxDrawdown * 100),
      number(figures?.sharpe),
      settings,
    ];
    return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const heads = ['trial', 'status', 'trades', 'PF', 'PF low', 'mean R', 'return %', 'drawdown %'];
  return `<div class="wide"><table><tr>${[...heads, 'Sharpe', 'settings']
    .map((head) => `<th>${head}</th>`)
    .join('')}</tr>${rows.join('')}</table></div>`;
}
