import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { launchChromium, openFile, overflowsSideways } from '../testing/chromium.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'qcm-report-'));
const PATH = join(FOLDER, 'run', 'report.html');

/** Of the chart's logical range: which bars are in view. */
async function range(page: Page): Promise<{ from: number; to: number }> {
  return await page.evaluate('qcm.chart.timeScale().getVisibleLogicalRange()');
}

describe('the report of a SIMULATED run in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    const out = join(FOLDER, 'run');
    const sets = ['simulation.days=40', 'simulation.seed=5', 'hedge.mode=off'];
    const args = ['backtest', '--trade', 'smc-stand-in', '--out', out, '--set', ...sets];
    expect(await main([...args, '--data', await simulatedBars()])).toBe(0);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
  });

  async function simulatedBars(): Promise<string> {
    const folder = join(FOLDER, 'bars');
    expect(await main(['simulate', '--days', '40', '--seed', '5', '--out', folder])).toBe(0);
    return folder;
  }

  test.each([
    [1_440, 'light'],
    [1_440, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('at %i px, %s: drawn, nothing loaded, not too wide', async (width, look) => {
    const { page, errors, requests } = await openFile(browser, PATH, { width, look });
    expect(errors).toEqual([]);
    expect(requests).toEqual([]);
    expect(Number(await page.evaluate('document.body.dataset.drawn'))).toBeGreaterThan(15_000);
    expect(await page.locator('#price canvas').count()).toBeGreaterThan(0);
    expect(await page.locator('#equity canvas').count()).toBeGreaterThan(0);
    expect(await overflowsSideways(page)).toBe(false);
    await page.close();
  });

  test('says that the market is SIMULATED, in the head and above the chart', async () => {
    const { page } = await openFile(browser, PATH, { width: 1_440 });
    expect(await page.locator('.simulated').innerText()).toContain('SIMULATED');
    expect(await page.locator('h1').innerText()).toContain('SIMULATED');
    expect(await page.getByRole('heading', { name: 'Chart (SIMULATED)' }).count()).toBe(1);
    await page.close();
  });

  test('a click on a trade brings its bars into view', async () => {
    const { page } = await openFile(browser, PATH, { width: 1_440 });
    const before = await range(page);
    await page.locator('tr[data-trade="0"]').click();
    await page.waitForTimeout(100);
    const after = await range(page);
    const trade = (await page.evaluate('data.trades[0]').catch(() => null)) as {
      from: number;
      to: number;
    } | null;
    expect(after.to).toBeLessThan(before.from);
    expect(await page.locator('tr.chosen').count()).toBe(1);
    if (trade !== null) {
      expect(after.from).toBeLessThan(trade.from);
      expect(after.to).toBeGreaterThan(trade.to);
    }
    await page.close();
  });

  test('hiding the drawings leaves the candles', async () => {
    const { page, errors } = await openFile(browser, PATH, { width: 1_440 });
    for (const box of await page.locator('input[data-show]').all()) await box.uncheck();
    await page.locator('#whole').click();
    await page.waitForTimeout(200);
    expect(errors).toEqual([]);
    const { from, to } = await range(page);
    expect(to - from).toBeGreaterThan(10_000);
    await page.close();
  });

  test('the same run gives the same page, under 15 MB', async () => {
    const again = join(FOLDER, 'again');
    const sets = ['simulation.days=40', 'simulation.seed=5', 'hedge.mode=off'];
    const args = ['backtest', '--trade', 'smc-stand-in', '--out', again, '--set', ...sets];
    expect(await main([...args, '--data', join(FOLDER, 'bars')])).toBe(0);
    const text = readFileSync(PATH, 'utf8');
    expect(readFileSync(join(again, 'report.html'), 'utf8') === text).toBe(true);
    expect(statSync(PATH).size).toBeLessThan(15_000_000);
  });
});
