import { Atr } from '../../indicators/basic/atr.ts';
import { Ema } from '../../indicators/basic/ema.ts';
import { Mfi } from '../../indicators/basic/mfi.ts';
import { Rma } from '../../indicators/basic/rma.ts';
import { RollingMax, RollingMin } from '../../indicators/basic/rolling-extreme.ts';
import { RollingSum } from '../../indicators/basic/rolling-sum.ts';
import { Rsi } from '../../indicators/basic/rsi.ts';
import { Sma } from '../../indicators/basic/sma.ts';
import { RollingPercentRank } from '../../indicators/basic/sorted-window.ts';
import { Stdev } from '../../indicators/basic/stdev.ts';
import { SuperTrend } from '../../indicators/basic/super-trend.ts';
import { TrueRange } from '../../indicators/basic/true-range.ts';
import { Wma } from '../../indicators/basic/wma.ts';
import type { Bar } from '../../indicators/indicator.ts';

/** One value a bar, fed in order; NaN until warm. */
export type Compute = (bar: Bar) => number;

export interface TaFunction {
  /** The expression, spaces made even. */
  text: string;
  needsVolume: boolean;
  /** A fresh run over bars. */
  open: () => Compute;
}

const SOURCES: Readonly<Record<string, Compute>> = {
  open: (b) => b.open,
  high: (b) => b.high,
  low: (b) => b.low,
  close: (b) => b.close,
  volume: (b) => b.volume,
  hl2: (b) => (b.high + b.low) / 2,
  hlc3: (b) => (b.high + b.low + b.close) / 3,
  hlcc4: (b) => (b.high + b.low + b.close + b.close) / 4,
  ohlc4: (b) => (b.open + b.high + b.low + b.close) / 4,
};

interface Call {
  source: Compute;
  /** Numbers in order; sources and words are not among them. */
  numbers: readonly number[];
}

type Maker = (call: Call) => Compute;

/** name, or name.field -> how it is made of our basic functions, and how many numbers it takes. */
const FUNCTIONS: Readonly<Record<string, readonly [numbers: number, make: Maker]>> = {
  sma: [1, ({ source, numbers: [n] }) => each(new Sma(n), source)],
  ema: [1, ({ source, numbers: [n] }) => each(new Ema(n), source)],
  rma: [1, ({ source, numbers: [n] }) => each(new Rma(n), source)],
  wma: [1, ({ source, numbers: [n] }) => each(new Wma(n), source)],
  hma: [1, ({ source, numbers: [n] }) => hull(n, source)],
  vwma: [1, ({ source, numbers: [n] }) => volumeWeighted(n, source)],
  rsi: [1, ({ source, numbers: [n] }) => each(new Rsi(n), source)],
  mfi: [1, ({ source, numbers: [n] }) => moneyFlow(n, source)],
  atr: [1, ({ numbers: [n] }) => averageRange(n)],
  'tr(true)': [0, trueRange],
  stoch: [1, ({ numbers: [n] }) => channel(n, (c, h, l) => (100 * (c - l)) / (h - l))],
  wpr: [1, ({ numbers: [n] }) => channel(n, (c, h, l) => (100 * (c - h)) / (h - l))],
  range: [1, ({ source, numbers: [n] }) => span(n, source)],
  percentrank: [1, ({ source, numbers: [n] }) => each(new RollingPercentRank(n), source)],
  cmo: [1, ({ source, numbers: [n] }) => momentum(n, source)],
  'bb.base': [2, ({ source, numbers: [n] }) => bands(n, 0, source)],
  'bb.upper': [2, ({ source, numbers: [n, k] }) => bands(n, k, source)],
  'bb.lower': [2, ({ source, numbers: [n, k] }) => bands(n, -k, source)],
  bbw: [2, ({ source, numbers: [n, k] }) => bandWidth(n, k, source)],
  'kc.base': [2, ({ source, numbers: [n] }) => each(new Ema(n), source)],
  'kc.upper': [2, ({ source, numbers: [n, k] }) => keltner(n, k, source)],
  'kc.lower': [2, ({ source, numbers: [n, k] }) => keltner(n, -k, source)],
  kcw: [2, ({ source, numbers: [n, k] }) => keltnerWidth(n, k, source)],
  'dmi.dip': [2, (call) => directional(call, (plus) => plus)],
  'dmi.dim': [2, (call) => directional(call, (_, minus) => minus)],
  'dmi.adx': [2, (call) => directional(call, (_, __, index) => index)],
  'macd.macd': [3, (call) => macd(call, (line) => line)],
  'macd.signal': [3, (call) => macd(call, (_, signal) => signal)],
  'macd.hist': [3, (call) => macd(call, (line, signal) => line - signal)],
  tsi: [2, ({ source, numbers: [short, long] }) => strengthIndex({ short, long, source })],
  'supertrend.up': [2, ({ numbers: [k, n] }) => superTrendSide(k, n, 1)],
  'supertrend.down': [2, ({ numbers: [k, n] }) => superTrendSide(k, n, -1)],
};

