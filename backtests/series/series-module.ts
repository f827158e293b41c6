import type { Bar } from '../../indicators/indicator.ts';
import { AppError, closestNames } from '../../src/engine/error.ts';

/**
 * A group of columns that `qcm series` and `qcm events` can write: one file here and one line in
 * `modules.ts`. Column names are those of the golden files and of the reference of columns.
 */
export interface SeriesModule {
  name: string;
  summary: string;
  options: readonly SeriesOption[];
  /** Indicator presets the module knows; empty when it has none. The first is the default. */
  presets: readonly string[];
  /** Trade presets, for modules that need one; the first is the default. */
  tradePresets?: readonly string[];
  openSeries: (settings: SeriesSettings) => SeriesSession;
  openEvents: (settings: SeriesSettings) => EventsSession;
}

/** One `--set name=value`. */
export interface SeriesOption {
  name: string;
  summary: string;
  default: string;
  /** The words allowed; without them the value is a number of at least `min`. */
  choices?: readonly string[];
  min?: number;
  integer?: boolean;
}

/** Checked settings: every option of the module has a value. */
export interface SeriesSettings {
  symbol: string;
  timeframeMs: number;
  values: Readonly<Record<string, string>>;
  preset: string;
  trade: string;
}

/** One run over bars. `update` fills one cell a column; NaN prints as an empty cell. */
export interface SeriesSession {
  columns: readonly string[];
  update: (bar: Bar, row: Float64Array) => void;
}

/** One run over bars that tells what happened. NaN prints as an empty cell. */
export interface EventsSession {
  /** Columns after `seq,bar,openTime`. */
  columns: readonly string[];
  update: (bar: Bar, tell: (cells: readonly (string | number)[]) => void) => void;
}

/** Event columns of every module but `smc`, which has the golden's own. */
export const EVENT_COLUMNS = ['module', 'kind', 'side', 'a', 'b', 'refBar', 'refTime'] as const;

/** A number among checked settings. */
export function numberSetting(settings: SeriesSettings, name: string): number {
  return Number(settings.values[name]);
}

/**
 * Checks what the user typed against what the module knows and fills in the defaults.
 * @throws AppError USAGE_* with the closest names
 */
export function checkSettings(
  module: SeriesModule,
  given: {
    symbol: string;
    timeframeMs: number;
    set: readonly string[];
    preset?: string;
    trade?: string;
  },
): SeriesSettings {
  const values: Record<string, string> = {};
  for (const option of module.options) values[option.name] = option.default;
  for (const text of given.set) {
    const split = text.indexOf('=');
    if (split < 1) {
      throw new AppError('USAGE_SET', `"${text}" is not a setting`, 'write --set name=value');
    }
    const name = text.slice(0, split).trim();
    const option = module.options.find((one) => one.name === name);
    if (option === undefined) throw unknownOption(module, name);
    values[name] = checkValue(module, option, text.slice(split + 1).trim());
  }
  const { symbol, timeframeMs } = given;
  const preset = checkName(module, 'preset', given.preset, module.presets);
  const trade = checkName(module, 'trade preset', given.trade, module.tradePresets ?? []);
  return { symbol, timeframeMs, values, preset, trade };
}

function checkValue(module: SeriesModule, option: SeriesOption, value: string): string {
  const label = `${module.name}: ${option.name}`;
  if (option.choices !== undefined) {
    if (option.choices.includes(value)) return value;
    const near = closestNames(value, option.choices, 1);
    const hint = near.length > 0 ? `did you mean ${near[0]}?` : undefined;
    const all = `one of ${option.choices.join(', ')}`;
    throw new AppError('USAGE_SET', `${label} is ${all}, not "${value}"`, hint);
  }
  const number = Number(value);
  const min = option.min ?? 0;
  const ok = value !== '' && Number.isFinite(number) && number >= min;
  if (!ok || (option.integer === true && !Number.isInteger(number))) {
    const kind = option.integer === true ? 'a whole number' : 'a number';
    throw new AppError('USAGE_SET', `${label} is ${kind} of at least ${min}, not "${value}"`);
  }
  return value;
}

function unknownOption(module: SeriesModule, name: string): AppError {
  const known = module.options.map((option) => option.name);
  const near = closestNames(name, known);
  const hint =
    near.length > 0 ? `did you mean ${near.join(', ')}?` : `it has ${known.join(', ') || 'none'}`;
  return new AppError('USAGE_SET', `module ${module.name} has no option "${name}"`, hint);
}

function checkName(
  module: SeriesModule,
  what: string,
  given: string | undefined,
  known: readonly string[],
): string {
  if (given === undefined) return known[0] ?? '';
  if (known.includes(given)) return given;
  if (known.length === 0) {
    throw new AppError('USAGE_PRESET', `module ${module.name} has no ${what}`, `leave it out`);
  }
  const near = closestNames(given, known, 1);
  const hint = near.length > 0 ? `did you mean ${near[0]}?` : `known: ${known.join(', ')}`;
  throw new AppError('USAGE_PRESET', `unknown ${what} "${given}" for ${module.name}`, hint);
}
