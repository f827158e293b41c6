import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command } from './study.ts';

test('folders that are not there are named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qcm-study-'));
  const run = (...args: string[]) =>
    command()
      .exitOverride()
      .parseAsync(['results', '--data', folder, ...args], { from: 'user' });
  await expect(run()).rejects.toMatchObject({
    code: 'DATA_NO_FILE',
    message: expect.stringContaining('spot/3m, futures-um/1m-2025, futures-um/5m'),
  });
  await expect(run('--sets', 'mine')).rejects.toMatchObject({ code: 'DATA_NO_FILE' });
});

test('figures of a walk-forward come from data or from files, and files that are none are named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qcm-study-'));
  const run = (...args: string[]) =>
    command()
      .exitOverride()
      .parseAsync(['walk-forward', ...args], { from: 'user' });
  const file = join(folder, 'a.json');
  writeFileSync(file, '[]');
  await expect(run()).rejects.toMatchObject({ code: 'USAGE_FLAGS' });
  await expect(run('--from', file)).rejects.toMatchObject({ code: 'DATA_JSON' });
  await expect(run('--from', 'nowhere')).rejects.toMatchObject({ code: 'DATA_NO_FILE' });
  await expect(run('--data', folder)).rejects.toMatchObject({ code: 'DATA_NO_FILE' });
  await expect(run('--from', file, '--out', file)).rejects.toMatchObject({
    code: 'USAGE_DOCUMENT',
  });
});
