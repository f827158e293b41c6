import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { CENSUS_RATES, NOT_EXPLAINED } from '../../backtests/checks/census-table.ts';
import { TAG_OUTPUTS, TAG_VARIANTS } from '../../backtests/checks/warm-up-subjects.ts';
import { LIVE_HISTORY_BARS, WARM_UP_BARS } from '../../strategy/tags/warm-up.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/FIDELITY.md'), 'utf8');

function section(name: string): string {
  return PAGE.slice(PAGE.indexOf(`<!-- ${name} -->`), PAGE.indexOf(`<!-- /${name} -->`));
}

/** Cells of a Markdown table's lines, by their first cell. */
function tableRows(text: string, firstCells: readonly string[]): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter(([first]) => firstCells.includes(first));
}

test('every tag of every variant was measured and converges within what is counted on', () => {
  const rows = tableRows(section('warmup'), TAG_OUTPUTS);
  expect(rows.map(([tag]) => tag)).toEqual(TAG_OUTPUTS);
  for (const [tag, ...bars] of rows) {
    expect(bars.length, tag).toBe(Object.keys(TAG_VARIANTS).length);
    // `never` and `no data` are no numbers and fail here.
    for (const text of bars) expect(Number(text), tag).toBeLessThanOrEqual(WARM_UP_BARS);
  }
});

test('the history that a daemon loads is the one on the page', () => {
  expect(section('warmup')).toContain(`${WARM_UP_BARS} are counted on`);
  expect(section('warmup')).toContain(`loads 1.5 x that: ${LIVE_HISTORY_BARS}.`);
});

test('every rate of the census stands on the page with a verdict', () => {
  const names = CENSUS_RATES.map((rate) => rate.name);
  const rows = tableRows(section('census'), names);
  expect(rows.map(([name]) => name)).toEqual(names);
  for (const cells of rows) {
    expect(cells.at(-1), cells[0]).not.toBe('');
    expect(cells.at(-1), cells[0]).not.toContain(NOT_EXPLAINED);
  }
});
