import { Worker } from 'node:worker_threads';
import type { RunResult } from './chaos-run.ts';
import type { ChunkAsk } from './chaos-worker.ts';

const CHUNK = 5;
/** A run is short and all of it is garbage afterwards: the less often it is copied, the better. */
const LIMITS = { maxYoungGenerationSizeMb: 192 };

export interface PoolOptions {
  firstSeed: number;
  seeds: number;
  workers: number;
  /** Results as they come, a few at a time, in no order. */
  onResults: (results: readonly RunResult[]) => void;
}

/** Runs seeds on threads: a run is one thread's work from beginning to end, so any number will do. */
export function runPool(options: PoolOptions): Promise<void> {
  const { firstSeed, seeds, workers, onResults } = options;
  const endSeed = firstSeed + seeds;
  let next = firstSeed;
  const file = import.meta.url.endsWith('.ts') ? './chaos-worker.ts' : './chaos-worker.js';
  const play = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(file, import.meta.url), { resourceLimits: LIMITS });
      const ask = (): void => {
        if (next >= endSeed) {
          worker.terminate().then(() => resolve(), reject);
          return;
        }
        const chunk: ChunkAsk = { first: next, count: Math.min(CHUNK, endSeed - next) };
        next += chunk.count;
        worker.postMessage(chunk);
      };
      worker.on('message', (results: RunResult[]) => {
        onResults(results);
        ask();
      });
      worker.on('error', reject);
      ask();
    });
  return Promise.all(Array.from({ length: workers }, play)).then(() => {});
}
