import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { checkTradePreset } from './check-trade-preset.ts';
import {
  flatten,
  type Plain,
  parseSetting,
  type Setting,
  withSettings,
} from './config-settings.ts';
import { AppError, closestNames } from './engine/error.ts';
import { readSecretsFile } from './secrets-file.ts';
import { TRADE_PRESETS, type TradePreset, type TradePresetName } from './trade-presets.ts';

export const CONFIG_FILE = 'qcm.config.json';

/** What is set beside the trade preset. */
export interface BaseConfig {
  mode: 'backtest' | 'paper' | 'demo' | 'live';
  /** Trade preset that the rest starts from. */
  preset: string;
  market: {
    /** The symbol that is traded; signals come from it. */
    symbol: string;
    /** Possible hedge legs. */
    legSymbols: string[];
    /** 0: 3, or 5 where the data has nothing finer than 5 minutes. */
    signalMinutes: number;
    biasMinutes: number;
  };
  account: {
    /** Quote currency at the start of backtests and paper trading. */
    equity: number;
    /** Part of the account that trades are sized from, in quote currency; 0 means all of it. */
    capital: number;
  };
  simulation: {
    orderLatencyMs: number;
    responseLatencyMs: number;
    /** Factor of the market-impact part of slippage. */
    slippageK: number;
    /** Order of the extremes inside a bar where the data does not tell. */
    pathOrder: 'worst' | 'best';
    /** Lets post-only entries fill from bars: flattering, printed beside the result anyway. */
    makerFromBars: boolean;
    /** The simulated market, used when there is no data. */
    seed: number;
    days: number;
  };
}

/** Complete, validated, frozen. Trade settings lie beside the base: `entry.mode`, `hedge.mode`. */
export type Config = Readonly<BaseConfig & TradePreset>;

export const BASE_DEFAULTS: BaseConfig = {
  mode: 'paper',
  preset: 'sequence',
  market: {
    symbol: 'BTCUSDT',
    legSymbols: ['ETHUSDT', 'SOLUSDT'],
    signalMinutes: 0,
    biasMinutes: 15,
  },
  account: { equity: 10_000, capital: 0 },
  simulation: {
    orderLatencyMs: 50,
    responseLatencyMs: 50,
    slippageK: 1,
    pathOrder: 'worst',
    makerFromBars: false,
    seed: 1,
    days: 60,
  },
};

export interface LoadedConfig {
  config: Config;
  /** Where a value comes from, by dotted path; paths that are not named come from the preset. */
  origins: Readonly<Record<string, string>>;
  /** The file read; undefined when there was none. */
  path: string | undefined;
  /** SHA-256 of the effective values. */
  hash: string;
}

export interface ConfigSources {
  /** `--config`; must exist. Default: `qcm.config.json` in the working directory, if there. */
  path?: string;
  /** `--trade`; wins over the file's preset. */
  preset?: string;
  /** `--set key=value`, in order. */
  sets?: readonly string[];
  /** Values a command fixes, before `sets`. */
  fixed?: readonly Setting[];
  env?: NodeJS.ProcessEnv;
  /** Reads no file, not even one that is there. */
  ignoreFile?: boolean;
}

/** Variables of the environment that set a config value. */
const ENV_SETTINGS: Readonly<Record<string, string>> = { QCM_MODE: 'mode', QCM_PRESET: 'preset' };

/**
 * The one reader of configuration: defaults and trade preset, then the file, the environment, the
 * command line; each wins over those before it.
 * @throws AppError CONFIG_* naming the key, what is wrong with it, and the closest known names
 */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const env = sources.env ?? process.env;
  const found = sources.ignoreFile !== true && existsSync(CONFIG_FILE) ? CONFIG_FILE : undefined;
  const path = sources.path ?? found;
  const settings: Setting[] = [];
  if (path !== undefined) settings.push(...fileSettings(path));
  for (const [name, key] of Object.entries(ENV_SETTINGS)) {
    const value = env[name];
    if (value !== undefined && value !== '') settings.push({ path: key, value, origin: name });
  }
  settings.push(...(sources.fixed ?? []));
  if (sources.preset !== undefined) {
    settings.push({ path: 'preset', value: sources.preset, origin: '--trade' });
  }
  for (const text of sources.sets ?? []) settings.push(parseSetting(text));
  const named = settings.findLast((setting) => setting.path === 'preset')?.value;
  const start = { ...BASE_DEFAULTS, ...presetOf(String(named ?? BASE_DEFAULTS.preset)) };
  const config = withSettings(start, settings);
  checkBase(config);
  checkTradePreset(config);
  const origins = Object.fromEntries(settings.map((setting) => [setting.path, setting.origin]));
  const hash = createHash('sha256').update(JSON.stringify(config)).digest('hex');
  return { config, origins: Object.freeze(origins), path, hash };
}

function presetOf(name: string): TradePreset {
  const preset = TRADE_PRESETS[name as TradePresetName];
  if (preset !== undefined) return preset;
  const names = Object.keys(TRADE_PRESETS);
  const near = closestNames(name, names);
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `known: ${names.join(', ')}`;
  throw new AppError('CONFIG_UNKNOWN_PRESET', `unknown preset "${name}"`, hint);
}

