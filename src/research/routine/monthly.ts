import { codeVersion } from '../../code-version.ts';
import { DAY_MS } from '../../engine/units.ts';
import { ResearchLedger } from '../hold-out.ts';
import { runOn } from '../market-run.ts';
import { type RunFigures, runFigures } from '../monte-carlo/run-figures.ts';
import {
  type MarketStress,
  marketStress,
  stressedDays,
  type TradeStress,
  tradeStress,
} from '../monte-carlo/stress-study.ts';
import type { ResearchInput } from '../research-input.ts';
import { type WalkForward, walkForward } from '../walk-forward/walk-forward.ts';
import {
  type WalkForwardStudy,
  type WalkForwardStudyOptions,
  walkForwardStudy,
} from '../walk-forward/walk-forward-study.ts';
import { DesignOptimiser, type WindowChoice } from '../walk-forward/window-optimiser.ts';
import { type Recommendation, recommend } from './recommend.ts';
import { type Review, reviews } from './review.ts';

export const MONTHLY_VARIANTS = [
  { trainDays: 90, testDays: 30 },
  { trainDays: 60, testDays: 20 },
] as const;

export interface MonthlyOptions {
  variants: WalkForwardStudyOptions['variants'];
  trials: number;
  seed: number;
  paths: number;
  runs: number;
  ledger?: ResearchLedger;
  /** Opens the last fifth for a verdict: once a release, and counted for ever. */
  openHoldOut?: boolean;
  onProgress?: (text: string) => void;
}

export interface Monthly {
  reviews: Review[];
  study: WalkForwardStudy;
  /** The live preset over the test windows of the first walk. */
  live: WalkForward;
  /** What the last train window would choose now. */
  choice: WindowChoice;
  recommendation: Recommendation;
  trades: TradeStress;
  market: MarketStress;
  /** How often the hold-out of this data has been opened, this time included. */
  openings: number;
  holdOut: HoldOutVerdict | undefined;
}

/** Both over the hold-out, all earlier bars as warm-up. */
export interface HoldOutVerdict {
  fromMs: number;
  toMs: number;
  live: RunFigures;
  /** Undefined when the last train window chose nothing. */
  chosen: RunFigures | undefined;
}

/** Re-optimise, walk forward, stress, compare with the live preset, recommend. */
export async function monthly(input: ResearchInput, options: MonthlyOptions): Promise<Monthly> {
  const { span, data, base } = input;
  const ledger = options.ledger ?? new ResearchLedger();
  const study = await walkForwardStudy(input, { ...options, ledger });
  const [walk] = study.walks;
  options.onProgress?.('the live preset over the same windows');
  const live = await walkForward({
    startMs: span.startMs,
    endMs: span.searchEndMs,
    trainDays: walk.trainDays,
    testDays: walk.testDays,
    optimiser: { name: 'the live preset', best: async () => UNCHANGED },
    runTest: (sets, window) => runOn(data, { base, sets, ...window }),
  });
  const optimiser = new DesignOptimiser(study.design);
  const choice = await optimiser.best({
    fromMs: span.searchEndMs - walk.trainDays * DAY_MS,
    toMs: span.searchEndMs,
  });
  const { assessment } = study;
  const recommendation = recommend({ walk, live, assessment, seed: options.seed });
  const { trades, stress: market } = marketStress(input, options);
  const { riskPercent } = input;
  const holdOut = options.openHoldOut ? openHoldOut(input, { choice, ledger }) : undefined;
  return {
    reviews: reviews(input, [30, 90]),
    study,
    live,
    choice,
    recommendation,
    trades: tradeStress(stressedDays(trades, input), { ...options, riskPercent }),
    market,
    openings: ledger.openings(data.dataHash),
    holdOut,
  };
}

/** Written down before it is looked at: what has been seen cannot be unseen. */
function openHoldOut(
  input: ResearchInput,
  { choice, ledger }: { choice: WindowChoice; ledger: ResearchLedger },
): HoldOutVerdict {
  const { data, base, span } = input;
  const what = `hold-out for ${codeVersion()}`;
  const { dataHash } = data;
  ledger.add({ dataHash, atMs: Date.now(), what, trials: 0, kind: 'holdOut' });
  const run = (sets: readonly string[]) =>
    runFigures(runOn(data, { base, sets, fromMs: span.searchEndMs }));
  return {
    fromMs: span.searchEndMs,
    toMs: span.endMs,
    live: run([]),
    chosen: choice.sets === undefined ? undefined : run(choice.sets),
  };
}

const UNCHANGED: WindowChoice = {
  sets: [],
  trials: 0,
  judged: 0,
  isFeasible: true,
  score: undefined,
  trades: 0,
  profitFactor: undefined,
  meanR: undefined,
};
