import { parentPort } from 'node:worker_threads';
import { digestOfRun } from './run-digest.ts';

// A thread of the determinism test: runs what it is told and answers with the digest.
parentPort?.on('message', (job: { preset: string; seed: number }) => {
  parentPort?.postMessage({ ...job, ...digestOfRun(job) });
});
