import { AppError } from '../../engine/error.ts';
import { ResearchLedger } from '../hold-out.ts';
import { runOn } from '../market-run.ts';
import type { ResearchInput } from '../research-input.ts';
import { type Assessment, assessTrials } from '../statistics/assess-trials.ts';
import { randomDesign, spaceOf } from './setting-space.ts';
import { runDesign, type TrialDesign } from './trial-design.ts';
import { type WalkForward, walkForward, windowsOf } from './walk-forward.ts';
import { DesignOptimiser, type WindowOptimiser } from './window-optimiser.ts';

export interface WalkForwardStudyOptions {
  variants: readonly { trainDays: number; testDays: number }[];
  trials: number;
  seed: number;
  ledger?: ResearchLedger;
  /** Whatever else searches a window; the assessment always uses the fixed design. */
  optimiser?: WindowOptimiser;
  onProgress?: (text: string) => void;
}

export interface WalkForwardStudy {
  design: TrialDesign;
  walks: WalkForward[];
  /** Variants that do not fit the data, with the reason. */
  refused: { trainDays: number; testDays: number; reason: string }[];
  assessment: Assessment;
  /** What goes into JSON: all figures, no trades. */
  figures: unknown;
}

/**
 * Runs a fixed design over the search part of the data once, walks forward through it in each
 * variant, and says how much of its best is luck. Every trial is written into the ledger first.
 * @throws AppError USAGE_WINDOW when no variant fits, DATA_NO_TRADES when nothing traded
 */
export async function walkForwardStudy(
  input: ResearchInput,
  options: WalkForwardStudyOptions,
): Promise<WalkForwardStudy> {
  const { data, base, span } = input;
  const { fitting, refused } = fittingVariants(input, options);
  const points = randomDesign(spaceOf(input.preset), options);
  const ledger = options.ledger ?? new ResearchLedger();
  const what = `walk-forward of ${input.preset}, seed ${options.seed}`;
  const { dataHash } = data;
  ledger.add({ dataHash, atMs: Date.now(), what, trials: points.length, kind: 'search' });
  const design = runDesign({
    data,
    base,
    points,
    toMs: span.searchEndMs,
    onProgress: (done, total) => options.onProgress?.(`trial ${done} of ${total}`),
  });
  requireTrades(design);
  const walks: WalkForward[] = [];
  for (const variant of fitting) {
    walks.push(
      await walkForward({
        ...variant,
        startMs: span.startMs,
        endMs: span.searchEndMs,
        optimiser: options.optimiser ?? new DesignOptimiser(design),
        runTest: (sets, window) => runOn(data, { base, sets, ...window }),
        onProgress: (done, total) => options.onProgress?.(`test window ${done} of ${total}`),
      }),
    );
  }
  const assessment = assessTrials(design.trials, {
    seed: options.seed,
    everLookedAt: ledger.trials(dataHash),
  });
  const figures = {
    preset: input.preset,
    dataHash,
    searchEndMs: span.searchEndMs,
    trials: options.trials,
    seed: options.seed,
    walks: walks.map(({ trades, dailyReturns: _, equity, ...rest }) => ({
      ...rest,
      trades: trades.length,
      equityPoints: equity.length,
    })),
    refused,
    assessment,
  };
  return { design, walks, refused, assessment, figures };
}

function fittingVariants(input: ResearchInput, options: WalkForwardStudyOptions) {
  const refused: WalkForwardStudy['refused'] = [];
  const { startMs, searchEndMs: endMs } = input.span;
  const fitting = options.variants.filter((variant) => {
    try {
      windowsOf({ ...variant, startMs, endMs });
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refused.push({ ...variant, reason: error.message });
      return false;
    }
  });
  // None fits: the user is told at once, before any trial is spent.
  if (fitting.length === 0) windowsOf({ ...options.variants[0], startMs, endMs });
  return { fitting, refused };
}

function requireTrades(design: TrialDesign): void {
  if (design.trials.some((trial) => trial.trades.length > 0)) return;
  throw new AppError(
    'DATA_NO_TRADES',
    `none of ${design.trials.length} trials made a trade in the ${design.trials[0].days.r.length} days searched`,
    'more data, another preset (--trade smc-stand-in), or qcm tags to see which condition stops the rest',
  );
}
