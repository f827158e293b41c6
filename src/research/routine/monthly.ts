import { DAY_MS } from '../../engine/units.ts';
import { ResearchLedger } from '../hold-out.ts';
import { runOn } from '../market-run.ts';
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
  /** How often the hold-out of this data has been opened. */
  openings: number;
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
  return {
    reviews: reviews(input, [30, 90]),
    study,
    live,
    choice,
    recommendation,
    trades: tradeStress(stressedDays(trades, input), { ...options, riskPercent }),
    market,
    openings: ledger.openings(data.dataHash),
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
