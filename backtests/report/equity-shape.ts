import type { EquityPoint } from '../equity-curve.ts';

/** Buckets of time across the drawing; more than a screen has columns for. */
const BUCKETS = 1_200;

/** The equity curve thinned for drawing: nothing of its peaks, troughs and drawdown is lost. */
export interface EquityShape {
  startMs: number;
  endMs: number;
  /** Per bucket: last, lowest and highest equity, and deepest drawdown as a fraction (<= 0). */
  last: number[];
  low: number[];
  high: number[];
  drawdown: number[];
}

export function equityShape(
  points: readonly EquityPoint[],
  span: { startMs: number; endMs: number },
): EquityShape {
  const { startMs, endMs } = span;
  const shape: EquityShape = { startMs, endMs, last: [], low: [], high: [], drawdown: [] };
  const width = Math.max(1, endMs - startMs) / BUCKETS;
  let at = 0;
  let equity = points[0]?.equity ?? 0;
  let peak = equity;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const endOfBucket = bucket === BUCKETS - 1 ? endMs : startMs + (bucket + 1) * width;
    let low = equity;
    let high = equity;
    let drawdown = equity / peak - 1;
    while (at < points.length && points[at].atMs <= endOfBucket) {
      equity = points[at++].equity;
      peak = Math.max(peak, equity);
      low = Math.min(low, equity);
      high = Math.max(high, equity);
      drawdown = Math.min(drawdown, equity / peak - 1);
    }
    shape.last.push(cents(equity));
    shape.low.push(cents(low));
    shape.high.push(cents(high));
    shape.drawdown.push(Math.round(drawdown * 1e6) / 1e6);
  }
  return shape;
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
