import { SERIES_MODULES } from '../series/modules.ts';
import { checkSettings } from '../series/series-module.ts';
import { parseTaFunction, type TaFunction } from './ta-functions.ts';

/** What a column of an export is compared with. */
export type Target = ModuleTarget | { kind: 'ta'; taFunction: TaFunction };

export interface ModuleTarget {
  kind: 'module';
  module: string;
  column: string;
  /** How the two are compared; undefined: by what our values look like. */
  compare: 'line' | 'event' | 'side' | undefined;
  /** Of an event: true when ours counts, given `column` and, where named, `also`. */
  when?: number;
  also?: readonly [column: string, value: number];
  /** Their value that means "off", beside empty, NaN and 0. */
  idle?: number;
}

const OSC = 'oscillator-matrix';
const SIGNALS = 'signals-overlays';

/** Column titles of the three paid toolkits and of Smart Money Concepts and SuperTrend AI. */
export const TOOLKIT_TITLES: Readonly<Record<string, ModuleTarget>> = {
  HyperWave: line(OSC, 'hw'),
  'Money Flow': line(OSC, 'mf'),
  'Upper Money Flow Threshold': line(OSC, 'mfUpper'),
  'Lower Money Flow Threshold': line(OSC, 'mfLower'),
  'Bullish Overflow': { ...event(OSC, 'bullOverflow'), idle: 50 },
  'Bearish Overflow': { ...event(OSC, 'bearOverflow'), idle: 50 },
  'HWO Up': event(OSC, 'hwUp'),
  'HWO Down': event(OSC, 'hwDown'),
  'Oversold HWO Up': event(OSC, 'hwOversoldUp'),
  'Overbought HWO Down': event(OSC, 'hwOverboughtDown'),
  'Reversal Up +': event(OSC, 'reversalUpMajor'),
  'Reversal Up -': event(OSC, 'reversalUpMinor'),
  'Reversal Down +': event(OSC, 'reversalDownMajor'),
  'Reversal Down -': event(OSC, 'reversalDownMinor'),
  'Upper Confluence Value': line(OSC, 'confluenceUpper'),
  'Lower Confluence Value': line(OSC, 'confluenceLower'),
  'Confluence Meter Value': line(OSC, 'confluenceMeter'),
  Bullish: signal(1, 0),
  'Bullish+': signal(1, 1),
  Bearish: signal(-1, 0),
  'Bearish+': signal(-1, 1),
  'Bullish Exit': event(SIGNALS, 'exitBull'),
  'Bearish Exit': event(SIGNALS, 'exitBear'),
  'Trend Strength': line(SIGNALS, 'trendStrength'),
  'Smart Trail': line(SIGNALS, 'smartTrail'),
  'Smart Trail Extremity': line(SIGNALS, 'smartTrailExtremity'),
  'Neo Lead': line(SIGNALS, 'neoLead'),
  'Neo Lag': line(SIGNALS, 'neoLag'),
  // Ours are directions, theirs lines: the side of the close is compared.
  'Trend Tracer': { ...line(SIGNALS, 'tracerDir'), compare: 'side' },
  'Trend Catcher': { ...line(SIGNALS, 'catcherDir'), compare: 'side' },
  'Premium Bottom': line('smc', 'premiumBottom'),
  'Equilibrium Top': line('smc', 'eqTop'),
  'Equilibrium Bottom': line('smc', 'eqBottom'),
  'Discount Top': line('smc', 'discountTop'),
  'Trailing Stop': line('supertrend-ai', 'ts'),
  'Trailing Stop AMA': line('supertrend-ai', 'perf_ama'),
};

/** TradingView's own volume study does not write its length; 20 is what it starts with. */
const DEFAULT_LENGTHS = new Map([['Volume MA', 'ta.sma(volume, 20)']]);

function line(module: string, column: string): ModuleTarget {
  return { kind: 'module', module, column, compare: 'line' };
}

function event(module: string, column: string): ModuleTarget {
  return { kind: 'module', module, column, compare: 'event' };
}

function signal(side: 1 | -1, strong: 0 | 1): ModuleTarget {
  return { ...event(SIGNALS, 'confirmation'), when: side, also: ['strong', strong] };
}

/**
 * What a title (or the right side of `--map`) means to us: a toolkit's column, a Pine expression,
 * `module.column`, or the name of one of our columns. Undefined when it means nothing; a module
 * that this build does not have counts as nothing and is named in `unavailable`.
 */
export function recogniseColumn(
  title: string,
  options: { module?: string; unavailable?: Set<string> } = {},
): Target | undefined {
  const known = Object.hasOwn(TOOLKIT_TITLES, title) ? TOOLKIT_TITLES[title] : undefined;
  if (known !== undefined && (options.module ?? known.module) === known.module) {
    if (columnsOf(known.module).includes(known.column)) return known;
    options.unavailable?.add(known.module);
    return undefined;
  }
  const taFunction = parseTaFunction(DEFAULT_LENGTHS.get(title) ?? title);
  if (taFunction !== undefined) return { kind: 'ta', taFunction };
  const dot = title.indexOf('.');
  const modules = SERIES_MODULES.map((module) => module.name);
  const wanted = modules.filter((name) => name === (options.module ?? name));
  const owner =
    modules.find((name) => name === title.slice(0, dot)) ??
    wanted.find((name) => columnsOf(name).includes(title));
  if (owner === undefined) return undefined;
  const column = title === `${owner}.${title.slice(dot + 1)}` ? title.slice(dot + 1) : title;
  if (!columnsOf(owner).includes(column)) return undefined;
  return { kind: 'module', module: owner, column, compare: undefined };
}

/** Words for a report: `oscillator-matrix.hw`, `ta.ema(close, 20)`. */
export function targetName(target: Target): string {
  if (target.kind === 'ta') return target.taFunction.text;
  const { module, column, when, also } = target;
  const value = when === undefined ? '' : ` = ${when}`;
  return `${module}.${column}${value}${also === undefined ? '' : `, ${also[0]} = ${also[1]}`}`;
}

/** Oscillator Matrix smooths money flow from volume; nothing else of it needs volume. */
export function needsVolume(target: Target): boolean {
  if (target.kind === 'ta') return target.taFunction.needsVolume;
  if (target.module === OSC) return /^mf|Overflow|^confluence|Major$/.test(target.column);
  return target.module === 'price-action' && /Ob/.test(target.column);
}

function columnsOf(name: string): readonly string[] {
  const module = SERIES_MODULES.find((one) => one.name === name);
  if (module === undefined) return [];
  const settings = checkSettings(module, { symbol: 'X', timeframeMs: 180_000, set: [] });
  return module.openSeries(settings).columns;
}
