import { parentPort, workerData } from 'node:worker_threads';
import { SqliteStore } from './sqlite-store.ts';
import type { WorkerAnswer, WorkerAsk } from './worker-committer.ts';

const { path, ...options } = workerData as { path: string; retentionDays?: number };
const store = new SqliteStore(path, options);

parentPort?.on('message', (ask: WorkerAsk) => {
  const tell = (answer: WorkerAnswer) => parentPort?.postMessage(answer);
  if (ask.kind === 'commit') {
    store.commit(ask.batch, (failure) => tell({ kind: 'committed', failure }));
    return;
  }
  store.close(() => tell({ kind: 'closed' }));
  parentPort?.close();
});
