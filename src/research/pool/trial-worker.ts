import { parentPort, workerData } from 'node:worker_threads';
import { intern } from '../../engine/intern.ts';
import { type EvaluatorInput, TrialEvaluator } from '../optimise/trial-evaluator.ts';
import type { PoolAnswer, PoolAsk } from './worker-pool.ts';

// The thread of `WorkerPool`: bars come as views of shared memory, settings come in groups.
const input = workerData as EvaluatorInput;
// Names are compared on every bar, which is quick for one and the same string only.
const series = input.data.series.map((bars) => ({ ...bars, symbol: intern(bars.symbol) }));
const evaluator = new TrialEvaluator({ ...input, data: { ...input.data, series } });
parentPort?.on('message', ({ group }: PoolAsk) => {
  for (const task of group) {
    parentPort?.postMessage({ outcome: evaluator.evaluate(task) } satisfies PoolAnswer);
  }
  parentPort?.postMessage({ done: true } satisfies PoolAnswer);
});
