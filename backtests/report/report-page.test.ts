import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { equityShape } from './equity-shape.ts';
import { settingsThatDiffer } from './page/compare-page.ts';
import { rBins, waterfallSpans } from './page/figures.ts';
import { fixed, money } from './page/format.ts';
import { reportPage } from './page/report-page.ts';
import { costSteps, monthTable, targetTable } from './page/report-tables.ts';
import { reportedRun } from './testing/report-run.ts';
import { rebuildReport, writeComparison, writeReport } from './write-report.ts';
import { summaryJson } from './write-run.ts';

const run = reportedRun({ days: 12 });

describe('the report page', () => {
  const page = reportPage(run.summary, run.data);

  it('is the same for the same run, decided again', () => {
    const again = reportedRun({ days: 12 });
    expect(reportPage(again.summary, again.data)).toBe(page);
  });

  it('says SIMULATED in every section, and nowhere of a file run', () => {
    const sections = page.match(/<section/g)?.length;
    expect(page.match(/<h2>[^<]*<span class="sim">SIMULATED/g)).toHaveLength(sections ?? 0);
    const { data } = run.summary;
    const real = { ...run.summary, label: 'files', data: { ...data, kind: 'file' as const } };
    expect(reportPage(real, run.data)).not.toContain('>SIMULATED<');
  });

  it('is made again from the files alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qcm-report-'));
    writeFileSync(join(folder, 'summary.json'), summaryJson(run.summary));
    const [, path] = writeReport(folder, run.data);
    expect(readFileSync(path, 'utf8')).toBe(page);
    writeFileSync(path, '');
    expect(readFileSync(rebuildReport(folder), 'utf8')).toBe(page);
    const out = join(folder, 'both.html');
    expect(writeComparison({ a: folder, b: folder, out })).toBe(out);
    expect(readFileSync(out, 'utf8')).toContain('Same data, same span, same code.');
  });

  it('a folder without a run is refused with a hint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qcm-report-'));
    expect(() => rebuildReport(folder)).toThrow(/holds no readable summary.json/);
    writeFileSync(join(folder, 'summary.json'), '{"format":"other"}');
    expect(() => rebuildReport(folder)).toThrow(/is not of format qcm-backtest-1/);
  });
});

describe('what it holds', () => {
  it('has every trade with the fills, stops and bars it is drawn from', () => {
    const { trades, bars } = run.data;
    expect(trades).toHaveLength(run.result.trades.length);
    expect(trades.length).toBeGreaterThan(3);
    for (const trade of trades) {
      expect(trade.stops.length).toBeGreaterThan(0);
      expect(trade.exitBar).toBeLessThan(bars.count);
      const of = (isEntry: boolean) =>
        trade.fills.filter(([, , role]) => (role === 'e') === isEntry);
      const bought = (isEntry: boolean) => of(isEntry).reduce((sum, fill) => sum + fill[4], 0);
      expect(bought(true)).toBeCloseTo(trade.quantity, 9);
      expect(bought(false)).toBeCloseTo(trade.quantity, 9);
      const paid = of(true).reduce((sum, [, price, , , quantity]) => sum + price * quantity, 0);
      expect(paid / trade.quantity).toBeCloseTo(trade.entry, 6);
    }
  });

  it('goes from alerts to winners without gaining any', () => {
    const count = (name: string) => run.data.steps.find((step) => step.name === name)?.count ?? -1;
    expect(count('filled')).toBe(run.result.trades.length + run.result.openAtEnd);
    expect(count('filled')).toBeLessThanOrEqual(count('approved by the gate'));
    expect(count('second target reached')).toBeLessThanOrEqual(count('first target reached'));
    expect(count('alerts raised')).toBe(run.result.alerts.length);
  });
});

describe('its figures', () => {
  it('costs lead from before costs to net', () => {
    const steps = costSteps(run.summary.metrics.doubt);
    const changes = steps.slice(0, 4).reduce((sum, step) => sum + step.value, 0);
    expect(changes).toBeCloseTo(steps[4].value, 6);
    const total = { name: 'a', value: -10, isTotal: true };
    const spans = waterfallSpans([total, { name: 'b', value: 4, isTotal: false }]);
    expect(spans).toEqual([
      { low: -10, high: 0 },
      { low: -10, high: -6 },
    ]);
  });

  it('R is counted once, tails in the outer bars', () => {
    const bins = rBins([-9, -1, -0.01, 0, 0.25, 99]);
    const at = (from: number) => bins.find((bin) => bin.from === from)?.count;
    expect([at(-2.5), at(-1), at(-0.25), at(0), at(0.25), at(2.75)]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(6);
  });

  it('thinned equity keeps the extremes and the deepest fall', () => {
    const points = Array.from({ length: 5_000 }, (_, i) => ({ atMs: i, equity: 100 }));
    points[2_001].equity = 150;
    points[2_003].equity = 75;
    const shape = equityShape(points, { startMs: 0, endMs: 4_999 });
    expect(Math.max(...shape.high)).toBe(150);
    expect(Math.min(...shape.low)).toBe(75);
    expect(Math.min(...shape.drawdown)).toBe(-0.5);
  });

  it('a year is compounded from its months', () => {
    const months = [
      { month: '2025-01', returnFraction: 0.1, days: 31 },
      { month: '2025-03', returnFraction: -0.1, days: 5 },
    ];
    const html = monthTable({ equity: { ...run.summary.metrics.equity, months } });
    expect(html).toContain('>−1.0 %<');
    expect(html).toContain('not whole: 2025-03 (5 days)');
  });

  it('targets show verdicts, and what is not known is no zero', () => {
    const row = { name: '<b>', target: 'x', measured: undefined, interval: undefined } as const;
    const html = targetTable([{ ...row, unit: 'R', verdict: 'not enough data' }]);
    expect(html).toContain('&lt;b&gt;');
    expect(html).toContain('<td>– R</td>');
    expect(html).toContain('<td class="unknown">not enough data</td>');
    expect([fixed(-0.001, 2), fixed(null, 2), money(-1234.5)]).toEqual([
      '0.00',
      '–',
      '−1\u202f234.50',
    ]);
  });

  it('settings that differ are named by path', () => {
    const b = { risk: { a: 2, c: [1] }, d: 'x' };
    expect(settingsThatDiffer({ risk: { a: 1, c: [1] }, d: 'x' }, b)).toEqual([
      ['risk.a', '1', '2'],
    ]);
  });
});
