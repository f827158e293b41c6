import { runBacktest } from '../../backtests/run.ts';
import type { BacktestOptions, BacktestResult } from '../../backtests/run-options.ts';
import { codeVersion } from '../code-version.ts';
import { composeBacktest } from '../compose.ts';
import { type Config, type ConfigSources, loadConfig } from '../config.ts';
import type { CostModel } from '../engine/sizer.ts';
import type { MarketData } from '../market-data.ts';

/** Rules that make a trade depend on the account's path: blocks of days could not be recombined. */
const PATH_RULES: readonly string[] = [
  'circuitBreaker',
  'equityStop',
  'directionBreaker',
  'drawdownThrottle',
  'dayBudget',
];

export interface RunSettings {
  /** Where the settings start from: preset, file, `--set`. */
  base: ConfigSources;
  /** Settings of this run alone, `key=value`, after those of `base`. */
  sets?: readonly string[];
  /** Trades from here on; all earlier bars warm up, so indicators run on without a break. */
  fromMs?: number;
  toMs?: number;
  /** Fixed risk: breakers, throttle and day budget off. */
  isPathFree?: boolean;
  /** No fees, no spread, no impact, no cost gate to pass. */
  isCostFree?: boolean;
  /** Last word on the composed run: rules added, bars replaced. */
  alter?: (options: BacktestOptions) => BacktestOptions;
}

/** One backtest of research, from fresh objects; the equity stop only observes. */
export function runOn(data: MarketData, settings: RunSettings): BacktestResult {
  return runBacktest(runOptions(data, settings));
}

export function runOptions(data: MarketData, settings: RunSettings): BacktestOptions {
  const { config, hash } = configOf(settings);
  const composed = composeBacktest({
    config,
    data,
    codeVersion: codeVersion(),
    configHash: hash,
    equityStopOnBreach: 'observe',
    fromMs: settings.fromMs,
    toMs: settings.toMs,
  });
  let options = composed;
  if (settings.isPathFree) {
    const rules = options.rules.filter(({ id }) => !PATH_RULES.includes(id));
    options = { ...options, rules };
  }
  if (settings.isCostFree) options = costFree(options);
  return settings.alter?.(options) ?? options;
}

/** The effective configuration of a run, for its risk percent and its hash. */
export function configOf(settings: Pick<RunSettings, 'base' | 'sets'>): {
  config: Config;
  hash: string;
} {
  const { base, sets = [] } = settings;
  return loadConfig({
    ...base,
    sets: [...(base.sets ?? []), ...sets],
    fixed: [...(base.fixed ?? []), { path: 'mode', value: 'backtest', origin: 'research' }],
  });
}

function costFree(options: BacktestOptions): BacktestOptions {
  const free: CostModel = { slippageFraction: () => 0 };
  const none = { makerE8: 0, takerE8: 0 };
  const symbols = Object.keys(options.account.feeRates);
  return {
    ...options,
    costs: free,
    funding: [],
    account: {
      ...options.account,
      feeRates: Object.fromEntries(symbols.map((symbol) => [symbol, none])),
    },
  };
}
