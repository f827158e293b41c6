import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { resultOf, tradesOf } from '../metrics/testing/trade-fixture.ts';
import { SEQUENCE_ARMS, STAND_IN_ARMS, without } from './arms.ts';
import { measure, verdictOf } from './measure.ts';
import { resultsDocument, type StudyResult } from './results-document.ts';

describe('arms', () => {
  const hashOf = (preset: string, sets: readonly string[]) =>
    loadConfig({ ignoreFile: true, env: {}, preset, sets: ['hedge.mode=off', ...sets] }).hash;

  test.each([
    ['sequence', SEQUENCE_ARMS],
    ['smc-stand-in', STAND_IN_ARMS],
  ] as const)('of %s are valid, all different, and none is the base', (preset, arms) => {
    const hashes = new Set([hashOf(preset, [])]);
    for (const arm of arms) {
      const hash = hashOf(preset, arm.sets);
      expect(hashes, arm.name).not.toContain(hash);
      hashes.add(hash);
    }
    expect(new Set(arms.map((arm) => arm.name)).size).toBe(arms.length);
  });

  test('a condition is left out of an expression whole', () => {
    expect(without('{A} AND {AB} AND {B}', 'A')).toBe('{AB} AND {B}');
  });
});

describe('figures of an arm', () => {
  test('costs are taken off between gross and net', () => {
    const trades = tradesOf(0.2, -0.4).map((trade) => ({ ...trade, fees: 1, slippage: 2 }));
    const measured = measure([resultOf(trades, 2)], 0.75);
    // Planned R is 10: fees and slippage are 0.3 R a trade.
    expect(measured.netR).toBeCloseTo(-0.1, 12);
    expect(measured.grossR).toBeCloseTo(0.2, 12);
    expect(measured.verdict).toBe('insufficient');
  });

  test('the rule that refused most is named', () => {
    const one = { ...resultOf(tradesOf(1), 1), refusals: { costGate: 2, dayBudget: 3 } };
    const two = { ...resultOf(tradesOf(1), 1), refusals: { costGate: 4 } };
    const measured = measure([one, two], 0.75);
    expect(measured.refused).toBe(9);
    expect(measured.refusedMost).toEqual({ rule: 'costGate', count: 6 });
  });

  test('two runs are pooled trade by trade', () => {
    const pooled = measure([resultOf(tradesOf(1), 1), resultOf(tradesOf(0, -1), 2)], 0.75);
    expect([pooled.trades, pooled.netR, pooled.returnFraction]).toEqual([3, 0, undefined]);
  });

  test.each([
    [0, undefined, 'no trades'],
    [99, { low: 1, high: 2 }, 'insufficient'],
    [100, { low: -2, high: -1 }, 'loses'],
    [100, { low: -1, high: 1 }, 'no edge shown'],
    [100, { low: 0.1, high: 1 }, 'above zero'],
  ] as const)('%d trades and %j are: %s', (trades, interval, verdict) => {
    expect(verdictOf(trades, interval)).toBe(verdict);
  });
});

describe('the document', () => {
  const losing = measure([resultOf(tradesOf(...Array(120).fill(-0.5)), 120)], 0.75);
  const winning = measure([resultOf(tradesOf(...Array(120).fill(0.5)), 120)], 0.75);
  const study = (measured: typeof losing): StudyResult => ({
    command: 'qcm study results',
    codeVersion: 'test',
    sets: [{ name: 'set', spans: '1 of 3m', hash: 'abc', degraded: [] }],
    window: [],
    grid: [{ set: 'set', preset: 'p', hedge: 'off', measured }],
    ablations: [
      {
        title: 'Ablation',
        base: losing,
        rows: [{ arm: { group: 'exits', name: 'other', sets: [] }, measured: winning }],
        exits: [],
        regimes: [],
      },
    ],
    flow: undefined,
  });

  test('says plainly that there is no edge, and names what changed most', () => {
    const text = resultsDocument(study(losing));
    expect(text).toContain('**No run shows an edge after costs.**');
    expect(text).toContain('**There is no edge after costs: it loses.**');
    expect(text).toContain('- other (exits): +1.000 R a trade');
  });

  test('does not say so when a run lies above zero', () => {
    const text = resultsDocument(study(winning));
    expect(text).not.toContain('No run shows an edge');
    expect(text).toContain('Above zero after costs, with 100 trades or more: set p off.');
  });
});
