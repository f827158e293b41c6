import { performance } from 'node:perf_hooks';

export interface Measured {
  /** Of the wall clock, in seconds. */
  medianS: number;
  bestS: number;
  worstS: number;
  /** Processor time of the best run, all threads; less disturbed by other programs. */
  cpuS: number;
  runs: number;
}

/**
 * Young garbage only. A full collection would also take the hidden classes of what the last run
 * made, and throw away the machine code that was compiled for them: every run would start cold.
 */
const collect = (globalThis as { gc?: (options: { type: 'minor' }) => void }).gc;

/** Runs before the ones that count: the compiler needs more than one look. */
const WARM_UP_RUNS = 2;

/**
 * Times several pieces of work in turns (a, b, a, b ...), so that what disturbs one disturbs the
 * others; young garbage is collected before each where the process was started with --expose-gc.
 */
export async function measure(works: readonly (() => unknown)[], runs: number) {
  for (let i = 0; i < WARM_UP_RUNS; i++) for (const work of works) await work();
  const wall: number[][] = works.map(() => []);
  const cpu: number[][] = works.map(() => []);
  for (let i = 0; i < runs; i++) {
    for (const [which, work] of works.entries()) {
      collect?.({ type: 'minor' });
      const used = process.cpuUsage();
      const from = performance.now();
      await work();
      wall[which].push((performance.now() - from) / 1_000);
      const { user, system } = process.cpuUsage(used);
      cpu[which].push((user + system) / 1e6);
    }
  }
  return works.map((_, which): Measured => {
    const sorted = wall[which].sort((a, b) => a - b);
    return {
      medianS: sorted[sorted.length >> 1],
      bestS: sorted[0],
      worstS: sorted[sorted.length - 1],
      cpuS: Math.min(...cpu[which]),
      runs,
    };
  });
}
