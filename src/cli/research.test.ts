import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { command as research } from './research.ts';
import { command as routine } from './routine.ts';
import { command as simulate } from './simulate.ts';
import { command as stress } from './stress.ts';
import { command as walkForward } from './walk-forward.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qcm-research-'));
  data = join(folder, 'SIMULATED');
  await said(simulate(), '--days', '16', '--timeframe', '3m', '--out', data);
});

/** Trials of tests are not trials on anybody's data. */
function ledger(): string[] {
  return ['--ledger', join(folder, 'ledger.jsonl')];
}

async function said(command: Command, ...args: string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    const tried = command.exitOverride().configureOutput({ writeErr: () => {} });
    await tried.parseAsync(args, { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return text;
}

describe('qcm walk-forward', () => {
  test('walks through SIMULATED data, says so, and is INSUFFICIENT with few trades', async () => {
    const out = join(folder, 'walk');
    const flags = ['--train', '6d', '--test', '3', '--trials', '2', '--out', out, ...ledger()];
    const text = await said(walkForward(), '--data', data, '--trade', 'smc-stand-in', ...flags);
    expect(text).toContain('SIMULATED');
    expect(text).toMatch(/INSUFFICIENT: 2 of 2 train windows have no trial with 100 trades/);
    const page = readFileSync(join(out, 'walk-forward.html'), 'utf8');
    expect(page).toContain('<p class="simulated">SIMULATED');
    expect(page).not.toMatch(/(src|href)=["']?https?:/);
    const json = JSON.parse(readFileSync(join(out, 'walk-forward.json'), 'utf8'));
    expect(readFileSync(join(folder, 'ledger.jsonl'), 'utf8')).toMatch(
      /"trials":2,"kind":"search"/,
    );
    expect(json.data.walks[0].slices).toHaveLength(2);
    // The hold-out is behind the last test window: 16 days, of which 12 may be searched.
    const [, last] = json.data.walks[0].slices;
    expect(last.test.toMs).toBeLessThanOrEqual(json.data.searchEndMs);
  });

  test.each([
    [['--train', '90d'], 'USAGE_WINDOW'],
    [['--train', 'long'], 'USAGE_NUMBER'],
    [['--test', '0'], 'USAGE_NUMBER'],
    [['--trials', '1'], 'USAGE_NUMBER'],
    [['--trade', 'documents', '--train', '6', '--test', '3'], 'USAGE_SPACE'],
    [['--trade', 'documents', '--set', 'nothing=1'], 'CONFIG_UNKNOWN_KEY'],
  ])('%j is refused with one clear error', async (args, code) => {
    await expect(said(walkForward(), '--data', data, ...args)).rejects.toMatchObject({ code });
  });

  test('no trade in any trial is said, not divided by', async () => {
    // Every range lies beyond this multiple of its median.
    const flags = ['--train', '6', '--test', '3', '--trials', '2', '--trade', 'sequence'];
    const none = ['--set', 'guards.volatilityMultiple=0.000001'];
    await expect(
      said(walkForward(), '--data', data, ...flags, ...none, ...ledger()),
    ).rejects.toMatchObject({
      code: 'DATA_NO_TRADES',
      message: expect.stringContaining('none of 2 trials made a trade'),
    });
  });
});

describe('qcm stress', () => {
  test('stresses trades and market, with ruin beside its target', async () => {
    const out = join(folder, 'stress');
    const flags = ['--runs', '1', '--paths', '100', '--out', out];
    const text = await said(stress(), '--data', data, '--trade', 'smc-stand-in', ...flags);
    expect(text).toMatch(/Risk of ruin .* target under 1 %/);
    for (const name of [
      'flash crash',
      'no data',
      'funding at its cap',
      'correlation of the legs',
    ]) {
      expect(text).toContain(name);
    }
    const { data: figures } = JSON.parse(readFileSync(join(out, 'stress.json'), 'utf8'));
    expect(figures.market.arms).toHaveLength(12);
    expect(figures.trades.spreads).toHaveLength(3);
  });

  test('without a trade, or with a run that is none, is one clear error', async () => {
    const none = ['--set', 'guards.volatilityMultiple=0.000001'];
    await expect(said(stress(), '--data', data, ...none)).rejects.toMatchObject({
      code: 'DATA_NO_TRADES',
    });
    await expect(said(stress(), folder)).rejects.toMatchObject({ code: 'DATA_NO_FILE' });
    await expect(said(stress(), folder, '--data', data)).rejects.toMatchObject({
      code: 'USAGE_FLAGS',
    });
  });
});

describe('routines', () => {
  test('weekly reviews what fits into the data and chooses nothing', async () => {
    const text = await said(routine(), 'weekly', '--data', data, '--out', folder);
    expect(text).toMatch(/^Weekly research of sequence/);
    expect(text).toMatch(/\n +7 +2025-/);
    expect(text).not.toMatch(/\n +30 +2025-/);
    expect(text).toMatch(/ETHUSDT +7 +\d/);
  });

  test('monthly without enough days says which windows do not fit', async () => {
    for (const run of [
      () => said(research(), '--data', data),
      () => said(routine(), 'monthly', '--data', data),
    ]) {
      await expect(run()).rejects.toMatchObject({
        code: 'USAGE_WINDOW',
        message: expect.stringContaining('train 90 d + test 30 d do not fit'),
      });
    }
  });
});
