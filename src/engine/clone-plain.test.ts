import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clonePlain } from './clone-plain.ts';

it('copies plain data as structuredClone does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.double(), (value, number) => {
      const data = { value, list: [value, number, undefined], column: Float64Array.of(number) };
      expect(clonePlain(data)).toStrictEqual(structuredClone(data));
    }),
  );
});

it('shares nothing with what it copied, which may be frozen', () => {
  const data = Object.freeze({ list: Object.freeze([Object.freeze({ a: 1 })]) });
  const copy = clonePlain(data) as { list: { a: number }[] };
  copy.list[0].a = 2;
  copy.list.push({ a: 3 });
  expect(data).toEqual({ list: [{ a: 1 }] });
});
