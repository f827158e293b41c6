import type { Bars } from '../../data/bars/bars.ts';
import { SMC_EVENTS } from '../../indicators/smart-money-concepts/event-sink.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';

/** A broken level, from its pivot to the bar that broke it. Bars are indices. */
export interface BreakLine {
  from: number;
  to: number;
  price: number;
  isSwing: boolean;
  isBull: boolean;
  isChoch: boolean;
}

/** An order block, from its origin to the bar that removed it. */
export interface BlockBox {
  from: number;
  to: number;
  top: number;
  bottom: number;
  isSwing: boolean;
  isBull: boolean;
}

export interface ChartStructure {
  breaks: BreakLine[];
  blocks: BlockBox[];
}

/** Structure and order blocks over the whole bars, for drawing: mitigation by close. */
export function chartStructure(bars: Bars, options: { obMaxAgeBars: number }): ChartStructure {
  const smc = new SmartMoneyConcepts({
    equalLevels: false,
    fairValueGaps: false,
    mitigation: 'close',
    obMaxAgeBars: options.obMaxAgeBars,
  });
  const breaks: BreakLine[] = [];
  const blocks: BlockBox[] = [];
  const index = new Map<number, number>();
  // Per structure, oldest first, as the indicator keeps them: a removal names its place.
  const open: Record<string, BlockBox[]> = { internal: [], swing: [] };
  let now = 0;
  const sink = {
    event: (code: number, a: number, b: number, refBar: number, refTime: number) => {
      const [structure, side, kind] = SMC_EVENTS[code];
      const isSwing = structure === 'swing';
      const isBull = side === 'bull';
      if (kind === 'BOS' || kind === 'CHoCH') {
        const isChoch = kind === 'CHoCH';
        breaks.push({ from: refBar, to: now, price: a, isSwing, isBull, isChoch });
      } else if (kind === 'OB_CREATED') {
        const from = index.get(refTime) ?? now;
        const top = Math.max(a, b);
        const box = { from, to: bars.length, top, bottom: Math.min(a, b), isSwing, isBull };
        open[structure].push(box);
        blocks.push(box);
      } else if (kind.startsWith('OB_')) {
        const live = open[structure];
        const [gone] = live.splice(live.length - 1 - refBar, 1);
        if (gone !== undefined) gone.to = now;
      }
    },
  };
  const { openTime, open: opens, high, low, close, volume, takerBuyVolume } = bars;
  for (now = 0; now < bars.length; now++) {
    index.set(openTime[now], now);
    smc.update(
      {
        openTime: openTime[now],
        open: opens[now],
        high: high[now],
        low: low[now],
        close: close[now],
        volume: volume[now],
        takerBuyVolume: takerBuyVolume[now],
      },
      sink,
    );
  }
  return { breaks, blocks };
}
