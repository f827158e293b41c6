import * as technical from 'technicalindicators';
import * as signals from 'trading-signals';
import type { Bars } from '../data/bars/bars.ts';
import { Atr } from '../indicators/basic/atr.ts';
import { Ema } from '../indicators/basic/ema.ts';
import { Rma } from '../indicators/basic/rma.ts';
import { Rsi } from '../indicators/basic/rsi.ts';
import { Sma } from '../indicators/basic/sma.ts';
import { Stdev } from '../indicators/basic/stdev.ts';
import { Wma } from '../indicators/basic/wma.ts';
import { INDICATORS } from '../indicators/catalog.ts';
import { feed } from './feed.ts';

/** One row of the table: how to run it, and the same by others where they have it. */
export interface IndicatorCase {
  name: string;
  own: (bars: Bars) => () => unknown;
  /** trading-signals, streaming. */
  signals?: (bars: Bars) => () => unknown;
  /** technicalindicators, streaming. */
  technical?: (bars: Bars) => () => unknown;
  /** The recurrence as one loop over one array. */
  loop?: (bars: Bars) => () => unknown;
}

const TICK = 0.1;
const LENGTH = 20;

interface Single {
  update(value: number): unknown;
}

export const INDICATOR_CASES: readonly IndicatorCase[] = [
  {
    name: 'sma(20)',
    own: (bars) => () => closes(bars, new Sma(LENGTH)),
    signals: (bars) => () => adds(bars, new signals.SMA(LENGTH)),
    technical: (bars) => () => nexts(bars, new technical.SMA({ period: LENGTH, values: [] })),
    loop: (bars) => () => smaLoop(bars.close),
  },
  {
    name: 'ema(20)',
    own: (bars) => () => closes(bars, new Ema(LENGTH)),
    signals: (bars) => () => adds(bars, new signals.EMA(LENGTH)),
    technical: (bars) => () => nexts(bars, new technical.EMA({ period: LENGTH, values: [] })),
    loop: (bars) => () => emaLoop(bars.close, 2 / (LENGTH + 1)),
  },
  {
    name: 'wma(20)',
    own: (bars) => () => closes(bars, new Wma(LENGTH)),
    signals: (bars) => () => adds(bars, new signals.WMA(LENGTH)),
    technical: (bars) => () => nexts(bars, new technical.WMA({ period: LENGTH, values: [] })),
  },
  {
    name: 'rma(14)',
    own: (bars) => () => closes(bars, new Rma(14)),
    signals: (bars) => () => adds(bars, new signals.WSMA(14)),
    technical: (bars) => () => nexts(bars, new technical.WEMA({ period: 14, values: [] })),
    loop: (bars) => () => emaLoop(bars.close, 1 / 14),
  },
  {
    name: 'rsi(14)',
    own: (bars) => () => closes(bars, new Rsi(14)),
    signals: (bars) => () => adds(bars, new signals.RSI(14)),
    technical: (bars) => () => nexts(bars, new technical.RSI({ period: 14, values: [] })),
  },
  {
    name: 'stdev(20)',
    own: (bars) => () => closes(bars, new Stdev(LENGTH)),
    technical: (bars) => () => nexts(bars, new technical.SD({ period: LENGTH, values: [] })),
  },
  {
    name: 'atr(14)',
    own: (bars) => () => {
      const atr = new Atr(14);
      for (let i = 0; i < bars.length; i++) atr.update(bars.high[i], bars.low[i], bars.close[i]);
    },
    signals: (bars) => () => {
      const atr = new signals.ATR(14);
      for (let i = 0; i < bars.length; i++) {
        atr.add({ high: bars.high[i], low: bars.low[i], close: bars.close[i] });
      }
    },
    technical: (bars) => () => {
      const atr = new technical.ATR({ period: 14, high: [], low: [], close: [] });
      for (let i = 0; i < bars.length; i++) {
        atr.nextValue({ high: bars.high[i], low: bars.low[i], close: bars.close[i] } as never);
      }
    },
  },
  ...INDICATORS.map(
    (entry): IndicatorCase => ({
      name: `${entry.module}/${entry.name}`,
      own: (bars) => () => feed(bars, [entry.create(TICK)]),
    }),
  ),
];

function closes(bars: Bars, indicator: Single): void {
  const { close } = bars;
  for (let i = 0; i < close.length; i++) indicator.update(close[i]);
}

function adds(bars: Bars, indicator: { add(value: number): unknown }): void {
  const { close } = bars;
  for (let i = 0; i < close.length; i++) indicator.add(close[i]);
}

function nexts(bars: Bars, indicator: { nextValue(value: number): unknown }): void {
  const { close } = bars;
  for (let i = 0; i < close.length; i++) indicator.nextValue(close[i]);
}

function smaLoop(values: Float64Array): number {
  let sum = 0;
  let check = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] - (i >= LENGTH ? values[i - LENGTH] : 0);
    check += sum / LENGTH;
  }
  return check;
}

function emaLoop(values: Float64Array, weight: number): number {
  let value = values[0];
  let check = 0;
  for (let i = 1; i < values.length; i++) {
    value += weight * (values[i] - value);
    check += value;
  }
  return check;
}
