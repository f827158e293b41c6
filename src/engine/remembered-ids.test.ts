import { expect, test } from 'vitest';
import { RememberedIds } from './remembered-ids.ts';

const MAX = 100;

test('the last ids are known, older ones are forgotten, never more than two generations', () => {
  const ids = new RememberedIds(MAX);
  for (let i = 0; i < 1_000; i++) {
    ids.add(`id${i}`);
    for (let back = 0; back < MAX && back <= i; back++) expect(ids.has(`id${i - back}`)).toBe(true);
    expect(ids.has(`id${i - 2 * MAX}`)).toBe(false);
  }
});

test('saved and loaded it knows and forgets the same', () => {
  const ids = new RememberedIds(MAX);
  for (let i = 0; i < 250; i++) ids.add(`id${i}`);
  const copy = new RememberedIds(MAX);
  copy.load(structuredClone(ids.save()));
  for (let i = 250; i < 400; i++) {
    ids.add(`id${i}`);
    copy.add(`id${i}`);
    for (let id = 0; id < 400; id++) expect(copy.has(`id${id}`)).toBe(ids.has(`id${id}`));
  }
});
