import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConditionExpression, mirrorExpression } from './expression.ts';

const KNOWN = ['A', 'B', 'C', 'HTF_BULL', 'HTF_BEAR', 'OB_DEMAND_HIT', 'OB_SUPPLY_HIT'];

function evaluate(text: string, on: string): boolean {
  const flags = KNOWN.map((name) => (on.split(' ').includes(name) ? 1 : 0));
  return ConditionExpression.parse(text, KNOWN).evaluate(flags);
}

describe('expressions', () => {
  const table: [string, string, boolean][] = [
    ['{A}', 'A', true],
    ['{A} AND {B}', 'A', false],
    ['{A} AND {B}', 'A B', true],
    ['{A} OR {B} AND {C}', 'A', true],
    ['({A} OR {B}) AND {C}', 'A', false],
    ['NOT {A} AND {B}', 'B', true],
    ['NOT ({A} AND {B})', 'A B', false],
    ['NOT NOT a', 'A', true],
    ['a and b or not c', '', true],
  ];
  it.each(table)('%s with %s: %s', (text, on, expected) => {
    expect(evaluate(text, on)).toBe(expected);
  });

  it('agrees with the language itself on random expressions', () => {
    const expression = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('{A}', '{B}', '{C}'),
        fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} AND ${b})`),
        fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} OR ${b})`),
        tie('node').map((a) => `NOT ${a}`),
      ),
    })).node as fc.Arbitrary<string>;
    fc.assert(
      fc.property(expression, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (text, on) => {
        const source = text
          .replaceAll('AND', '&&')
          .replaceAll('OR', '||')
          .replaceAll('NOT', '!')
          .replace(/\{([ABC])\}/g, (_, name: string) => String(on['ABC'.indexOf(name)]));
        const flags = on.map((value) => (value ? 1 : 0));
        const expected = new Function(`return ${source}`)() as boolean;
        expect(ConditionExpression.parse(text, ['A', 'B', 'C']).evaluate(flags)).toBe(expected);
      }),
    );
  });

  it.each([
    ['{A} AND', 'expected a condition such as {HTF_BULL} at position 8'],
    ['{A} {B}', 'expected AND, OR or the end at position 5'],
    ['({A}', 'expected ) at position 5'],
    ['{HTF_BUL}', 'no condition is called "HTF_BUL" at position 1'],
    ['', 'expected a condition'],
  ])('refuses %s', (text, message) => {
    expect(() => ConditionExpression.parse(text, KNOWN)).toThrow(message);
  });

  it('names the closest condition', () => {
    const attempt = () => ConditionExpression.parse('{HTF_BUL}', KNOWN);
    expect(attempt).toThrow(expect.objectContaining({ hint: 'did you mean HTF_BULL, HTF_BEAR?' }));
  });

  it('mirrors every sided name', () => {
    expect(mirrorExpression('{HTF_BULL} AND NOT {OB_SUPPLY_HIT}')).toBe(
      '{HTF_BEAR} AND NOT {OB_DEMAND_HIT}',
    );
  });
});
