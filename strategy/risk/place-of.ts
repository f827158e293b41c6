/** `indexOf` for a handful of symbols: a loop that compares addresses costs less than the call. */
export function placeOf(symbols: readonly string[], symbol: string): number {
  for (let i = 0; i < symbols.length; i++) if (symbols[i] === symbol) return i;
  return -1;
}
