import type { Bars } from '../../bars/bars.ts';
import { Random } from '../../simulated/random.ts';

const HEADER =
  'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker';

/**
 * An aggTrades archive of invented trades that agree with given bars: each bar begins at its open,
 * visits low and high in an order that the seed picks, ends at its close, and stays inside.
 */
export function madeAggTrades(
  bars: Bars,
  options: { seed: number; decimals: number; tradesPerLeg: number },
): string {
  const { decimals, tradesPerLeg } = options;
  const random = new Random(options.seed, 7);
  const lines = [HEADER];
  for (let i = 0; i < bars.length; i++) {
    const isLowFirst = random.uniform() < 0.5;
    const { open, high, low, close } = {
      open: bars.open[i],
      high: bars.high[i],
      low: bars.low[i],
      close: bars.close[i],
    };
    const points = isLowFirst ? [open, low, high, close] : [open, high, low, close];
    const trades = 3 * tradesPerLeg;
    for (let k = 0; k <= trades; k++) {
      const leg = Math.min(2, Math.floor(k / tradesPerLeg));
      const part = k / tradesPerLeg - leg;
      const price = points[leg] + (points[leg + 1] - points[leg]) * part;
      const atMs = bars.openTime[i] + Math.floor((k * (bars.timeframeMs - 1)) / trades);
      const id = lines.length;
      const isSell = random.uniform() < 0.5;
      const quantity = (1 + Math.floor(random.uniform() * 900)) / 1_000;
      lines.push(`${id},${price.toFixed(decimals)},${quantity},${id},${id},${atMs},${isSell}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
