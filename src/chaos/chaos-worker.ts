import { parentPort } from 'node:worker_threads';
import { runChaos } from './chaos-run.ts';

/** Seeds to run, from `first` on. */
export interface ChunkAsk {
  first: number;
  count: number;
}

parentPort?.on('message', ({ first, count }: ChunkAsk) => {
  const results = Array.from({ length: count }, (_, i) => runChaos({ seed: first + i }));
  parentPort?.postMessage(results);
});
