/** Trials whose groups correlate at least this much on average count as one. */
const SAME_FROM = 0.5;

/**
 * How many independent trials a set of correlated ones is worth: clusters by average linkage, merged
 * while the mean correlation between two of them is at least 0.5. Rows are daily results over the
 * same days; a row that never moves counts as one trial of its own.
 */
export function independentTrials(rows: readonly (readonly number[])[]): number {
  const scaled = rows.map(standardise);
  const n = scaled.length;
  const sizes = new Array<number>(n).fill(1);
  const links = scaled.map((a, i) => scaled.map((b, j) => (i === j ? -2 : dot(a, b))));
  let clusters = n;
  for (;;) {
    let best = SAME_FROM;
    let at: [number, number] | undefined;
    for (let i = 0; i < n; i++) {
      if (sizes[i] === 0) continue;
      for (let j = 0; j < i; j++) {
        if (sizes[j] === 0 || !(links[i][j] >= best)) continue;
        best = links[i][j];
        at = [i, j];
      }
    }
    if (at === undefined) return clusters;
    const [i, j] = at;
    const total = sizes[i] + sizes[j];
    for (let k = 0; k < n; k++) {
      if (k === i || k === j || sizes[k] === 0) continue;
      const link = (sizes[i] * links[i][k] + sizes[j] * links[j][k]) / total;
      links[j][k] = link;
      links[k][j] = link;
    }
    sizes[j] = total;
    sizes[i] = 0;
    clusters--;
  }
}

/** Mean 0, length 1; all zero for a row that never moves. */
function standardise(row: readonly number[]): Float64Array {
  const out = Float64Array.from(row);
  let total = 0;
  for (const value of out) total += value;
  let squares = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] -= total / out.length;
    squares += out[i] * out[i];
  }
  if (squares > 0) for (let i = 0; i < out.length; i++) out[i] /= Math.sqrt(squares);
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
