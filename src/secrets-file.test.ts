import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadEnvironment } from './config.ts';
import { readSecretsFile } from './secrets-file.ts';
import { stateFolder } from './store/testing/store-fixture.ts';

function secrets(text: string, mode = 0o600): string {
  const path = join(stateFolder(), 'secrets.env');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('names and values, with comments and quotes', () => {
  const path = secrets('# keys\n\nQCM_BINANCE_KEY=abc\nQCM_BINANCE_SECRET="d=e f"\n');
  expect(readSecretsFile(path)).toEqual({ QCM_BINANCE_KEY: 'abc', QCM_BINANCE_SECRET: 'd=e f' });
});

test('a file that others can read is refused, whatever is in it', () => {
  const path = secrets('QCM_BINANCE_KEY=abc\n', 0o604);
  expect(() => readSecretsFile(path)).toThrow(/mode 604: others can read it/);
});

test('a bad line is told by its number, never by its text', () => {
  const path = secrets('QCM_BINANCE_KEY=abc\nhunter2\n');
  expect(() => readSecretsFile(path)).toThrow(/^(?!.*hunter2).*:2 is not NAME=value$/);
});

test('the environment wins over the file, and the file fills what is empty', () => {
  const path = secrets('QCM_BINANCE_KEY=file\nQCM_BINANCE_SECRET=file\n');
  const env = { QCM_SECRETS_FILE: path, QCM_BINANCE_KEY: 'env', QCM_BINANCE_SECRET: '' };
  const { binanceKey, binanceSecret, redisUrl } = loadEnvironment(env);
  expect([binanceKey, binanceSecret, redisUrl]).toEqual(['env', 'file', undefined]);
});
