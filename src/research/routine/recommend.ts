import { TRADES_SUFFICIENT } from '../../../backtests/metrics/trade-stats.ts';
import type { Assessment } from '../statistics/assess-trials.ts';
import { superiorAbility } from '../statistics/superior-ability.ts';
import { PROFIT_FACTOR_TARGET, type WalkForward } from '../walk-forward/walk-forward.ts';

export interface Criterion {
  name: string;
  holds: boolean;
  measured: string;
}

export interface Recommendation {
  /** Change only when every criterion holds. */
  decision: 'keep' | 'change';
  criteria: Criterion[];
  /** Whether the live preset itself has shown that it earns. */
  isLiveProven: boolean;
  text: string;
}

/**
 * Re-optimised settings against the live preset, both out of sample over the same days. A change
 * needs all: enough trades, the target, a better result than the live preset's by more than chance
 * (SPA of the daily difference), and a best trial that is more than luck. Doubt keeps.
 */
export function recommend(options: {
  walk: WalkForward;
  /** Daily returns of the live preset over the same test windows. */
  live: WalkForward;
  assessment: Assessment;
  seed: number;
}): Recommendation {
  const { walk, live, assessment, seed } = options;
  const days = Math.min(walk.dailyReturns.length, live.dailyReturns.length);
  const difference = Array.from(
    { length: days },
    (_, i) => walk.dailyReturns[i] - live.dailyReturns[i],
  );
  const test = superiorAbility([difference], { seed, activeDaysMin: 10 });
  const deflated = assessment.best?.deflated;
  const pbo = assessment.pbo?.pbo;
  const factor = walk.profitFactor;
  const criteria: Criterion[] = [
    {
      name: `at least ${TRADES_SUFFICIENT} trades out of sample, and in every train window`,
      holds: walk.verdict !== 'INSUFFICIENT',
      measured: walk.why.join('; ') || `${walk.trades.length} trades`,
    },
    {
      name: `profit factor out of sample of ${PROFIT_FACTOR_TARGET} or more`,
      holds: factor !== undefined && factor >= PROFIT_FACTOR_TARGET,
      measured: factor?.toFixed(2) ?? 'none',
    },
    {
      name: 'better than the live preset out of sample, p < 0.05',
      holds: (test.pValue ?? 1) < 0.05,
      measured: test.pValue === undefined ? 'too few days differ' : `p ${test.pValue.toFixed(3)}`,
    },
    {
      name: 'deflated Sharpe ratio over 0.95',
      holds: (deflated ?? 0) > 0.95,
      measured: deflated?.toFixed(3) ?? 'refused: too few trades',
    },
    {
      name: 'probability of overfitting under 0.5',
      holds: (pbo ?? 1) < 0.5,
      measured: pbo?.toFixed(2) ?? 'unknown',
    },
  ];
  const decision = criteria.every(({ holds }) => holds) ? 'change' : 'keep';
  const isLiveProven =
    live.trades.length >= TRADES_SUFFICIENT && (live.meanRInterval?.low ?? -1) > 0;
  return { decision, criteria, isLiveProven, text: textOf(decision, isLiveProven) };
}

function textOf(decision: 'keep' | 'change', isLiveProven: boolean): string {
  const first =
    decision === 'change'
      ? 'CHANGE: the re-optimised settings passed every criterion.'
      : 'KEEP the live preset: the re-optimised settings did not pass every criterion.';
  return isLiveProven
    ? first
    : `${first} The live preset has not shown an edge after costs either: not to be traded with money.`;
}
