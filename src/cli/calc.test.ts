import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { AppError } from '../engine/error.ts';
import { command } from './calc.ts';

test('the documents beside the same trade at its real notional', async () => {
  const text = await calc('ev');
  expect(text).toMatch(/notional +2142\.86 USDT +150\.00 USDT/);
  expect(text).toMatch(/a trade after costs +-0\.043 R +0\.276 R/);
  expect(text).toContain('NEGATIVE');
  const theirs = await calc(
    'ev',
    ...['--stop-bps', '500', '--maker', '0.06', '--taker', '0.06', '--slippage-bps', '0'],
  );
  expect(theirs).toMatch(/in money +2\.07 USDT +2\.07 USDT/);
  expect(theirs).toMatch(/not compounded +31\.88 % +31\.88 %/);
});

test('compounding draws from measured trades and names too few', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'qcm-calc-')), 'trades.csv');
  writeFileSync(file, 'trade_id,trade_r\na,-1\nb,-1\n');
  const flags = ['--trades', file, '--paths', '20', '--days', '100', '--risk', '5'];
  const text = await calc('compound', ...flags);
  expect(text).toMatch(/risk of ruin +100\.00 %/);
  expect(text).toContain('INSUFFICIENT: 2 trades');
  expect(await calc('compound', ...flags)).toBe(text);
  const json = JSON.parse(await calc('compound', ...flags, '--json'));
  expect(json).toMatchObject({ ruinShare: 1, meanR: -1, seed: 1 });
});

test.each([
  [['ev', '--stop-bps', '0'], 'USAGE_NUMBER'],
  [['ev', '--equity', 'all'], 'USAGE_NUMBER'],
  [['compound', '--paths', '1.5'], 'USAGE_NUMBER'],
  [['compound', '--paths', '100000', '--days', '10000'], 'USAGE_NUMBER'],
  [['compound', '--trades', 'nowhere.csv'], 'DATA_NO_FILE'],
])('%j is refused with one clear error', async (args, code) => {
  await expect(calc(...args)).rejects.toMatchObject({ code });
  await expect(calc(...args)).rejects.toBeInstanceOf(AppError);
});

async function calc(...args: string[]): Promise<string> {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await command().exitOverride().parseAsync(args, { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return text;
}
