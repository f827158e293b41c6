import type { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { findMarketData } from '../../market-data.ts';
import type { TrialPool } from '../optimise/study.ts';
import type { TrialOutcome, TrialTask } from '../optimise/trial.ts';
import type { EvaluatorInput } from '../optimise/trial-evaluator.ts';
import { loadSpace } from '../space/load-space.ts';
import { recordLegs } from '../trial/recording.ts';
import { LocalPool } from './local-pool.ts';
import { WorkerPool } from './worker-pool.ts';

const SETS = [
  'signal.contextExpression="{FUNDING_OK}"',
  'signal.strengthMin=5',
  'signal.sequenceWindowBars=60',
];
/** Two sets of signals, each traded in two ways; one is no valid configuration. */
const GROUPS: TrialTask[][] = [
  [
    { number: 0, values: { 'signal.crossWithinBars': 4, 'entry.mode': 'taker' }, budget: 1 },
    { number: 1, values: { 'signal.crossWithinBars': 4, 'hedge.mode': 'off' }, budget: 1 },
  ],
  [
    { number: 2, values: { 'signal.crossWithinBars': 6, 'entry.mode': 'taker' }, budget: 1 },
    { number: 3, values: { 'signal.crossWithinBars': 6, 'entry.mode': 'taker' }, budget: 0.5 },
  ],
  [{ number: 4, values: { 'stop.kDeep': 11 }, budget: 1 }],
];

let input: EvaluatorInput;

beforeAll(async () => {
  const { base } = loadSpace('btc-alpha-hedge', SETS);
  const data = await findMarketData({
    path: undefined,
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    strict: false,
    simulation: { seed: 3, days: 16 },
    onProgress: () => {},
  });
  const legs = recordLegs(base.config, data);
  input = { data, legs, preset: 'sequence', sets: SETS, pruneAbove: undefined, recordings: 2 };
});

async function outcomes(pool: TrialPool): Promise<TrialOutcome[]> {
  const out: TrialOutcome[] = [];
  await Promise.all(GROUPS.map((group) => pool.evaluate(group, (outcome) => out.push(outcome))));
  await pool.close();
  return out.sort((a, b) => a.number - b.number);
}

describe('pools', () => {
  it('give the same figures in this thread, in 2 and in 4, and without recordings', async () => {
    const here = await outcomes(new LocalPool(input));
    expect(here.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done', 'failed']);
    expect(here[4].why).toContain('stop.kDeep');
    expect(here[3].figures?.trades).toBeLessThan(here[2].figures?.trades ?? 0);
    expect(here[0].figures).not.toEqual(here[1].figures);
    expect(await outcomes(new WorkerPool(input, 2))).toEqual(here);
    expect(await outcomes(new WorkerPool(input, 4))).toEqual(here);
    expect(await outcomes(new LocalPool({ ...input, recordings: 0 }))).toEqual(here);
  });

  it('stop a trial early when its drawdown has passed the limit, with the same verdict', async () => {
    const whole = await outcomes(new LocalPool(input));
    const limit = (whole[0].figures?.maxDrawdown ?? 0) / 3;
    const pruned = await outcomes(new LocalPool({ ...input, pruneAbove: limit }));
    expect(pruned[0].status).toBe('pruned');
    expect(pruned[0].figures?.maxDrawdown).toBeGreaterThan(limit);
    expect(pruned[0].figures?.trades).toBeLessThan(whole[0].figures?.trades ?? 0);
  });

  it('try the rest of a group again when its worker dies', async () => {
    const expected = await outcomes(new LocalPool(input));
    const pool = new WorkerPool(input, 2);
    const { busy } = pool as unknown as { busy: Map<Worker, unknown> };
    let kills = 2;
    const killer = setInterval(() => {
      const [worker] = busy.keys();
      if (worker === undefined || kills-- <= 0) return;
      void worker.terminate();
    }, 150);
    expect(await outcomes(pool)).toEqual(expected);
    clearInterval(killer);
    expect(kills).toBeLessThan(2);
  });
});
