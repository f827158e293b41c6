/**
 * Indices of a stationary bootstrap: blocks of geometric length (mean `blockLength` days) from a
 * circle, so that the resampled series is stationary and keeps short memory.
 * Source: Politis and Romano, The Stationary Bootstrap, J. Am. Stat. Assoc. 89 (1994).
 */
export function stationaryIndices(
  into: Int32Array,
  options: { length: number; blockLength: number; random: () => number },
): void {
  const { length, blockLength, random } = options;
  const restart = 1 / Math.max(1, blockLength);
  let at = 0;
  for (let i = 0; i < into.length; i++) {
    at = i === 0 || random() < restart ? Math.floor(random() * length) : (at + 1) % length;
    into[i] = at;
  }
}

/**
 * Expected block length that minimises the error of the stationary bootstrap's variance of a mean:
 * b = (2 G^2 / D)^(1/3) n^(1/3), G = sum of lambda(k/M) |k| R(k), D = 2 g(0)^2 with
 * g(0) = sum of lambda(k/M) R(k), lambda the flat-top window, M twice the lag after which
 * correlations are insignificant. At least 1 day, at most min(3 sqrt(n), n / 3).
 * Source: Politis and White, Automatic Block-Length Selection, Econometric Reviews 23 (2004), with
 * the correction of Patton, Politis and White, 28 (2009).
 */
export function automaticBlockLength(series: readonly number[]): number {
  const n = series.length;
  const longest = Math.max(1, Math.min(3 * Math.sqrt(n), n / 3));
  const lagsMax = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + insignificantRun(n));
  const covariances = autocovariances(series, Math.max(0, lagsMax));
  if (!(covariances[0] > 0)) return 1;
  const cut = Math.min(2 * lastSignificantLag(covariances, n), covariances.length - 1);
  let slope = 0;
  let level = covariances[0];
  for (let k = 1; k <= cut; k++) {
    const weight = flatTop(k / cut);
    slope += 2 * weight * k * covariances[k];
    level += 2 * weight * covariances[k];
  }
  const ratio = (slope * slope) / (level * level);
  if (!(ratio > 0) || !Number.isFinite(ratio)) return 1;
  return Math.min(longest, Math.max(1, Math.cbrt(ratio * n)));
}

/** Autocovariances at lags 0 to `lags`, divisor n. */
export function autocovariances(series: readonly number[], lags: number): number[] {
  const n = series.length;
  let total = 0;
  for (const value of series) total += value;
  const mean = n > 0 ? total / n : 0;
  const out: number[] = [];
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += (series[i] - mean) * (series[i - lag] - mean);
    out.push(n > 0 ? sum / n : 0);
  }
  return out;
}

/** So many small correlations in a row count as the end of the memory. */
function insignificantRun(n: number): number {
  return Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
}

function lastSignificantLag(covariances: readonly number[], n: number): number {
  const bound = 2 * Math.sqrt(Math.log10(n) / n);
  const run = insignificantRun(n);
  const isSmall = (lag: number) => Math.abs(covariances[lag] / covariances[0]) < bound;
  for (let lag = 1; lag + run - 1 < covariances.length; lag++) {
    let small = 0;
    while (small < run && isSmall(lag + small)) small++;
    if (small === run) return Math.max(1, lag - 1);
  }
  return Math.max(1, Math.floor(covariances.length / 2));
}

function flatTop(share: number): number {
  if (share <= 0.5) return 1;
  return share <= 1 ? 2 * (1 - share) : 0;
}
