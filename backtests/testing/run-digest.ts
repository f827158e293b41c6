import { createHash } from 'node:crypto';
import { composer, simulatedInput } from '../checks/testing/simulated-input.ts';
import { runBacktest } from '../run.ts';

export interface RunDigest {
  /** Over every effect. */
  effects: string;
  /** Over every number of the result. */
  result: string;
  trades: number;
}

/** One hedged run of three symbols over the simulated market. */
export function digestOfRun(job: { preset: string; seed: number }): RunDigest {
  const market = simulatedInput({ seed: job.seed, days: 3 });
  const result = runBacktest(composer(job.preset, ['risk.costRMax=5'])(market));
  const text = JSON.stringify(result);
  return {
    effects: result.effectDigest,
    result: createHash('sha256').update(text).digest('hex'),
    trades: result.trades.length,
  };
}
