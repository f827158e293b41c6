import { expect, test } from 'vitest';
import type { RiskRule, RiskVerdict } from '../../src/engine/risk-gate.ts';
import { CostGate } from './cost-gate.ts';
import { DrawdownThrottle } from './drawdown-throttle.ts';
import { ExplainProbe, explainRules } from './explain.ts';
import { MaxPackages } from './max-packages.ts';
import { proposal, riskView } from './testing/risk-fixture.ts';

const rules = () => [
  new MaxPackages({ packagesMax: 1 }),
  new CostGate({ costRMax: 0.5 }),
  new DrawdownThrottle({ rangePercent: 8, floor: 0.5 }),
];

test('every rule is asked in order, also after a refusal, and shrinks add up', () => {
  const asked = proposal({ costRWorst: 0.7 });
  const view = riskView({ openPackages: 1, equity: 9_800 });
  const opinions = explainRules(rules(), asked, view);
  expect(opinions.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    'maxPackages refuse',
    'costGate refuse',
    'drawdownThrottle shrink',
  ]);
  // 2 % below the peak: 1 - 2/8.
  expect(opinions[2].riskPercent).toBeCloseTo(0.75 * 0.75, 10);
  expect(asked.riskPercent).toBe(0.75);
});

test('the probe notes the decision of its instant and changes nothing', () => {
  const atMs = riskView().nowMs;
  const probe = new ExplainProbe({ rules: rules(), atMs });
  probe.check(proposal(), riskView({ nowMs: atMs - 1 }));
  expect(probe.seen).toBeUndefined();
  expect(probe.check(proposal({ costRWorst: 0.9 }), riskView())).toEqual({ outcome: 'allow' });
  expect(probe.seen?.account).toMatchObject({ nowMs: atMs, equity: 10_000, openRisk: 0 });
  expect(probe.seen?.opinions[1].reason).toBe('costs of 0.90 R are over 0.5 R');
});

test('what a rule does without and what it would close is told', () => {
  const verdict: RiskVerdict = { outcome: 'allow' };
  const rule: RiskRule = {
    id: 'half',
    check: () => verdict,
    degraded: () => 'no book',
    mustFlatten: () => 'flash',
  };
  const [opinion] = explainRules([rule], proposal(), riskView());
  expect([opinion.degraded, opinion.flattens]).toEqual(['no book', 'flash']);
});
