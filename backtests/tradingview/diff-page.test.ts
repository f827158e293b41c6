import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { diffChart } from './diff-chart.ts';
import { diffPage } from './diff-page.ts';
import { readChartExport } from './read-export.ts';
import { madeRows, tempFile } from './testing/made-export.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)><!--';

const page = pageOf();

test('holds everything it needs and loads nothing', () => {
  expect(page).toContain('LightweightCharts');
  expect(page).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)=/i);
  expect(page).toContain('http-equiv="Content-Security-Policy"');
  expect(page).toContain("default-src 'none'");
});

test('hostile titles appear as text and as data only', () => {
  expect(page).not.toContain(HOSTILE);
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;!--');
  expect(dataOf(page).columns[0].label).toBe(HOSTILE);
});

test('the policy names exactly the two scripts of the page', () => {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
  const hashes = scripts.map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const named = /script-src ([^;]+)/.exec(page)?.[1].split(' ');
  expect(hashes).toHaveLength(2);
  expect(named).toEqual(hashes);
});

test('both series and the differing bars are in the data', () => {
  const { times, columns } = dataOf(page);
  expect(times).toHaveLength(300);
  expect(columns[0].theirs).toHaveLength(300);
  expect(columns[0].theirs[0]).toBe(null);
  expect(columns[0].ours[200]).not.toBe(columns[0].theirs[200]);
  expect(columns[0].differing[0]).toBe(24);
});

test('its script draws both lines and one mark a differing bar, titles as text', () => {
  const drawn: { points: number; marks: number }[] = [];
  const titles: string[] = [];
  const element = () => ({
    className: '',
    set textContent(text: string) {
      titles.push(text);
    },
  });
  const json = { textContent: JSON.stringify(dataOf(page)) };
  const document = {
    getElementById: (id: string) => (id === 'data' ? json : { append: () => {} }),
    createElement: element,
    body: { dataset: {} as Record<string, string> },
  };
  const addSeries = () => ({
    setData: (points: unknown[]) => drawn.push({ points: points.length, marks: 0 }),
  });
  const chart = { addSeries, timeScale: () => ({ fitContent: () => {} }) };
  const LightweightCharts = {
    createChart: () => chart,
    createSeriesMarkers: (_: unknown, marks: unknown[]) => {
      drawn[0].marks = marks.length;
    },
  };
  const script = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)][1][1];
  const getComputedStyle = () => ({ getPropertyValue: (name: string) => name });
  runInNewContext(script, { document, LightweightCharts, getComputedStyle });
  const { length } = dataOf(page).columns[0].differing;
  expect(drawn).toEqual([
    { points: 300, marks: length },
    { points: 300, marks: 0 },
  ]);
  expect(titles.join()).toContain(HOSTILE);
  expect(document.body.dataset.drawn).toBe('1');
});

function pageOf(): string {
  const lines = madeRows(300).map(({ time, cells }) =>
    [time / 1_000, ...cells.slice(0, 5)].join(','),
  );
  const text = [`time,open,high,low,close,"${HOSTILE}"`, ...lines].join('\n');
  const chart = readChartExport(tempFile('BTCUSDT_3m.csv', text));
  const maps = [`${HOSTILE}=ta.ema(close, 25)`];
  return diffPage(chart, diffChart({ chart, maps }));
}

function dataOf(html: string) {
  const json = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(html)?.[1];
  return JSON.parse(json ?? 'null') as {
    times: number[];
    columns: { label: string; theirs: (number | null)[]; ours: number[]; differing: number[] }[];
  };
}
