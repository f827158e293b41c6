import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { codeVersion } from '../src/code-version.ts';
import { findMarketData, type MarketData } from '../src/market-data.ts';
import { DistributedPool } from '../src/research/distributed/distributed-pool.ts';
import { prepareStudy, type StudySettings } from '../src/research/optimise/prepare-study.ts';
import { runStudy, type TrialPool } from '../src/research/optimise/study.ts';
import type { EvaluatorInput } from '../src/research/optimise/trial-evaluator.ts';
import { TrialStore } from '../src/research/optimise/trial-store.ts';
import { WorkerPool } from '../src/research/pool/worker-pool.ts';
import { loadSpace } from '../src/research/space/load-space.ts';

// How fast searches are:
//   node bench/search.ts speed --data DIR [--trials 200]      trials a second, one and two workers
//   node bench/search.ts overhead --redis URL [--trials 200]  queue against threads, trials of 200 ms
// Each figure is the median of repeated rounds; two workers are held against what two spinning
// threads get at the same time on the same machine, since cores are often shared.

const ROUNDS = 5;
const SPIN_MS = 1_500;
const PROBE_MS = 200;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    redis: { type: 'string' },
    trials: { type: 'string', default: '100' },
    rounds: { type: 'string', default: String(ROUNDS) },
    space: { type: 'string', default: 'btc-alpha-hedge' },
    variations: { type: 'string', default: '4' },
    'no-reuse': { type: 'boolean', default: false },
    cache: { type: 'string' },
  },
});
const trials = Number(values.trials);
const rounds = Number(values.rounds);

if (positionals[0] === 'overhead') await overhead();
else await speed();

async function speed(): Promise<void> {
  const data = await dataOf(values.data);
  const ratios: number[] = [];
  const perTrial: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const spin = (await spins(2)) / (await spins(1));
    const before = process.cpuUsage();
    const two = await timed(data, 2, round);
    const cpu = process.cpuUsage(before);
    const one = await timed(data, 1, round);
    ratios.push(one / two / spin);
    perTrial.push((cpu.user + cpu.system) / 1_000 / trials);
    say(
      `round ${round}: ${(trials / one).toFixed(1)} and ${(trials / two).toFixed(1)} trials/s, ` +
        `speed-up ${(one / two).toFixed(2)}, spin ratio ${spin.toFixed(2)}, ` +
        `CPU ${perTrial[round].toFixed(0)} ms a trial`,
    );
  }
  const rssMb = process.resourceUsage().maxRSS / 1_024;
  say(
    `two workers reach ${median(ratios).toFixed(2)} of the spin ratio, ` +
      `CPU ${median(perTrial).toFixed(0)} ms a trial, peak ${rssMb.toFixed(0)} MB`,
  );
}

async function timed(data: MarketData, workers: number, round: number): Promise<number> {
  const study = studyOf(data, round);
  const pool = new WorkerPool(study.input, workers);
  const startedMs = performance.now();
  await finish(study, pool);
  return (performance.now() - startedMs) / 1_000;
}

async function overhead(): Promise<void> {
  const url = values.redis ?? 'redis://127.0.0.1:6379';
  const data = await dataOf(undefined);
  const workers = [0, 1].map(() => startWorker(url));
  try {
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const local = await probed(data, round, (input) => new WorkerPool(input, 2));
      const queued = await probed(data, round, (input, study) =>
        DistributedPool.open({
          url,
          study,
          codeVersion: codeVersion(),
          input,
          parallel: 2,
          patienceMs: 60_000,
          onNotice: say,
        }),
      );
      shares.push(queued / local - 1);
      say(
        `round ${round}: threads ${local.toFixed(2)} s, queue ${queued.toFixed(2)} s, ` +
          `overhead ${(100 * shares[round]).toFixed(1)} %, ` +
          `${(((queued - local) * 2_000) / trials).toFixed(1)} ms a trial`,
      );
    }
    say(
      `overhead of the queue with trials of ${PROBE_MS} ms: ${(100 * median(shares)).toFixed(1)} %`,
    );
  } finally {
    for (const child of workers) child.kill('SIGTERM');
  }
}

/** From the first trial on: connecting and shipping happen once and are not counted. */
async function probed(
  data: MarketData,
  round: number,
  open: (input: EvaluatorInput, study: string) => TrialPool | Promise<TrialPool>,
): Promise<number> {
  const study = studyOf(data, 1_000 * (1 + round) + (Date.now() % 1_000));
  const input = { ...study.input, probeMs: PROBE_MS };
  const pool = await open(input, study.id);
  // Workers start their threads for the study with these.
  await Promise.all(
    [-1, -2].map((number) => pool.evaluate([{ number, values: {}, budget: 1 }], () => {})),
  );
  const startedMs = performance.now();
  await finish(study, pool);
  return (performance.now() - startedMs) / 1_000;
}

function studyOf(data: MarketData, seed: number) {
  const loaded = loadSpace(values.space);
  const settings: StudySettings = {
    sampler: 'random',
    seed,
    batchSize: 16,
    variations: values['no-reuse'] ? 1 : Number(values.variations),
    goal: { objectives: ['profitFactor'], drawdownMax: 0.08, tradesMin: 100 },
    isPruning: true,
    allData: false,
    recordings: 4,
  };
  return { ...prepareStudy(loaded, data, settings, codeVersion()), loaded, settings };
}

async function finish(study: ReturnType<typeof studyOf>, pool: TrialPool): Promise<void> {
  const store = new TrialStore(mkdtempSync(join(tmpdir(), 'qcm-bench-')), study.identity);
  const { settings, loaded, sampler } = study;
  const variations = study.input.probeMs === undefined ? settings.variations : 1;
  await runStudy({ ...settings, variations, space: loaded.space, sampler, trials, pool, store });
  await pool.close();
  store.close();
}

function dataOf(path: string | undefined): Promise<MarketData> {
  return findMarketData({
    path,
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    strict: false,
    cacheFolder: values.cache,
    simulation: { seed: 1, days: 3 },
    onProgress: () => {},
  });
}

function startWorker(url: string): ChildProcess {
  const args = ['src/cli/main.ts', 'worker', '--redis', url, '--workers', '1'];
  return spawn(process.execPath, args, { stdio: 'ignore' });
}

/** Loops that so many threads get through together in a while. */
async function spins(threads: number): Promise<number> {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const end = Date.now() + workerData;
    let loops = 0;
    let x = 1;
    while (Date.now() < end) { for (let i = 0; i < 1e5; i++) x = (x * 1.0000001) % 7; loops++; }
    parentPort.postMessage(loops + (x < 0 ? 1 : 0));
  `;
  const counts = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(source, { eval: true, workerData: SPIN_MS });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
