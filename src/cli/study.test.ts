import { mkdtempSync } from 'node:fs';
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
