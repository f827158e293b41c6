import type { Bars } from '../data/bars/bars.ts';

/**
 * Least work that any reader must do: look at every byte, build every number by hand, store the six
 * columns. No checks, no times to convert, no second layout.
 */
export function floorReader(bytes: Uint8Array, columns: Float64Array[]): number {
  let at = 0;
  let row = 0;
  while (bytes[at] !== 10) at++;
  at++;
  while (at < bytes.length) {
    for (let column = 0; column < 12; column++) {
      let value = 0;
      let scale = 0;
      for (; bytes[at] !== 44 && bytes[at] !== 10; at++) {
        if (bytes[at] === 46) scale = 1;
        else {
          value = value * 10 + bytes[at] - 48;
          scale *= 10;
        }
      }
      if (column < columns.length) columns[column][row] = scale > 0 ? value / scale : value;
      at++;
    }
    row++;
  }
  return row;
}

const FACTORS = 5;

/**
 * The arithmetic of the pipeline without its states: true range, three RMA averages, five
 * SuperTrend lines with their performance, and pivots of 5 and 50 bars by plain comparison. Flat
 * arrays, one loop, nothing kept but sums. No order blocks, no clustering, no events.
 */
export function floorPipeline(bars: Bars): number {
  const { length, high, low, close } = bars;
  const upper = new Float64Array(FACTORS);
  const lower = new Float64Array(FACTORS);
  const side = new Int8Array(FACTORS);
  const performance = new Float64Array(FACTORS);
  let atr200 = 0;
  let atr14 = 0;
  let atr10 = 0;
  let check = 0;
  for (let i = 51; i < length; i++) {
    const before = close[i - 1];
    const range = Math.max(high[i], before) - Math.min(low[i], before);
    atr200 += (range - atr200) / 200;
    atr14 += (range - atr14) / 14;
    atr10 += (range - atr10) / 10;
    const middle = (high[i] + low[i]) / 2;
    const move = close[i] - before;
    for (let f = 0; f < FACTORS; f++) {
      const width = (1 + f / 2) * atr10;
      const up = middle + width;
      const down = middle - width;
      upper[f] = before < upper[f] ? Math.min(up, upper[f]) : up;
      lower[f] = before > lower[f] ? Math.max(down, lower[f]) : down;
      if (close[i] > upper[f]) side[f] = 1;
      else if (close[i] < lower[f]) side[f] = -1;
      performance[f] += 0.18 * (side[f] * move - performance[f]);
    }
    check += isPivot(high, i, 5) + isPivot(high, i, 50) + performance[i % FACTORS];
  }
  return check + atr200 + atr14;
}

/** Whether the bar `size` back is higher than all bars since; most bars fail within a few steps. */
function isPivot(high: Float64Array, index: number, size: number): number {
  const candidate = high[index - size];
  for (let i = index - size + 1; i <= index; i++) if (high[i] >= candidate) return 0;
  return 1;
}
