import { normalCdf, normalQuantile } from './normal.ts';

/** Euler and Mascheroni's constant. */
const EULER = 0.577_215_664_901_532_9;
/** Below this part of the mean's size a deviation is rounding, not spread. */
const ROUNDING = 1e-12;

/** One return series, reduced to what the Sharpe tests need; un-annualised. */
export interface SharpeSample {
  /** Days, those without a trade included. */
  observations: number;
  /** Mean / standard deviation of a day. */
  sharpe: number;
  /** Third standardised moment, divisor n. */
  skewness: number;
  /** Fourth standardised moment, divisor n; 3 for a normal law. */
  kurtosis: number;
}

/** Undefined for a series that never moves or has fewer than three values. */
export function sharpeSample(returns: readonly number[]): SharpeSample | undefined {
  const n = returns.length;
  if (n < 3) return undefined;
  let total = 0;
  for (const value of returns) total += value;
  const mean = total / n;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (const value of returns) {
    const off = value - mean;
    second += off * off;
    third += off * off * off;
    fourth += off * off * off * off;
  }
  const variance = second / n;
  if (!(variance > 0) || Math.sqrt(variance) < ROUNDING * Math.abs(mean)) return undefined;
  return {
    observations: n,
    sharpe: mean / Math.sqrt(second / (n - 1)),
    skewness: third / n / variance ** 1.5,
    kurtosis: fourth / n / (variance * variance),
  };
}

/**
 * Probability that the true Sharpe ratio lies above a benchmark:
 * PSR(b) = Phi((SR - b) sqrt(T - 1) / sqrt(1 - skew SR + (kurt - 1)/4 SR^2)). All per day.
 * Source: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier, J. of Risk 15 (2012).
 */
export function probabilisticSharpe(sample: SharpeSample, benchmark: number): number {
  const { observations, sharpe } = sample;
  const spread = Math.sqrt(estimatorVariance(sample));
  return normalCdf(((sharpe - benchmark) * Math.sqrt(observations - 1)) / spread);
}

/**
 * Observations needed before PSR(benchmark) reaches the confidence:
 * 1 + (1 - skew SR + (kurt - 1)/4 SR^2) (z / (SR - b))^2; never when SR <= b. Same source as PSR.
 */
export function minimumTrackRecord(
  sample: SharpeSample,
  options: { benchmark: number; confidence: number },
): number | 'never' {
  const excess = sample.sharpe - options.benchmark;
  if (!(excess > 0)) return 'never';
  const z = normalQuantile(options.confidence) / excess;
  return 1 + estimatorVariance(sample) * z * z;
}

/**
 * Largest Sharpe ratio to expect among N worthless trials with variance V between them:
 * sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g = Euler and Mascheroni's constant.
 * Source: Bailey and Lopez de Prado, The Deflated Sharpe Ratio, J. of Portfolio Management 40 (2014).
 */
export function expectedMaximumSharpe(options: { variance: number; trials: number }): number {
  const { variance, trials } = options;
  if (!(trials >= 1)) throw new RangeError(`${trials} trials`);
  if (trials === 1) return 0;
  const extreme =
    (1 - EULER) * normalQuantile(1 - 1 / trials) +
    EULER * normalQuantile(1 - 1 / (trials * Math.E));
  // Below two trials or so the approximation turns negative; luck never makes the bar lower than 0.
  return Math.sqrt(variance) * Math.max(0, extreme);
}

/** PSR against the best of N worthless trials. Source: as expectedMaximumSharpe. */
export function deflatedSharpe(
  sample: SharpeSample,
  search: { variance: number; trials: number },
): number {
  return probabilisticSharpe(sample, expectedMaximumSharpe(search));
}

/** T - 1 times the variance of the estimated Sharpe ratio, by Mertens' expansion. */
function estimatorVariance({ sharpe, skewness, kurtosis }: SharpeSample): number {
  return 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
}
