import { expect, test } from 'vitest';
import * as library from './index.ts';

test('every indicator of the catalog can be imported by its name', () => {
  const exported = new Set<unknown>(Object.values(library));
  const missing = library.INDICATORS.map((entry) => entry.create(0.1).constructor)
    .filter((type) => !exported.has(type))
    .map((type) => type.name);
  expect(missing).toEqual([]);
  expect(library.INDICATORS.length).toBeGreaterThan(15);
});
