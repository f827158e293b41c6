import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INDICATORS } from './catalog.ts';
import * as library from './index.ts';

const ROOT = import.meta.dirname;
const names = new Set(Object.keys(library));

test('every indicator of the catalog can be imported by its class', () => {
  const classes = INDICATORS.map((entry) => entry.create(0.01).constructor.name);
  expect(classes.length).toBeGreaterThan(10);
  expect(classes.filter((name) => !names.has(name))).toEqual([]);
});

test('every class that reads bars, in every folder, is public', () => {
  const missing: string[] = [];
  for (const file of sources()) {
    const text = readFileSync(file, 'utf8');
    for (const [, name] of text.matchAll(/^export class (\w+) implements Indicator\b/gm)) {
      if (!names.has(name)) missing.push(name);
    }
  }
  expect(missing).toEqual([]);
});

test('every preset is public', () => {
  const missing: string[] = [];
  for (const file of sources().filter((path) => path.endsWith('presets.ts'))) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/^export const (\w+)/gm)) {
      if (!names.has(name)) missing.push(name);
    }
  }
  expect(missing).toEqual([]);
});

function sources(): string[] {
  const paths = readdirSync(ROOT, { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|testing/.test(path))
    .map((path) => join(ROOT, path));
}
