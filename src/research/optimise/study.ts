import { AppError } from '../../engine/error.ts';
import { type Candidate, nextBatch } from '../samplers/next-batch.ts';
import type { Sampler, Told } from '../samplers/sampler.ts';
import type { SearchSpace } from '../space/search-space.ts';
import { type Goal, isChoosable, lossesOf } from './objective.ts';
import type { TrialOutcome, TrialRecord, TrialTask } from './trial.ts';
import type { TrialLedger } from './trial-ledger.ts';
import type { TrialStore } from './trial-store.ts';

/** Whatever can try settings: this thread, worker threads, other machines. */
export interface TrialPool {
  /** Outcomes as they come, in any order; all tasks of a group share their signals. */
  evaluate(group: readonly TrialTask[], onOutcome: (outcome: TrialOutcome) => void): Promise<void>;
  /** How many groups a batch should be split into, so that nobody waits long for the others. */
  readonly parallel: number;
  close(): Promise<void>;
}

export interface StudyOptions {
  space: SearchSpace;
  sampler: Sampler;
  seed: number;
  trials: number;
  batchSize: number;
  /** Trials that share their signals. */
  variations: number;
  goal: Goal;
  pool: TrialPool;
  store: TrialStore;
  /** Counts trials as they are spent. */
  ledger?: { ledger: TrialLedger; data: string; study: string; what: string };
  onProgress?: (progress: StudyProgress) => void;
  signal?: AbortSignal;
}

export interface StudyProgress {
  done: number;
  total: number;
  /** Trials that were in the store already. */
  resumed: number;
  best: TrialRecord | undefined;
}

interface Batch {
  candidates: readonly Candidate[];
  firstNumber: number;
  finished: Promise<void>;
}

/**
 * Runs a study to its number of trials. Which points are tried depends on the seed and on the
 * outcomes of whole batches before, never on who was faster; so it comes out the same with any
 * number of workers, and after any interruption. Proposals see all batches but the last `lag`, so
 * that no worker waits for the slowest trial of a batch.
 */
export async function runStudy(options: StudyOptions): Promise<TrialRecord[]> {
  const { sampler, trials, store, signal } = options;
  const run = new StudyRun(options);
  const open: Batch[] = [];
  try {
    for (let batch = 0; run.proposed < trials && !signal?.aborted; batch++) {
      while (open.length > sampler.lag) await run.finish(open.shift() as Batch);
      if (!signal?.aborted) open.push(run.start(batch));
    }
    while (open.length > 0 && !signal?.aborted) await run.finish(open.shift() as Batch);
  } finally {
    await Promise.allSettled(open.map(({ finished }) => finished));
    store.sync();
  }
  return [...store.byNumber.values()]
    .filter(({ number }) => number < trials)
    .sort((a, b) => a.number - b.number);
}

class StudyRun {
  proposed = 0;
  declare private readonly options: StudyOptions;
  private readonly known: { candidate: Candidate; record: TrialRecord }[] = [];
  private readonly resumed: number;
  private best: TrialRecord | undefined;

  constructor(options: StudyOptions) {
    this.options = options;
    this.resumed = options.store.byNumber.size;
    for (const record of options.store.byNumber.values()) this.compare(record);
  }

  start(batch: number): Batch {
    const { space, sampler, seed, batchSize, variations, trials } = this.options;
    const size = Math.min(sampler.batchSize?.(batch) ?? batchSize, trials - this.proposed);
    const history = this.history();
    const asked = { space, sampler, history, batch, size, variations, seed };
    const candidates = nextBatch(asked);
    const firstNumber = this.proposed;
    this.proposed += size;
    const finished = this.tryAll(candidates, firstNumber);
    // Told when the batch is waited for; until then it is nobody's unhandled failure.
    finished.catch(() => {});
    return { candidates, firstNumber, finished };
  }

  async finish({ candidates, firstNumber, finished }: Batch): Promise<void> {
    const { store, ledger, signal } = this.options;
    await finished;
    if (signal?.aborted) return;
    store.sync();
    const to = firstNumber + candidates.length;
    if (ledger !== undefined) {
      const { data, study, what } = ledger;
      ledger.ledger.spend({ data, study, what, from: firstNumber, to, atMs: Date.now() });
    }
    for (const [i, candidate] of candidates.entries()) {
      const record = store.byNumber.get(firstNumber + i);
      if (record !== undefined) this.known.push({ candidate, record });
    }
  }

  private async tryAll(candidates: readonly Candidate[], firstNumber: number): Promise<void> {
    const { store, pool, signal } = this.options;
    const missing: { task: TrialTask; candidate: Candidate }[] = [];
    for (const [i, candidate] of candidates.entries()) {
      const { values, budget } = candidate;
      const task = { number: firstNumber + i, values, budget };
      const record = store.byNumber.get(task.number);
      if (record === undefined) missing.push({ task, candidate });
      else checkSame(record, task);
    }
    const groups = this.grouped(missing);
    await Promise.all(
      groups.map((group) =>
        pool.evaluate(
          group.map(({ task }) => task),
          (outcome) => {
            if (signal?.aborted) return;
            const found = group.find(({ task }) => task.number === outcome.number);
            if (found === undefined) return;
            const { batch, slot } = found.candidate;
            this.keep({ ...found.task, ...outcome, batch, slot });
          },
        ),
      ),
    );
  }

  private keep(record: TrialRecord): void {
    const { store, trials, onProgress } = this.options;
    store.add([record]);
    this.compare(record);
    const done = store.byNumber.size;
    onProgress?.({ done, total: trials, resumed: this.resumed, best: this.best });
  }

  private compare(record: TrialRecord): void {
    const { goal } = this.options;
    if (record.budget < 1 || !isChoosable(record, goal)) return;
    if (this.best === undefined) this.best = record;
    else {
      const [before, now] = lossesOf([this.best, record], goal);
      if (now < before) this.best = record;
    }
  }

  /** Trials with the same signals together; cut only where there would be too few groups. */
  private grouped<T extends { task: TrialTask }>(missing: readonly T[]): T[][] {
    const { space, pool } = this.options;
    const groups = new Map<string, T[]>();
    for (const each of missing) {
      const key = space.signalKey(each.task.values);
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    const whole = [...groups.values()];
    if (whole.length >= pool.parallel) return whole;
    const most = Math.max(1, Math.ceil(missing.length / (2 * pool.parallel)));
    return whole.flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / most) }, (_, i) =>
        group.slice(i * most, (i + 1) * most),
      ),
    );
  }

  private history(): Told[] {
    const losses = lossesOf(
      this.known.map(({ record }) => record),
      this.options.goal,
    );
    return this.known.map(({ candidate, record }, i) => ({
      unit: candidate.unit,
      loss: losses[i],
      budget: record.budget,
      batch: record.batch,
      slot: record.slot,
    }));
  }
}

function checkSame(record: TrialRecord, task: TrialTask): void {
  const same =
    record.budget === task.budget && JSON.stringify(record.values) === JSON.stringify(task.values);
  if (same) return;
  throw new AppError(
    'RESEARCH_OTHER_STUDY',
    `trial ${task.number} of the store was asked with other settings`,
    'the store is of another version of the program: choose another --out',
  );
}
