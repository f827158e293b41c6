import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY0, resultOf, trade, tradesOf } from '../metrics/testing/trade-fixture.ts';
import type { BacktestResult } from '../run-options.ts';
import { equityCsv, isoTime, tradesCsv } from './csv.ts';
import { runSummary, variantOf } from './summary.ts';
import { TABLE_ROWS, textReport, tradeTable } from './text-report.ts';
import { summaryJson, writeRun } from './write-run.ts';

function summaryOf(result: BacktestResult, firstBreachMs = Number.NaN) {
  return runSummary({
    result,
    variants: [variantOf('this run', result)],
    fingerprints: { codeVersion: '1', configHash: 'c', dataHash: 'd', calendarHash: '' },
    config: { preset: 'test' },
    data: {
      kind: 'simulated',
      label: 'SIMULATED market',
      files: [],
      series: [],
      findings: ['keep: 1 gap'],
      notes: ['a note'],
    },
    signalTimeframeMs: 180_000,
    riskPercent: 0.75,
    equityStop: { onBreach: 'observe', breaches: 1, firstBreachMs },
    timestamps: { generatedAt: 'now', elapsedMs: 1 },
  });
}

describe('trades.csv', () => {
  it('has one column a title, quotes what needs it, and marks ambiguous trades', () => {
    const reasons = ['a "b", c'];
    const csv = tradesCsv([trade({ tradeId: 'x', reasons }), trade({ tradeId: 'y' })], ['y']);
    const [titles, first, second] = csv.trimEnd().split('\n');
    expect(titles.split(',')).toHaveLength(36);
    expect(first).toContain('"a ""b"", c"');
    expect([first.endsWith(',0'), second.endsWith(',1')]).toEqual([true, true]);
  });

  it('leaves cells without a value empty', () => {
    expect(isoTime(Number.NaN)).toBe('');
    expect(equityCsv([{ atMs: DAY0, equity: Number.NaN }])).toBe(
      'time,equity\n2025-01-06T00:00:00Z,\n',
    );
  });
});

describe('the text report', () => {
  const many = Array.from({ length: 120 }, (_, i) => (i % 3 === 0 ? 0.5 : -0.5));

  it('says plainly that there is no edge when the interval lies below zero', () => {
    expect(textReport(summaryOf(resultOf(tradesOf(...many), 120)))).toMatch(/VERDICT: no edge: -0/);
  });

  it('says INSUFFICIENT under 100 trades, and nothing without a trade', () => {
    expect(textReport(summaryOf(resultOf(tradesOf(1, 1), 2)))).toMatch(/INSUFFICIENT, 2 of 100/);
    expect(textReport(summaryOf(resultOf([], 2)))).toMatch(/VERDICT: no trades/);
  });

  it('sees an edge only when the whole interval lies above zero', () => {
    const wins = Array.from({ length: 120 }, (_, i) => (i % 3 === 0 ? -0.5 : 1));
    expect(textReport(summaryOf(resultOf(tradesOf(...wins), 120)))).toMatch(/above zero/);
    const mixed = Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? -1 : 1.02));
    expect(textReport(summaryOf(resultOf(tradesOf(...mixed), 120)))).toMatch(/no edge shown/);
  });

  it('begins with the label and names findings, notes and when the equity stop would have hit', () => {
    const text = textReport(summaryOf(resultOf(tradesOf(...many), 120), DAY0 + 86_400_000));
    expect(text.startsWith('SIMULATED market\n')).toBe(true);
    expect(text).toContain('data: keep: 1 gap');
    expect(text).toContain('note: a note');
    expect(text).toContain('ended the run on 2025-01-07T00:00:00Z after 1 trades at 10005.00 USDT');
  });

  it('shows the last trades and says how many it leaves out', () => {
    const lines = tradeTable(tradesOf(...many))
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(1 + TABLE_ROWS + 1);
    expect(lines.at(-1)).toBe('(100 earlier trades are in trades.csv)');
    expect(tradeTable([])).toBe('no trades\n');
  });
});

describe('result files', () => {
  it('are written, with null for figures that do not exist', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'qcm-run-')), 'run');
    const result = resultOf(tradesOf(1, 1), 2);
    const summary = summaryOf(result);
    const names = writeRun(folder, { result, summary }).map((path) =>
      path.slice(folder.length + 1),
    );
    expect(names).toEqual(['trades.csv', 'not-filled.csv', 'equity.csv', 'summary.json']);
    const text = readFileSync(join(folder, 'summary.json'), 'utf8');
    expect(text).toBe(summaryJson(summary));
    expect(JSON.parse(text).metrics.stats.profitFactor).toBeNull();
  });
});
