import { expect, test } from 'vitest';
import { TRADE_PRESETS } from '../../src/trade-presets.ts';
import { riskBar } from '../risk/testing/risk-fixture.ts';
import { DecisionFacts } from './decision-facts.ts';
import { buildPlan, type PlanSettings } from './plan-builder.ts';

const bars = (count: number, of: (i: number) => Partial<Parameters<typeof riskBar>[0]>) =>
  Array.from({ length: count }, (_, i) => riskBar({ openTime: i * 60_000, ...of(i) }));

function fed(count: number, of: Parameters<typeof bars>[1]): DecisionFacts {
  const facts = new DecisionFacts();
  for (const bar of bars(count, of)) facts.onBar(bar);
  return facts;
}

test('a steady climb trends, a zigzag ranges, too few bars are unknown', () => {
  expect(fed(300, (i) => ({ close: 100 * Math.exp(i / 1_000) })).regime()).toEqual({
    hurst: expect.closeTo(1, 6),
    regime: 'trending',
  });
  expect(fed(300, (i) => ({ close: i % 2 === 0 ? 100 : 101 })).regime().regime).toBe('ranging');
  expect(fed(255, () => ({})).regime().regime).toBe('unknown');
});

test('flow is that of the last five bars: bought minus sold', () => {
  // Ten traded, i bought: 2i - 10 a bar; the last five sum to 2 x (5+6+7+8+9) - 50 = 20.
  const facts = fed(10, (i) => ({ volume: 10, takerBuyVolume: i }));
  expect(facts.cvdChange()).toBe(20);
  expect([facts.isFlowWith(1), facts.isFlowWith(-1)]).toEqual([true, false]);
  const unknown = fed(10, (i) => ({ takerBuyVolume: i === 7 ? Number.NaN : 5 }));
  expect(unknown.isFlowWith(1)).toBeUndefined();
});

test('a saved state goes on as if never stopped', () => {
  const facts = fed(300, (i) => ({ close: 100 + (i % 7), takerBuyVolume: i % 9 }));
  const other = new DecisionFacts();
  other.load(structuredClone(facts.save()));
  for (const each of [facts, other]) each.onBar(riskBar({ close: 103 }));
  expect(other.regime()).toEqual(facts.regime());
  expect(other.cvdChange()).toBe(facts.cvdChange());
});

test.each([
  ['off', true, 'touch'],
  ['on', true, 'taker'],
  ['on', false, 'makerOnly'],
  ['on', undefined, 'touch'],
] as const)('cvdEntry %s with flow %s enters by %s', (cvdEntry, isFlowWith, mode) => {
  const { entry, stop, targets } = TRADE_PRESETS.sequence;
  const settings: PlanSettings = {
    entryMode: entry.mode,
    cvdEntry,
    makerWaitMs: 700,
    iocWorstBps: 6,
    restMs: 0,
    ...stop,
    targets,
    breakEvenAfterTarget: 0,
    breakEvenCapR: 0.5,
    trailFrom: 'target2',
    timeoutMs: 1,
    riskPercent: 0.75,
  };
  const signal = {
    direction: 1 as const,
    tag: 't',
    blockTop: 100,
    blockBottom: 99,
    tags: [],
    reasons: ['tap'],
    missingContext: [],
    facts: {},
  };
  const plan = buildPlan({
    strategyId: 's',
    symbol: 'BTCUSDT',
    signal,
    close: 101,
    atr: 1,
    settings,
    isFlowWith,
    marketFacts: { regime: 'random' },
    hedge: undefined,
  });
  expect(plan.entry.mode).toBe(mode);
  expect(plan.reasons).toHaveLength(cvdEntry === 'off' ? 1 : 2);
  expect(plan.context.regime).toBe('random');
});
