import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../engine/error.ts';
import { ResearchLedger } from '../hold-out.ts';
import { makeSampler, type SamplerName } from '../samplers/make-sampler.ts';
import { SearchSpace } from '../space/search-space.ts';
import type { Goal } from './objective.ts';
import { runStudy, type TrialPool } from './study.ts';
import { bestTrial } from './study-summary.ts';
import type { TrialOutcome, TrialRecord, TrialTask } from './trial.ts';
import { TrialLedger } from './trial-ledger.ts';
import { TRIALS_FILE, TrialStore } from './trial-store.ts';

const GOAL: Goal = { objectives: ['profitFactor'], drawdownMax: 0.08, tradesMin: 10 };
const SPACE = new SearchSpace(
  {
    name: 'test',
    note: '',
    preset: '',
    parameters: [
      { path: 'x', kind: 'float', low: 0, high: 1 },
      { path: 'y', kind: 'float', low: 0, high: 1, executionOnly: true },
      { path: 'z', kind: 'choice', choices: ['a', 'b'], executionOnly: true },
    ],
  },
  {},
);

/** Best at x = 0.3, y = 0.6, z = b; x above 0.9 has no trades, y below 0.05 fails. */
function figure({ number, values }: TrialTask): TrialOutcome {
  const { x, y, z } = values as { x: number; y: number; z: string };
  if (y < 0.05) return { number, status: 'failed', figures: null, why: 'test' };
  const value = 2 - Math.abs(x - 0.3) - Math.abs(y - 0.6) + (z === 'b' ? 0.5 : 0);
  const trades = x > 0.9 ? 0 : 50;
  return {
    number,
    status: trades === 0 ? 'noTrades' : 'done',
    figures: {
      trades,
      unfilled: 0,
      refused: 0,
      winRate: 0.5,
      profitFactor: value,
      profitFactorLow: trades === 0 ? 9 : value,
      meanR: 0,
      meanRLow: 0,
      sumR: 0,
      returnFraction: 0,
      maxDrawdown: 0.01,
      sharpe: null,
    },
  };
}

/** Answers after a while that depends on the task, so that order of arrival varies. */
class SlowPool implements TrialPool {
  readonly parallel: number;
  tried: number[] = [];
  declare private readonly failAfter: number;

  constructor(parallel: number, failAfter = Number.POSITIVE_INFINITY) {
    this.parallel = parallel;
    this.failAfter = failAfter;
  }

  async evaluate(
    group: readonly TrialTask[],
    onOutcome: (outcome: TrialOutcome) => void,
  ): Promise<void> {
    for (const task of group) {
      await new Promise((resolve) => setTimeout(resolve, (task.number * 7 * this.parallel) % 4));
      if (this.tried.length >= this.failAfter) throw new Error('power cut');
      this.tried.push(task.number);
      onOutcome(figure(task));
    }
  }

  async close(): Promise<void> {}
}

function folderOf(): string {
  return mkdtempSync(join(tmpdir(), 'qcm-study-'));
}

async function run(options: {
  sampler: SamplerName;
  trials?: number;
  folder?: string;
  pool?: SlowPool;
  batchSize?: number;
}): Promise<TrialRecord[]> {
  const { sampler, trials = 60, folder = folderOf(), pool = new SlowPool(1) } = options;
  const batchSize = options.batchSize ?? 8;
  const store = new TrialStore(folder, { sampler, batchSize });
  try {
    return await runStudy({
      space: SPACE,
      sampler: makeSampler(sampler, { space: SPACE, seed: 5, batchSize }),
      seed: 5,
      trials,
      batchSize,
      variations: 2,
      goal: GOAL,
      pool,
      store,
    });
  } finally {
    store.close();
  }
}

const SAMPLERS = ['random', 'sobol', 'tpe', 'de', 'halving'] as const;

