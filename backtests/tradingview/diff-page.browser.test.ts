import { writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, openFile, overflowsSideways } from '../testing/chromium.ts';
import { diffChart } from './diff-chart.ts';
import { diffPage } from './diff-page.ts';
import { readChartExport } from './read-export.ts';
import { madeRows, tempFile } from './testing/made-export.ts';

const HOSTILE = '</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>';
const ROWS = madeRows(2_000);
const TITLES = `time,open,high,low,close,"ta.ema(close, 20)","${HOSTILE}",internalTrend`;

/** Our EMA with some bars wrong, so that there is something to mark. */
function page(): string {
  const lines = ROWS.map(({ time, cells }, i) => {
    const shown = cells.map((cell, c) => (c === 4 && i % 97 === 0 ? Number(cell) + 1 : cell));
    return [time / 1_000, ...shown].join(',');
  });
  const chart = readChartExport(tempFile('export.csv', `${TITLES}\n${lines.join('\n')}\n`));
  const maps = [`${HOSTILE}=ta.ema(close, 50)`];
  const path = tempFile('diff.html', '');
  writeFileSync(path, diffPage(chart, diffChart({ chart, maps })));
  return path;
}

describe('the diff page in Chromium', () => {
  let browser: Browser;
  const path = page();

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
  });

  test.each([
    [1_440, 'light'],
    [1_440, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('draws a chart a column at %i px, %s, and loads nothing', async (width, look) => {
    const { page: tab, errors, requests } = await openFile(browser, path, { width, look });
    expect(errors).toEqual([]);
    expect(requests).toEqual([]);
    expect(await tab.locator('.chart canvas').count()).toBeGreaterThanOrEqual(3);
    expect(await overflowsSideways(tab)).toBe(false);
    await tab.close();
  });

  test('a hostile title is text', async () => {
    const { page: tab } = await openFile(browser, path, { width: 1_440 });
    expect(await tab.evaluate('window.hacked')).toBeUndefined();
    expect(await tab.locator('img').count()).toBe(0);
    expect(await tab.locator('body').innerText()).toContain('window.hacked=1');
    await tab.close();
  });

  test('colours follow the look that the reader chose', async () => {
    const background = 'getComputedStyle(document.body).backgroundColor';
    const light = await openFile(browser, path, { width: 800, look: 'light' });
    const dark = await openFile(browser, path, { width: 800, look: 'dark' });
    expect(await light.page.evaluate(background)).toBe('rgb(255, 255, 255)');
    expect(await dark.page.evaluate(background)).not.toBe('rgb(255, 255, 255)');
  });
});
