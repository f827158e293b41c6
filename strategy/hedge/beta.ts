/** A leg that passed the correlation gate, with the returns its figures come from. */
export interface LegRisk {
  symbol: string;
  beta: number;
  correlation: number;
  returns: Float64Array;
  price: number;
}

/**
 * beta = cov(main, leg) / var(main), the leg's move per unit of the main symbol's; correlation is
 * Pearson's. Simple returns of equal length; NaN when the main symbol did not move.
 */
export function betaOf(
  main: Float64Array,
  leg: Float64Array,
): { beta: number; correlation: number } {
  const cov = covariance(main, leg);
  const varMain = covariance(main, main);
  const varLeg = covariance(leg, leg);
  return { beta: cov / varMain, correlation: cov / Math.sqrt(varMain * varLeg) };
}

/**
 * Notional ratios w >= 0 that minimise var(r_main - sum w_i r_i) over one or two legs: the normal
 * equations; a negative weight is set to zero and the other leg solved alone.
 */
export function minVarianceRatios(main: Float64Array, legs: readonly LegRisk[]): number[] {
  const alone = legs.map((leg) =>
    Math.max(0, covariance(main, leg.returns) / covariance(leg.returns, leg.returns)),
  );
  if (legs.length < 2) return alone;
  const [a, b] = legs;
  const aa = covariance(a.returns, a.returns);
  const bb = covariance(b.returns, b.returns);
  const ab = covariance(a.returns, b.returns);
  const ma = covariance(main, a.returns);
  const mb = covariance(main, b.returns);
  const determinant = aa * bb - ab * ab;
  // Legs that move as one cannot be told apart: the first one alone does it.
  if (!(determinant > 1e-12 * aa * bb)) return [alone[0], 0];
  const wa = (ma * bb - mb * ab) / determinant;
  const wb = (mb * aa - ma * ab) / determinant;
  if (wa <= 0) return [0, alone[1]];
  if (wb <= 0) return [alone[0], 0];
  return [wa, wb];
}

function covariance(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i];
    meanY += y[i];
  }
  meanX /= n;
  meanY /= n;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (x[i] - meanX) * (y[i] - meanY);
  return sum / (n - 1);
}
