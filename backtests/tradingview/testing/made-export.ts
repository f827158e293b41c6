import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ema } from '../../../indicators/basic/ema.ts';
import { SmartMoneyConcepts } from '../../../indicators/smart-money-concepts/smart-money-concepts.ts';

export const START_MS = Date.UTC(2025, 0, 1);
export const STEP_MS = 180_000;

/** A wave with a drift, so that structure breaks both ways. */
export function madeBar(i: number) {
  const middle = (x: number) => 100 + 8 * Math.sin(x / 23) + 3 * Math.sin(x / 5) + x / 200;
  const [open, close] = [middle(i), middle(i + 1)];
  const high = Math.max(open, close) + 0.3;
  const low = Math.min(open, close) - 0.3;
  return { open, high, low, close, volume: 10 + (i % 7) };
}

/** Lines of an export with columns of ours: EMA, EMA again, and the swing trend of SMC. */
export function madeRows(length: number): { time: number; cells: (number | string)[] }[] {
  const fast = new Ema(20);
  const slow = new Ema(50);
  const smc = new SmartMoneyConcepts({});
  return Array.from({ length }, (_, i) => {
    const bar = { ...madeBar(i), openTime: START_MS + i * STEP_MS, takerBuyVolume: Number.NaN };
    smc.update(bar);
    const { open, high, low, close } = bar;
    const lines = [fast.update(close), slow.update(close), smc.internalBreaks.bias];
    return { time: bar.openTime, cells: [open, high, low, close, ...lines] };
  });
}

export const TITLES = 'time,open,high,low,close,"ta.ema(close, 20)",EMA,internalTrend';

/** Writes text to a fresh file and gives its path. */
export function tempFile(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'export-')), name);
  writeFileSync(path, text);
  return path;
}
