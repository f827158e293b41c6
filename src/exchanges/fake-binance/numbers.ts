/** Amounts are held as numbers on a grid of 1e-8; sums are put back on it after every step. */
export function round8(x: number): number {
  return Math.round(x * 1e8) / 1e8;
}

/** `0.001` -> 3, `0.10` -> 1, `1` -> 0. */
export function decimalsOf(step: number): number {
  let decimals = DECIMALS.get(step);
  if (decimals === undefined) {
    const text = step.toFixed(8).replace(/0+$/, '');
    decimals = text.length - text.indexOf('.') - 1;
    DECIMALS.set(step, decimals);
  }
  return decimals;
}

/** A venue has few steps, and writes every price and quantity by them. */
const DECIMALS = new Map<number, number>();

/** Whether x lies on the grid, within the noise of a decimal read as a double. */
export function isMultipleOf(x: number, step: number): boolean {
  const steps = x / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
}

export function floorTo(x: number, step: number): number {
  return round8(Math.floor(x / step + 1e-9) * step);
}
