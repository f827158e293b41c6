const SERIES_LIMIT = 5;
const TAIL_TERMS = 60;
const BISECTIONS = 70;

/**
 * Standard normal distribution function. Inside |x| < 5 by Marsaglia's series
 * 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...), outside by the continued fraction of Mills' ratio, so
 * that small tails keep their relative accuracy. Error below 1e-14.
 * Source: G. Marsaglia, Evaluating the Normal Distribution, J. Stat. Software 11 (2004).
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= -SERIES_LIMIT) return upperTail(-x);
  if (x >= SERIES_LIMIT) return 1 - upperTail(x);
  let term = x;
  let total = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(total); k += 2) {
    term *= (x * x) / k;
    total += term;
  }
  return 0.5 + density(x) * total;
}

/**
 * Inverse of the standard normal distribution function, by bisection on it.
 * @throws RangeError for a probability outside (0, 1)
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`a probability lies in (0, 1), not at ${probability}`);
  }
  // The upper tail cannot be resolved near 1, the lower one can.
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let low = -40;
  let high = 0;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function density(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** P(Z > x) for x >= 5: phi(x) / (x + 1/(x + 2/(x + ...))). */
function upperTail(x: number): number {
  let fraction = x;
  for (let k = TAIL_TERMS; k >= 1; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}