describe('a study', () => {
  it('comes out the same with 1, 2 and 4 workers, whoever is faster', async () => {
    for (const sampler of SAMPLERS) {
      const one = await run({ sampler, pool: new SlowPool(1) });
      expect(one.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, i) => i));
      expect(await run({ sampler, pool: new SlowPool(2) })).toEqual(one);
      expect(await run({ sampler, pool: new SlowPool(4) })).toEqual(one);
    }
  });

  it('comes out the same after a power cut with a torn line, and tries nothing twice', async () => {
    for (const sampler of SAMPLERS) {
      const whole = await run({ sampler });
      const folder = folderOf();
      await expect(run({ sampler, folder, pool: new SlowPool(2, 31) })).rejects.toThrow(
        'power cut',
      );
      const path = join(folder, TRIALS_FILE);
      const text = readFileSync(path, 'utf8');
      // As if the last line had been cut in the middle.
      writeFileSync(path, text.slice(0, -20));
      const rest = new SlowPool(2);
      expect(await run({ sampler, folder, pool: rest })).toEqual(whole);
      const kept = text.split('\n').length - 3;
      expect(rest.tried.length).toBe(60 - kept);
    }
  });

  it('can be extended, with the trials it would have had from the start', async () => {
    for (const sampler of SAMPLERS) {
      const whole = await run({ sampler, trials: 60 });
      const folder = folderOf();
      await run({ sampler, trials: 21, folder });
      expect(await run({ sampler, trials: 60, folder })).toEqual(whole);
    }
  });

  it('finds the best of an easy space, and none that had no trades', async () => {
    const best = bestTrial(await run({ sampler: 'tpe', trials: 150 }), GOAL);
    expect(best?.values.z).toBe('b');
    expect(best?.figures?.profitFactor).toBeGreaterThan(2.35);
    expect(best?.status).toBe('done');
  });

  it('is not mixed up with another one in the same folder', async () => {
    const folder = folderOf();
    await run({ sampler: 'random', folder, trials: 8 });
    await expect(run({ sampler: 'sobol', folder })).rejects.toThrow(
      /another study: sampler differ/,
    );
  });
});

describe('trial store', () => {
  const record: TrialRecord = {
    ...{ batch: 0, slot: 3, number: 3, values: { x: 1 }, budget: 1 },
    ...{ status: 'failed' as const, figures: null, why: 'test' },
  };

  it('keeps each number once, and refuses another outcome for it', () => {
    const folder = folderOf();
    const store = new TrialStore(folder, { a: 1 });
    store.add([record]);
    store.add([{ ...record }]);
    expect(readFileSync(join(folder, TRIALS_FILE), 'utf8').split('\n')).toHaveLength(3);
    expect(() => store.add([{ ...record, why: 'other' }])).toThrow(/trial 3 came out differently/);
    store.close();
  });

  it('says so when the disk is full, and goes on from what was written', () => {
    const folder = folderOf();
    let room = 2;
    const full = (_file: number, text: string) => {
      if (--room >= 0) {
        appendFileSync(join(folder, TRIALS_FILE), text);
        return;
      }
      // A part of the line may still have gone to the disk.
      appendFileSync(join(folder, TRIALS_FILE), text.slice(0, 9));
      throw new Error('ENOSPC: no space left on device, write');
    };
    const store = new TrialStore(folder, { a: 1 }, full);
    store.add([record]);
    let thrown: unknown;
    try {
      store.add([{ ...record, number: 4 }]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect((thrown as AppError).code).toBe('RESEARCH_DISK');
    expect((thrown as AppError).hint).toContain('goes on where it stopped');
    store.close();
    const again = new TrialStore(folder, { a: 1 });
    expect([...again.byNumber.keys()]).toEqual([3]);
    again.add([{ ...record, number: 4 }]);
    again.close();
    expect([...new TrialStore(folder, { a: 1 }).byNumber.keys()]).toEqual([3, 4]);
  });

  it('belongs to one process at a time', () => {
    const folder = folderOf();
    const store = new TrialStore(folder, { a: 1 });
    expect(() => new TrialStore(folder, { a: 1 })).toThrow(/another process is working/);
    store.close();
    new TrialStore(folder, { a: 1 }).close();
  });

  it('names the line of a file that was damaged inside', () => {
    const folder = folderOf();
    writeFileSync(join(folder, TRIALS_FILE), '{"a":1}\n{"number":\n{"number":2}\n');
    expect(() => new TrialStore(folder, { a: 1 })).toThrow(/line 2 is not JSON/);
  });
});

describe('ledger', () => {
  it('counts each trial of each study once, by data set, beside what others wrote', () => {
    const path = join(folderOf(), 'ledger.jsonl');
    new ResearchLedger(path).add({ dataHash: 'd1', atMs: 1, what: 'x', trials: 3, kind: 'search' });
    const line = { data: 'd1', study: 's1', what: 'optimise', atMs: 2 };
    const ledger = new TrialLedger(path);
    ledger.spend({ ...line, from: 0, to: 16 });
    ledger.spend({ ...line, from: 16, to: 20 });
    ledger.spend({ ...line, study: 's2', from: 0, to: 5 });
    ledger.spend({ ...line, data: 'd2', from: 0, to: 7 });
    ledger.close();
    const again = new TrialLedger(path);
    again.spend({ ...line, from: 0, to: 16 });
    again.spend({ ...line, from: 16, to: 32 });
    again.close();
    expect([again.spentOn('d1'), again.spentOn('d2'), again.spentOn('d3')]).toEqual([40, 7, 0]);
    expect(new ResearchLedger(path).trials('d1')).toBe(40);
  });
});