/** Extremes take the bar's own high or low when no source is named, so they need the text. */
const EXTREMES: Readonly<Record<string, readonly [of: 'max' | 'min', isAge: boolean]>> = {
  highest: ['max', false],
  lowest: ['min', false],
  highestbars: ['max', true],
  lowestbars: ['min', true],
};

const NEEDS_VOLUME = new Set(['vwma', 'mfi']);

/** Names a title or `--map` may use, for messages. */
export const TA_NAMES: readonly string[] = [
  ...new Set([...Object.keys(FUNCTIONS), ...Object.keys(EXTREMES)].map((n) => n.split(/[.(]/)[0])),
];

/**
 * Reads a Pine expression such as `ta.ema(hl2, 20)` or `ta.bb(close, 20, 2).upper`, as it stands in
 * the title of an export. Undefined when it is none that the library can compute.
 */
export function parseTaFunction(title: string): TaFunction | undefined {
  const match = /^(?:ta\.)?([a-z]+)\(([^()]*)\)(?:\.([a-z]+))?$/.exec(title.replace(/\s+/g, ''));
  if (match === null) return undefined;
  const [, name, inside, field] = match;
  // The one width our library has is that of plain ranges.
  const isPlain = /,useTrueRange=false$/i.test(inside);
  if ((name === 'kcw') !== isPlain) return undefined;
  const args = inside.replace(/,useTrueRange=false$/i, '').split(',');
  const named = args.filter((arg) => Number.isNaN(Number(arg)) || arg === '');
  const numbers = args.filter((arg) => !named.includes(arg)).map(Number);
  if (name === 'tr') return named[0] === 'true' ? made('ta.tr(true)', 'tr(true)', []) : undefined;
  const isChannel = name === 'stoch';
  const sources = named.map((arg) => SOURCES[arg]);
  if (sources.includes(undefined as never)) return undefined;
  if (isChannel ? named.join() !== 'close,high,low' : named.length > 1) return undefined;
  const key = field === undefined ? name : `${name}.${field}`;
  const tail = field === undefined ? '' : `.${field}`;
  const text = `ta.${name}(${inside.replaceAll(',', ', ')})${tail}`;
  const extreme = EXTREMES[key];
  if (extreme !== undefined) {
    if (!areLengths(numbers, 1)) return undefined;
    const [side, isAge] = extreme;
    const source = sources[0] ?? (side === 'max' ? SOURCES.high : SOURCES.low);
    const open = () => extremeOf({ side, isAge, length: numbers[0], source });
    return { text, needsVolume: named.includes('volume'), open };
  }
  return made(text, key, numbers, sources[0], named.includes('volume'));
}

function made(
  text: string,
  key: string,
  numbers: readonly number[],
  source: Compute = SOURCES.close,
  ofVolume = false,
): TaFunction | undefined {
  const entry = FUNCTIONS[key];
  if (entry === undefined) return undefined;
  const [count, make] = entry;
  if (numbers.length !== count || numbers.some((n) => !(n > 0 && n < 1e5))) return undefined;
  try {
    // A wrong length is found here, not in the middle of a report.
    make({ source, numbers });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const needsVolume = ofVolume || NEEDS_VOLUME.has(key);
  return { text, needsVolume, open: () => make({ source, numbers }) };
}

function areLengths(numbers: readonly number[], count: number): boolean {
  return numbers.length === count && numbers.every((n) => Number.isInteger(n) && n > 0 && n < 1e5);
}

function each(indicator: { update: (x: number) => number }, source: Compute): Compute {
  return (bar) => indicator.update(source(bar));
}

function hull(length: number, source: Compute): Compute {
  const half = new Wma(Math.floor(length / 2));
  const whole = new Wma(length);
  const last = new Wma(Math.floor(Math.sqrt(length)));
  return (bar) => last.update(2 * half.update(source(bar)) - whole.update(source(bar)));
}

function volumeWeighted(length: number, source: Compute): Compute {
  const flow = new Sma(length);
  const volume = new Sma(length);
  return (bar) => flow.update(source(bar) * bar.volume) / volume.update(bar.volume);
}

function moneyFlow(length: number, source: Compute): Compute {
  const mfi = new Mfi(length);
  return (bar) => mfi.update(source(bar), bar.volume);
}

function averageRange(length: number): Compute {
  const atr = new Atr(length);
  return (bar) => atr.update(bar.high, bar.low, bar.close);
}

function trueRange(): Compute {
  const range = new TrueRange();
  return (bar) => range.update(bar.high, bar.low, bar.close);
}

function channel(length: number, place: (c: number, h: number, l: number) => number): Compute {
  const highest = new RollingMax(length);
  const lowest = new RollingMin(length);
  return (bar) => place(bar.close, highest.update(bar.high), lowest.update(bar.low));
}

function span(length: number, source: Compute): Compute {
  const highest = new RollingMax(length);
  const lowest = new RollingMin(length);
  return (bar) => highest.update(source(bar)) - lowest.update(source(bar));
}

function extremeOf(options: {
  side: 'max' | 'min';
  isAge: boolean;
  length: number;
  source: Compute;
}): Compute {
  const { side, isAge, length, source } = options;
  const extreme = side === 'max' ? new RollingMax(length) : new RollingMin(length);
  return (bar) => {
    const value = extreme.update(source(bar));
    // Pine counts bars back as negative numbers.
    return isAge ? 0 - extreme.age : value;
  };
}

function momentum(length: number, source: Compute): Compute {
  const up = new RollingSum(length);
  const down = new RollingSum(length);
  let before = Number.NaN;
  return (bar) => {
    const change = source(bar) - before;
    before = source(bar);
    const rises = up.update(Math.max(change, 0));
    const falls = down.update(Math.max(-change, 0));
    return (100 * (rises - falls)) / (rises + falls);
  };
}

function bands(length: number, deviations: number, source: Compute): Compute {
  const deviation = new Stdev(length);
  return (bar) => {
    deviation.update(source(bar));
    return deviation.mean + deviations * deviation.value;
  };
}

function bandWidth(length: number, deviations: number, source: Compute): Compute {
  const deviation = new Stdev(length);
  return (bar) => {
    deviation.update(source(bar));
    return (100 * 2 * deviations * deviation.value) / deviation.mean;
  };
}

function keltner(length: number, ranges: number, source: Compute): Compute {
  const base = new Ema(length);
  const reach = new TrueRange();
  const range = new Ema(length);
  let isFirst = true;
  return (bar) => {
    const moved = reach.update(bar.high, bar.low, bar.close);
    // Pine's plain `ta.tr`, which this channel uses, is empty on the first bar.
    const wide = range.update(isFirst ? Number.NaN : moved);
    isFirst = false;
    return base.update(source(bar)) + ranges * wide;
  };
}

function keltnerWidth(length: number, ranges: number, source: Compute): Compute {
  const base = new Ema(length);
  const range = new Ema(length);
  return (bar) => (2 * ranges * range.update(bar.high - bar.low)) / base.update(source(bar));
}

/** Directional movement: lengths of the movement and of the index. */
function directional(
  call: Call,
  pick: (plus: number, minus: number, index: number) => number,
): Compute {
  const [length, smoothing] = call.numbers;
  const range = new Rma(length);
  const plus = new Rma(length);
  const minus = new Rma(length);
  const index = new Rma(smoothing);
  const reach = new TrueRange();
  let highBefore = Number.NaN;
  let lowBefore = Number.NaN;
  return (bar) => {
    const moved = reach.update(bar.high, bar.low, bar.close);
    const up = bar.high - highBefore;
    const down = lowBefore - bar.low;
    // The first bar has no movement, and in Pine no range either.
    const isFirst = Number.isNaN(up);
    [highBefore, lowBefore] = [bar.high, bar.low];
    const none = isFirst ? Number.NaN : 0;
    const average = range.update(isFirst ? Number.NaN : moved);
    const dip = (100 * plus.update(up > down && up > 0 ? up : none)) / average;
    const dim = (100 * minus.update(down > up && down > 0 ? down : none)) / average;
    const sum = dip + dim;
    return pick(dip, dim, 100 * index.update(Math.abs(dip - dim) / (sum === 0 ? 1 : sum)));
  };
}

function macd(call: Call, pick: (line: number, signal: number) => number): Compute {
  const [fastLength, slowLength, signalLength] = call.numbers;
  const fast = new Ema(fastLength);
  const slow = new Ema(slowLength);
  const signal = new Ema(signalLength);
  return (bar) => {
    const line = fast.update(call.source(bar)) - slow.update(call.source(bar));
    return pick(line, signal.update(line));
  };
}

function strengthIndex(options: { short: number; long: number; source: Compute }): Compute {
  const long = [new Ema(options.long), new Ema(options.long)];
  const short = [new Ema(options.short), new Ema(options.short)];
  let before = Number.NaN;
  return (bar) => {
    const change = options.source(bar) - before;
    before = options.source(bar);
    const moved = short[0].update(long[0].update(change));
    return moved / short[1].update(long[1].update(Math.abs(change)));
  };
}

/** The line is drawn on one side at a time; the other is empty. */
function superTrendSide(factor: number, atrLength: number, side: 1 | -1): Compute {
  const trend = new SuperTrend({ factor, atrLength });
  return (bar) => {
    const value = trend.update(bar.high, bar.low, bar.close);
    return trend.direction === side ? value : Number.NaN;
  };
}
