import type { Interval } from '../metrics/bootstrap.ts';
import type { Slice } from '../metrics/breakdown.ts';
import { TRADES_SUFFICIENT } from '../metrics/trade-stats.ts';
import type { Arm } from './arms.ts';
import type { Measured } from './measure.ts';

/** One run of the first table. */
export interface GridRow {
  set: string;
  preset: string;
  hedge: string;
  measured: Measured;
}

export interface ArmRow {
  arm: Arm;
  measured: Measured;
}

export interface Ablation {
  title: string;
  base: Measured;
  rows: ArmRow[];
  /** Trades of the base by exit reason and by regime, pooled. */
  exits: Slice[];
  regimes: Slice[];
}

export interface StudyResult {
  command: string;
  codeVersion: string;
  sets: { name: string; spans: string; hash: string; degraded: readonly string[] }[];
  window: GridRow[];
  grid: GridRow[];
  ablations: Ablation[];
  flow: Ablation | undefined;
}

/** docs/RESULTS.md: every sentence that judges is made from the figures it stands on. */
export function resultsDocument(study: StudyResult): string {
  return [
    head(study),
    conclusion(study),
    grid(study),
    window(study),
    ...study.ablations.map(ablation),
    ...(study.flow === undefined ? [] : [ablation(study.flow)]),
    reading(),
  ].join('\n');
}

function head(study: StudyResult): string {
  const sets = study.sets.map(
    ({ name, spans, hash }) => `| ${name} | ${spans} | ${hash.slice(0, 12)} |`,
  );
  const degraded = [...new Set(study.sets.flatMap((set) => set.degraded))];
  return `# Results

Measured, not promised. Written by \`${study.command}\`, code ${study.codeVersion}; run it again and the
same data gives the same table. Not financial advice.

| data | bars of the main symbol | hash |
|---|---|---|
${sets.join('\n')}

Rules that this data cannot feed in full:

${degraded.map((text) => `- ${text}`).join('\n') || '- none'}

There is no order book in bars: post-only entries are not credited, stops come before targets inside a
bar. Equity stops only observe here, so that a run does not end half-way.
`;
}

function conclusion({ grid: rows, ablations }: StudyResult): string {
  const above = rows.filter((row) => row.measured.verdict === 'above zero');
  const losing = rows.filter((row) => isBelowZero(row.measured));
  const gross = rows.filter((row) => (row.measured.grossInterval?.low ?? -1) > 0);
  const grossMost = Math.max(0, ...gross.map((row) => row.measured.trades));
  const few = rows.filter((row) => row.measured.trades < TRADES_SUFFICIENT).length;
  const lines = ['## What the figures say', ''];
  if (above.length === 0) {
    lines.push(
      `**No run shows an edge after costs.** In none of the ${rows.length} does the interval of the net ` +
        `mean lie above zero with ${TRADES_SUFFICIENT} trades or more; ${few} of them have fewer trades than that.`,
    );
  } else {
    const names = above.map((row) => `${row.set} ${row.preset} ${row.hedge}`).join('; ');
    lines.push(`Above zero after costs, with ${TRADES_SUFFICIENT} trades or more: ${names}.`);
  }
  lines.push(
    `In ${losing.length} of ${rows.length} runs the whole interval lies below zero. Before costs it lies ` +
      `above zero in ${gross.length}` +
      (gross.length > 0 ? `, on ${grossMost} trades at most.` : '.'),
  );
  for (const { title, base, rows: arms } of ablations) {
    lines.push('', `${title}: ${sentence(base)}`, ...extremes(base, arms));
  }
  lines.push('');
  return lines.join('\n');
}

function sentence(base: Measured): string {
  const enough = base.trades < TRADES_SUFFICIENT ? ', too few to conclude from' : '';
  const plain = base.verdict === 'loses' ? ' **There is no edge after costs: it loses.**' : '';
  return (
    `${base.trades} trades${enough}; ${r(base.grossR)} a trade before costs ` +
    `(${range(base.grossInterval)}), ${r(base.netR)} after (${range(base.netInterval)}).${plain}`
  );
}

/** Arms with too few trades say nothing; the list names the largest changes among the others. */
const TRADES_TO_NAME = 30;

function extremes(base: Measured, rows: readonly ArmRow[]): string[] {
  const known = rows
    .filter(({ measured, arm }) => measured.trades >= TRADES_TO_NAME && !isFlattering(arm))
    .map((row) => ({ ...row, change: (row.measured.netR ?? 0) - (base.netR ?? 0) }))
    .sort((a, b) => b.change - a.change);
  if (known.length === 0) return [];
  const name = ({ arm, change, measured }: (typeof known)[number]) =>
    `- ${arm.name} (${arm.group}): ${signed(change)} R a trade, to ${r(measured.netR)}` +
    ` (${range(measured.netInterval)}) on ${measured.trades} trades`;
  const best = known.filter(({ change }) => change > 0).slice(0, 4);
  const worst = known
    .filter(({ change }) => change < 0)
    .slice(-4)
    .reverse();
  return [
    '',
    `Largest gains by one change (arms of ${TRADES_TO_NAME} trades or more, costs as they are):`,
    '',
    ...(best.length > 0 ? best.map(name) : ['- none']),
    '',
    'Largest losses by one change:',
    '',
    ...(worst.length > 0 ? worst.map(name) : ['- none']),
    '',
    'A rule whose removal loses is one that earns, and the other way round. With this many arms some',
    'differ by chance alone; none is a reason to change a default.',
  ];
}

