import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

function watch(env: Record<string, string>, ...args: string[]) {
  const all = { ...process.env, REDIS_URL: '', QCM_REDIS_PREFIX: '', ...env };
  const options = { env: all, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'watch', ...args], options);
  return { status, stdout, stderr };
}

test('one clear message each: no address, a wrong one, nobody there, a pause too short', () => {
  const missing = watch({});
  expect([missing.status, missing.stdout]).toEqual([4, '']);
  expect(missing.stderr).toContain('REDIS_URL is not set');
  const wrong = watch({ REDIS_URL: 'http://127.0.0.1' });
  expect(wrong.status).toBe(4);
  expect(wrong.stderr).toContain('REDIS_URL is no redis:// address');
  const dead = watch({ REDIS_URL: 'redis://:hunter2secret@127.0.0.1:1' }, '--once');
  expect(dead.status).toBe(1);
  expect(dead.stderr).toMatch(/Redis does not answer: .*ECONNREFUSED/);
  expect(dead.stderr).not.toContain('hunter2secret');
  const short = watch({ REDIS_URL: 'redis://127.0.0.1:1' }, '--every', '0');
  expect(short.status).toBe(2);
});
