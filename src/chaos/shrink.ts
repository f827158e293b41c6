import { type RunOptions, type RunResult, runChaos } from './chaos-run.ts';
import type { Fault } from './fault.ts';

/**
 * The smallest part of a failing schedule that still fails: faults are dropped one by one, then cut
 * short, as long as some violation is left. Undefined when the run does not fail at all.
 */
export function shrink(
  options: RunOptions,
  run: (options: RunOptions) => RunResult = runChaos,
): RunResult | undefined {
  let best = run({ ...options, trace: undefined });
  if (best.violations.length === 0) return undefined;
  const tryWith = (faults: readonly Fault[]): boolean => {
    const result = run({ ...options, trace: undefined, faults });
    if (result.violations.length === 0) return false;
    best = result;
    return true;
  };
  for (let i = best.faults.length - 1; i >= 0; i--) {
    tryWith(best.faults.filter((_, index) => index !== i));
  }
  for (let i = 0; i < best.faults.length; i++) {
    while (best.faults[i].lengthMs >= 2_000) {
      const { faults } = best;
      const half = { ...faults[i], lengthMs: Math.floor(faults[i].lengthMs / 2) };
      if (!tryWith(faults.map((fault, index) => (index === i ? half : fault)))) break;
    }
  }
  return best;
}
