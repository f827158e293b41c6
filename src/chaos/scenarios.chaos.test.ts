import { describe, expect, test } from 'vitest';
import { Random } from '../../data/simulated/random.ts';
import { runChaos } from './chaos-run.ts';
import { drawFault, FAULTS } from './fault-catalog.ts';

const RUNS = Number(process.env.QCM_SCENARIO_RUNS ?? 4);

/** One fault alone, at several moments and in several variants, under a hedged trade. */
describe('each fault by its name', () => {
  test.each(Object.keys(FAULTS))('%s', (kind) => {
    let held = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const fault = drawFault(kind, new Random(seed, 9));
      const { violations, hasHeld } = runChaos({
        seed,
        faults: [fault],
        script: { mode: 'touch' },
      });
      expect({ fault, violations }).toEqual({ fault, violations: [] });
      if (hasHeld) held++;
    }
    expect(held).toBeGreaterThan(RUNS / 2);
  });
});

describe('what the architecture names', () => {
  test.each([
    ['an upgrade right after a stop was moved', 'upgrade', 540_100, 0.9],
    ['a change of configuration right after an entry', 'config-change', 181_500, 0.9],
    ['a ban with an open position', 'banned', 182_000, 0.5],
    ['30 s of suspension with an entry under way', 'suspend', 180_300, 0.5],
    ['a disk that stands still when an entry is decided', 'slow-disk', 179_000, 0.99],
    ['filters that change under an open position', 'filters-changed', 185_000, 0.6],
    ['a symbol that stops trading right behind an entry', 'symbol-halted', 180_030, 0.2279],
    ['a hedge leg whose symbol stops trading', 'symbol-halted', 181_500, 0.991],
    ['hedge mode between two entries', 'hedge-mode-by-hand', 121_000, 0.5],
    ['a clock that jumps while orders are under way', 'clock-step', 180_400, 0.05],
    ['a second instance while a position is open', 'second-instance', 185_000, 0.5],
  ])('%s', (_, kind, atMs, dice) => {
    const fault = { kind, atMs, lengthMs: 30_000, dice };
    for (let seed = 1; seed <= RUNS; seed++) {
      // The second minute decides, so that the third has a position to lose.
      const script = { mode: 'taker', firstMinute: 2, everyMinutes: 3, trails: true } as const;
      const { violations, hasHeld } = runChaos({ seed, faults: [fault], script });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(hasHeld).toBe(true);
    }
  });
});

/** `request-lost` at an exit, by the symptom: reset, silence, 503, -1007, 502. */
const lostExit = (atMs: number, symptom: number) => ({
  ...{ kind: 'request-lost', atMs, lengthMs: 0, dice: (5 + (symptom + 0.5) / 5) / 7 },
});

describe.each([0, 1, 2, 3, 4])('two lost exits in a row, symptom %i', (symptom) => {
  const script = { mode: 'taker', firstMinute: 2, everyMinutes: 3, stopFraction: 0.002 } as const;

  test('of a hedge leg, mostly after a stop has closed BTC', () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const faults = [1, 2].map((i) => lostExit(125_000 + i, symptom));
      const { violations, hasHedged } = runChaos({ seed, faults, script });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(hasHedged).toBe(true);
    }
  });

  test('of a main leg whose stops are refused', () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const refused = { atMs: 119_000, lengthMs: 0, dice: 0.1 };
      const faults = [
        { ...refused, kind: 'stop-refused' },
        { ...refused, kind: 'stop-refused' },
        { ...refused, kind: 'disaster-refused' },
        lostExit(119_001, symptom),
        lostExit(119_002, symptom),
      ];
      const { violations, hasHeld } = runChaos({ seed, faults, script });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(hasHeld).toBe(true);
    }
  });
});

/** The price jumps through the stop of BTC while a new process waits for its first commit. */
describe('a hedge leg alone while a start waits for a slow disk', () => {
  test.each([
    [1, 183_669, 3_934, 0.039067],
    [14, 183_757, 3_808, 0.814638],
    [16, 183_349, 3_839, 0.447408],
    [17, 182_045, 4_306, 0.451858],
    [81, 182_352, 4_690, 0.981373],
  ])('is closed, seed %i', (seed, atMs, jumpAfterMs, dice) => {
    const faults = [
      { kind: 'crash', atMs, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: atMs + 1_000, lengthMs: 30_000, dice: 0.9 },
      { kind: 'price-jump', atMs: atMs + jumpAfterMs, lengthMs: 0, dice },
    ];
    const script = { firstMinute: 2, everyMinutes: 3 };
    const texts: string[] = [];
    const trace = (_: number, text: string) => void texts.push(text);
    const { violations, hasHedged } = runChaos({ seed, faults, script, trace });
    expect(violations).toEqual([]);
    expect(hasHedged).toBe(true);
    expect(texts.filter((text) => text.startsWith('alarm START_LONELY')).length).toBe(1);
  });
});
