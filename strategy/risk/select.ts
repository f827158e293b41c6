/**
 * The k-th smallest value (0-based), found by Hoare's selection in O(n) on average; reorders the
 * array. Values must not hold NaN.
 */
export function selectKth(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >>> 1];
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swap = values[i];
      values[i++] = values[j];
      values[j--] = swap;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return values[k];
  }
  return values[k];
}

/** Median; the mean of the two middle values of an even count. Reorders the array. */
export function selectMedian(values: Float64Array): number {
  const middle = values.length >> 1;
  const upper = selectKth(values, middle);
  if (values.length % 2 === 1) return upper;
  // After the selection everything below the middle is at most `upper`.
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < middle; i++) if (values[i] > lower) lower = values[i];
  return (lower + upper) / 2;
}
