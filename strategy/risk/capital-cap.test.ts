import { expect, test } from 'vitest';
import type { Proposal, RiskView } from '../../src/engine/risk-gate.ts';
import { CapitalCap } from './capital-cap.ts';

const verdict = (equity: number) =>
  new CapitalCap({ capital: 2_500 }).check({} as Proposal, { equity } as RiskView);

test('a trade is sized from the capital, not from the account', () => {
  expect(verdict(10_000)).toEqual({
    outcome: 'shrink',
    factor: 0.25,
    reason: 'sized from 2500 of 10000.00',
  });
});

test('an account below the capital is sized from what there is', () => {
  expect(verdict(2_500)).toEqual({ outcome: 'allow' });
  expect(verdict(1_000)).toEqual({ outcome: 'allow' });
});
