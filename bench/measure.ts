import { performance } from 'node:perf_hooks';

export interface Measured {
  /** Median, best and worst of the runs, in seconds. */
  medianS: number;
  bestS: number;
  worstS: number;
  runs: number;
}

/**
 * Times a piece of work: one run to warm up, then `runs` of them, garbage collected before each
 * where the process was started with --expose-gc.
 */
export async function measure(work: () => unknown, runs: number): Promise<Measured> {
  await work();
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    const from = performance.now();
    await work();
    seconds.push((performance.now() - from) / 1_000);
  }
  seconds.sort((a, b) => a - b);
  return {
    medianS: seconds[seconds.length >> 1],
    bestS: seconds[0],
    worstS: seconds[seconds.length - 1],
    runs,
  };
}
