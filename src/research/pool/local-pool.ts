import type { TrialPool } from '../optimise/study.ts';
import type { TrialOutcome, TrialTask } from '../optimise/trial.ts';
import { type EvaluatorInput, TrialEvaluator } from '../optimise/trial-evaluator.ts';

/** Tries settings in this thread, one after the other. */
export class LocalPool implements TrialPool {
  readonly parallel = 1;
  declare private readonly evaluator: TrialEvaluator;
  private isClosed = false;
  private last: Promise<void> = Promise.resolve();

  constructor(input: EvaluatorInput) {
    this.evaluator = new TrialEvaluator(input);
  }

  evaluate(group: readonly TrialTask[], onOutcome: (outcome: TrialOutcome) => void): Promise<void> {
    this.last = this.last.then(async () => {
      for (const task of group) {
        if (this.isClosed) return;
        onOutcome(this.evaluator.evaluate(task));
        // Lets Ctrl-C and progress through.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    });
    return this.last;
  }

  /** The trial at hand is finished, the rest dropped. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.last;
  }
}
