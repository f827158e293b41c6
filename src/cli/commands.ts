import type { Command } from 'commander';

/** One line a command; its module is loaded only when it is called, so that start-up stays fast. */
export interface CommandEntry {
  summary: string;
  group: (typeof HELP_GROUPS)[number];
  load: () => Promise<{ command: () => Command }>;
}

export const HELP_GROUPS = ['Run', 'Signals', 'Data', 'Checks', 'Research', 'Operate'] as const;

export const COMMANDS: Record<string, CommandEntry> = {
  series: {
    summary: 'write what an indicator module shows, one CSV row per bar',
    group: 'Signals',
    load: () => import('./series.ts'),
  },
  events: {
    summary: 'write what happened in an indicator module, one CSV row per event',
    group: 'Signals',
    load: () => import('./events.ts'),
  },
  alert: {
    summary: 'send a TEST alert through every configured sink',
    group: 'Signals',
    load: () => import('./alert.ts'),
  },
  diff: {
    summary: 'compare our series with a TradingView chart export',
    group: 'Signals',
    load: () => import('./diff.ts'),
  },
  calibrate: {
    summary: 'search the settings that come closest to a chart export',
    group: 'Signals',
    load: () => import('./calibrate.ts'),
  },
  pine: {
    summary: 'draw our signals on your own TradingView chart (Pine script)',
    group: 'Signals',
    load: () => import('./pine.ts'),
  },
  tags: {
    summary: "how often a preset's alerts come, and which tag stops the others",
    group: 'Signals',
    load: () => import('./tags.ts'),
  },
  presets: {
    summary: 'list the presets, show one with every value, list the conditions',
    group: 'Signals',
    load: () => import('./presets.ts'),
  },
  backtest: {
    summary: 'run the strategy over bars and report the result (what npm start does)',
    group: 'Run',
    load: () => import('./backtest.ts'),
  },
  report: {
    summary: 'the HTML report of a finished backtest; compare two runs',
    group: 'Run',
    load: () => import('./report.ts'),
  },
  study: {
    summary: 'all data sets, presets, hedges and ablations as one document (docs/RESULTS.md)',
    group: 'Research',
    load: () => import('./study.ts'),
  },
  optimise: {
    summary: 'search settings: declared spaces, TPE and others, lower bounds, hold-out kept back',
    group: 'Research',
    load: () => import('./optimise.ts'),
  },
  worker: {
    summary: 'try settings for a qcm optimise --distributed on another machine, over Redis',
    group: 'Research',
    load: () => import('./worker.ts'),
  },
  run: {
    summary: 'run the daemon: paper on the live market, or on bars of files',
    group: 'Run',
    load: () => import('./run.ts'),
  },
  preflight: {
    summary: 'is everything right before a daemon may trade? a green and red table',
    group: 'Operate',
    load: () => import('./preflight.ts'),
  },
  status: {
    summary: 'what the daemon holds, may do, and waits for',
    group: 'Operate',
    load: () => import('./status.ts'),
  },
  pause: {
    summary: 'no new entries; open trades go on',
    group: 'Operate',
    load: () => import('./pause.ts'),
  },
  resume: {
    summary: 'allow entries again after a pause, a flatten or a breaker',
    group: 'Operate',
    load: () => import('./resume.ts'),
  },
  flatten: {
    summary: 'close everything, in two steps: entries stop first',
    group: 'Operate',
    load: () => import('./flatten.ts'),
  },
  parity: {
    summary: 'a day of the journal against the backtester on the same bars',
    group: 'Operate',
    load: () => import('./parity.ts'),
  },
  export: {
    summary: 'trades, fills, funding and transfers for bookkeeping and tax',
    group: 'Operate',
    load: () => import('./export.ts'),
  },
  backup: {
    summary: 'copy the store into one file, while the daemon runs',
    group: 'Operate',
    load: () => import('./backup.ts'),
  },
  restore: {
    summary: 'put a backup in the place of the store',
    group: 'Operate',
    load: () => import('./restore.ts'),
  },
  replay: {
    summary: 'decide a journal again: the same decisions, or the first that differs',
    group: 'Operate',
    load: () => import('./replay.ts'),
  },
  journal: {
    summary: 'read the journal of the live core',
    group: 'Operate',
    load: () => import('./journal.ts'),
  },
  'walk-forward': {
    summary: 'choose on one window, trade the next; how much of the best is luck',
    group: 'Research',
    load: () => import('./walk-forward.ts'),
  },
  watch: {
    summary: 'prices, CVD, tags, alerts and status that a daemon publishes in Redis',
    group: 'Operate',
    load: () => import('./watch.ts'),
  },
  stress: {
    summary: 'Monte-Carlo: a year of such trades, worse execution, crashes, outages',
    group: 'Research',
    load: () => import('./stress.ts'),
  },
  research: {
    summary: 'the monthly research end to end: keep or change, with reasons; selftest',
    group: 'Research',
    load: () => import('./research.ts'),
  },
  routine: {
    summary: 'weekly, monthly and quarterly routines of the operator',
    group: 'Operate',
    load: () => import('./routine.ts'),
  },
  calc: {
    summary: 'expected value of a trade; compounding with risk of ruin',
    group: 'Research',
    load: () => import('./calc.ts'),
  },
  check: {
    summary: 'measure whether signals and backtests can be trusted',
    group: 'Checks',
    load: () => import('./check.ts'),
  },
  risk: {
    summary: 'what every risk rule says about a state or a moment of a run',
    group: 'Checks',
    load: () => import('./risk.ts'),
  },
  'fake-binance': {
    summary: 'a fake Binance on this machine to rehearse against, with faults on demand',
    group: 'Operate',
    load: () => import('./fake-binance.ts'),
  },
  config: {
    summary: 'write, check and show the configuration',
    group: 'Operate',
    load: () => import('./config.ts'),
  },
  data: {
    summary: 'list, check and download market data; import a calendar',
    group: 'Data',
    load: () => import('./data.ts'),
  },
  simulate: {
    summary: 'write a SIMULATED market, or compare its moments with real ones',
    group: 'Data',
    load: () => import('./simulate.ts'),
  },
  chaos: {
    summary: 'break the whole live path on a virtual clock and watch the invariants',
    group: 'Checks',
    load: () => import('./chaos.ts'),
  },
};