/** Arms that assume away what they would have to pay for. */
function isFlattering(arm: Arm): boolean {
  return arm.sets.some((set) => /makerFromBars|slippageK=0|takerPercent/.test(set));
}

function grid({ grid: rows }: StudyResult): string {
  return `## Every set, preset and hedge

${table(rows)}
`;
}

function window({ window: rows }: StudyResult): string {
  return `## The documents' own window

10,000 3m bars from 2023-01-01 00:00 UTC, spot/3m. Promised: 62-68 % wins, profit factor 1.6 and more.

${table(rows)}
`;
}

const GRID_TITLES = [
  'data',
  'preset',
  'hedge',
  'trades',
  'refused',
  'alerts a day',
  'wins',
  'before costs',
  'after costs',
  'PF',
  'net',
  'max DD',
  'verdict',
];

function table(rows: readonly GridRow[]): string {
  const lines = rows.map(({ set, preset, hedge, measured: m }) =>
    cells([
      set,
      preset,
      hedge,
      String(m.trades),
      refused(m),
      m.days > 0 ? (m.alerts / m.days).toFixed(2) : '-',
      `${percent(m.winRate)} (${percentRange(m.winRateInterval)})`,
      `${r(m.grossR)} (${range(m.grossInterval)})`,
      `${r(m.netR)} (${range(m.netInterval)})`,
      `${fixed(m.profitFactor, 2)} (${range(m.profitFactorInterval)})`,
      percent(m.returnFraction),
      percent(m.maxDrawdownFraction),
      verdict(m),
    ]),
  );
  return [cells(GRID_TITLES), `|${GRID_TITLES.map(() => '---').join('|')}|`, ...lines].join('\n');
}

function ablation({ title, base, rows, exits, regimes }: Ablation): string {
  const row = (group: string, name: string, m: Measured) =>
    cells([
      group,
      name,
      String(m.trades),
      m.notFilled > 0 ? String(m.notFilled) : '',
      percent(m.winRate),
      r(m.grossR),
      `${r(m.netR)} (${range(m.netInterval)})`,
      m === base || m.netR === undefined ? '' : signed(m.netR - (base.netR ?? 0)),
      m.sumR.toFixed(1),
      verdict(m),
    ]);
  return `## ${title}

One change at a time. Change = difference of the net mean to the base.

| group | arm | trades | not filled | wins | before costs | after costs | change | sum R | verdict |
|---|---|---|---|---|---|---|---|---|---|
${row('', 'base', base)}
${rows.map(({ arm, measured }) => row(arm.group, arm.name, measured)).join('\n')}

${slices('exit of the base', exits)}

${slices('regime (Hurst) at the decision', regimes)}
`;
}

function slices(title: string, parts: readonly Slice[]): string {
  const lines = parts.map(({ name, stats }) =>
    cells([
      name,
      String(stats.trades),
      percent(stats.winRate),
      r(stats.meanR),
      stats.isInsufficient ? `${fixed(stats.profitFactor, 2)} *` : fixed(stats.profitFactor, 2),
    ]),
  );
  return [`| ${title} | trades | wins | mean R | PF |`, '|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}

function reading(): string {
  return `## How to read it

R is the planned risk of each trade; "before costs" leaves out fees, slippage and funding, "after costs"
is what the account saw. In brackets: 95 % intervals from resampling whole UTC days, seeded. Verdicts:
*loses* and *above zero* mean the interval of the net mean lies wholly on that side, *no edge shown* that
zero is inside, *insufficient* that there are under ${TRADES_SUFFICIENT} trades, whatever the mean. PF with * is
noise for the same reason. Refused counts plans that the risk rules refused, with the rule that refused
most. Arms that credit maker fills from bars or leave out costs flatter on purpose.
`;
}

function isBelowZero(m: Measured): boolean {
  return m.netInterval !== undefined && m.netInterval.high < 0;
}

function verdict(m: Measured): string {
  if (m.verdict !== 'insufficient') return m.verdict;
  return isBelowZero(m) ? 'insufficient, below zero' : 'insufficient';
}

function refused({ refused: total, refusedMost: most }: Measured): string {
  return most === undefined ? '0' : `${total} (${most.rule} ${most.count})`;
}

function cells(values: readonly string[]): string {
  return `| ${values.join(' | ')} |`;
}

function r(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(3)} R`;
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${(value * 100).toFixed(1)} %`;
}

function range(interval: Interval | undefined): string {
  return interval === undefined
    ? 'no interval'
    : `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
}

function percentRange(interval: Interval | undefined): string {
  if (interval === undefined) return 'no interval';
  return `${(interval.low * 100).toFixed(0)} to ${(interval.high * 100).toFixed(0)}`;
}
