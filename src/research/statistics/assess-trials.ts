import { mean, sampleSd, TRADES_SUFFICIENT } from '../../../backtests/metrics/trade-stats.ts';
import type { DesignTrial } from '../walk-forward/trial-design.ts';
import { independentTrials } from './independent-trials.ts';
import { backtestOverfitting, type PboResult } from './pbo.ts';
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
  sharpeSample,
} from './sharpe.ts';
import { type SuperiorAbility, superiorAbility } from './superior-ability.ts';

const CONFIDENCE = 0.95;
const BLOCKS = 10;

/** How much of a search's best result is luck. Sharpe ratios per day, un-annualised. */
export interface Assessment {
  trials: number;
  /** Trials whose results move alike count once. */
  independent: number;
  /** Every trial ever looked at on this data, this search included. */
  everLookedAt: number;
  days: number;
  best: BestTrial | undefined;
  /** Undefined when there are too few days for its blocks. */
  pbo: PboResult | undefined;
  superior: SuperiorAbility;
  /** What could not be said, in words. */
  refusals: string[];
}

export interface BestTrial {
  sets: readonly string[];
  trades: number;
  meanDayR: number;
  sharpe: number;
  skewness: number;
  kurtosis: number;
  /** Probability of a true Sharpe ratio above zero, had it been the only trial. */
  probabilistic: number;
  /** Sharpe to expect of the best of so many worthless trials. */
  luckySharpe: number;
  luckySharpeIndependent: number;
  /** Undefined under 100 trades. N = every trial ever looked at; beside it N = independent ones. */
  deflated: number | undefined;
  deflatedIndependent: number | undefined;
  /** Days until the Sharpe ratio is above zero with 95 %. */
  trackRecordDays: number | 'never';
}

export function assessTrials(
  trials: readonly DesignTrial[],
  options: { seed: number; everLookedAt: number },
): Assessment {
  const rows = trials.map((trial) => trial.days.r);
  const days = rows[0]?.length ?? 0;
  const refusals: string[] = [];
  const independent = independentTrials(rows);
  const everLookedAt = Math.max(options.everLookedAt, trials.length);
  const superior = superiorAbility(rows, { seed: options.seed });
  if (superior.trials === 0) refusals.push('SPA: no trial has 30 days with a result');
  const pbo =
    days >= BLOCKS * 3 ? backtestOverfitting(trials.map((trial) => trial.days)) : undefined;
  if (pbo === undefined) refusals.push(`PBO: ${days} days do not fill ${BLOCKS} blocks`);
  else if (pbo.pbo === undefined) refusals.push('PBO: no two trials have 20 trades in each half');
  const best = bestTrial(trials, { independent, everLookedAt });
  if (best === undefined) refusals.push('no trial has a Sharpe ratio: none traded');
  else if (best.deflated === undefined) {
    refusals.push(
      `deflated Sharpe: the best trial has ${best.trades} trades, ${TRADES_SUFFICIENT} are needed`,
    );
  }
  return {
    trials: trials.length,
    independent,
    everLookedAt,
    days,
    best,
    pbo,
    superior,
    refusals,
  };
}

function bestTrial(
  trials: readonly DesignTrial[],
  counts: { independent: number; everLookedAt: number },
): BestTrial | undefined {
  const known = trials.flatMap((trial) => {
    const sample = sharpeSample(trial.days.r);
    return sample === undefined ? [] : [{ trial, sample }];
  });
  if (known.length === 0) return undefined;
  const variance = (sampleSd(known.map(({ sample }) => sample.sharpe)) ?? 0) ** 2;
  // Few trades make extreme ratios: the best is sought where there is enough to judge, if anywhere.
  const enough = known.filter(({ trial }) => trial.trades.length >= TRADES_SUFFICIENT);
  const from = enough.length > 0 ? enough : known;
  const { trial, sample } = from.reduce((a, b) => (b.sample.sharpe > a.sample.sharpe ? b : a));
  const isEnough = trial.trades.length >= TRADES_SUFFICIENT;
  const search = { variance, trials: counts.everLookedAt };
  const grouped = { variance, trials: Math.max(1, counts.independent) };
  return {
    sets: trial.sets,
    trades: trial.trades.length,
    meanDayR: mean(trial.days.r) ?? 0,
    sharpe: sample.sharpe,
    skewness: sample.skewness,
    kurtosis: sample.kurtosis,
    probabilistic: probabilisticSharpe(sample, 0),
    luckySharpe: expectedMaximumSharpe(search),
    luckySharpeIndependent: expectedMaximumSharpe(grouped),
    deflated: isEnough ? deflatedSharpe(sample, search) : undefined,
    deflatedIndependent: isEnough ? deflatedSharpe(sample, grouped) : undefined,
    trackRecordDays: minimumTrackRecord(sample, { benchmark: 0, confidence: CONFIDENCE }),
  };
}