function fileSettings(path: string): Setting[] {
  if (!existsSync(path)) {
    throw new AppError('CONFIG_NO_FILE', `${path} does not exist`, 'qcm config init writes one');
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('CONFIG_JSON', `${path} is not valid JSON: ${why}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new AppError('CONFIG_JSON', `${path} must hold one JSON object`);
  }
  return flatten(parsed as Plain).map((entry) => ({ ...entry, origin: path }));
}

function checkBase(config: BaseConfig): void {
  const { market, account, simulation } = config;
  word('mode', config.mode, ['backtest', 'paper', 'demo', 'live']);
  word('simulation.pathOrder', simulation.pathOrder, ['worst', 'best']);
  for (const symbol of [market.symbol, ...market.legSymbols]) {
    if (/^[A-Z0-9]{5,20}$/.test(symbol)) continue;
    refuse('market', `"${symbol}" is not a symbol such as BTCUSDT`);
  }
  range('market.signalMinutes', market.signalMinutes, { low: 0, high: 60, whole: true });
  range('market.biasMinutes', market.biasMinutes, { low: 1, high: 1_440, whole: true });
  range('account.equity', account.equity, { low: 1, high: 80_000_000 });
  range('account.capital', account.capital, { low: 0, high: 80_000_000 });
  range('simulation.orderLatencyMs', simulation.orderLatencyMs, { low: 0, high: 60_000 });
  range('simulation.responseLatencyMs', simulation.responseLatencyMs, { low: 0, high: 60_000 });
  range('simulation.slippageK', simulation.slippageK, { low: 0, high: 100 });
  range('simulation.seed', simulation.seed, { low: 0, high: 2 ** 32 - 1, whole: true });
  range('simulation.days', simulation.days, { low: 1, high: 3_650, whole: true });
}

function word(path: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) refuse(path, `"${value}" is not one of ${words.join(', ')}`);
}

function range(
  path: string,
  value: number,
  bounds: { low: number; high: number; whole?: boolean },
): void {
  const { low, high, whole = false } = bounds;
  if (whole && !Number.isInteger(value)) refuse(path, `${value} is not a whole number`);
  if (!(value >= low && value <= high)) refuse(path, `${value} is outside ${low} to ${high}`);
}

function refuse(path: string, why: string): never {
  throw new AppError('CONFIG_VALUE', `${path}: ${why}`);
}

/** Names and addresses of outside services; secrets among them are never printed. */
export interface Environment {
  binanceKey: string | undefined;
  binanceSecret: string | undefined;
  binanceRest: string | undefined;
  binanceWs: string | undefined;
  secretsFile: string | undefined;
  redisUrl: string | undefined;
  telegramToken: string | undefined;
  telegramChat: string | undefined;
  telegramUsers: string | undefined;
  telegramReadOnly: string | undefined;
  telegramApi: string | undefined;
  webhookUrl: string | undefined;
  webhookSecret: string | undefined;
  notifyLevel: string | undefined;
  logLevel: string | undefined;
  logFile: string | undefined;
  metricsPort: string | undefined;
  metricsToken: string | undefined;
  redisPrefix: string | undefined;
  heartbeatUrl: string | undefined;
  cacheFolder: string | undefined;
  alertUrl: string | undefined;
  alertSecret: string | undefined;
  alertFile: string | undefined;
}

/**
 * The one reader of the process environment; empty variables count as not set. What it lacks comes
 * from the file that `QCM_SECRETS_FILE` names.
 * @throws AppError CONFIG_SECRETS when others could read that file
 */
export function loadEnvironment(env: NodeJS.ProcessEnv = process.env): Readonly<Environment> {
  const path = env.QCM_SECRETS_FILE ?? '';
  const file: NodeJS.ProcessEnv = path === '' ? {} : readSecretsFile(path);
  const read = (name: string) => env[name] || file[name] || undefined;
  return Object.freeze({
    binanceKey: read('QCM_BINANCE_KEY'),
    binanceSecret: read('QCM_BINANCE_SECRET'),
    binanceRest: read('QCM_BINANCE_REST'),
    binanceWs: read('QCM_BINANCE_WS'),
    secretsFile: read('QCM_SECRETS_FILE'),
    redisUrl: read('REDIS_URL'),
    telegramToken: read('QCM_TELEGRAM_TOKEN'),
    telegramChat: read('QCM_TELEGRAM_CHAT'),
    telegramUsers: read('QCM_TELEGRAM_USERS'),
    telegramReadOnly: read('QCM_TELEGRAM_READ_ONLY'),
    telegramApi: read('QCM_TELEGRAM_API'),
    webhookUrl: read('QCM_WEBHOOK_URL'),
    webhookSecret: read('QCM_WEBHOOK_SECRET'),
    notifyLevel: read('QCM_NOTIFY_LEVEL'),
    logLevel: read('QCM_LOG_LEVEL'),
    logFile: read('QCM_LOG_FILE'),
    metricsPort: read('QCM_METRICS_PORT'),
    metricsToken: read('QCM_METRICS_TOKEN'),
    redisPrefix: read('QCM_REDIS_PREFIX'),
    heartbeatUrl: read('QCM_HEARTBEAT_URL'),
    cacheFolder: read('QCM_CACHE'),
    alertUrl: read('QCM_ALERT_URL'),
    alertSecret: read('QCM_ALERT_SECRET'),
    alertFile: read('QCM_ALERT_FILE'),
  });
}

/** The variables as they are, for checks of the environment itself. */
export function processEnvironment(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}
