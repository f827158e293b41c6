import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';

export interface RunFlags {
  mode: string;
  state?: string;
  data?: string | boolean;
  from?: string;
  to?: string;
  config?: string;
  trade?: string;
  set?: string[];
  funding?: string;
  calendar?: string;
  sendAlerts?: boolean;
  clockScale?: string;
  iUnderstand?: boolean;
  fakeVenue?: boolean;
  allowEnv?: string[];
  skipDryRun?: boolean;
}

/** `qcm run`: the live core on files, on the live market, or at the exchange. */
export function command(): Command {
  return new Command()
    .description('run the daemon: paper on the live market or on files, demo, or live')
    .option('--mode <mode>', 'paper, demo or live', 'paper')
    .option('--i-understand', 'needed for --mode live: orders with real money')
    .option('--fake-venue', 'the address in QCM_BINANCE_* is a fake; keys must begin with "test"')
    .option('--skip-dry-run', 'live: do not ask for 48 hours of paper or demo before')
    .option('--allow-env <name...>', 'proxy variables that a process with keys may be started with')
    .option(
      '--state <folder>',
      'where journal and snapshots lie (default: state/<mode>, state/replay)',
    )
    .option('--data [path]', 'play bars of files instead (default: downloaded, else SIMULATED)')
    .option('--from <date>', 'with --data: start trading here; earlier bars only warm up')
    .option('--to <date>', 'with --data: use no bars that close after this')
    .option('--trade <preset>', 'trade preset, see qcm backtest --help')
    .option('--set <key=value...>', 'single settings, e.g. --set entry.mode=taker')
    .option('--config <file>', 'configuration file (default: qcm.config.json if there)')
    .option('--funding <path>', 'with --data: funding tables (default: in or above the data)')
    .option('--calendar <path>', 'economic calendar (default: the one imported or shipped)')
    .option('--send-alerts', 'with --data: send alerts although the bars are old')
    .option('--clock-scale <n>', 'rehearsal against qcm fake-binance at the same scale')
    .addHelpText('after', HELP)
    .action((flags: RunFlags) => run(flags));
}

const HELP = `
Paper on the live market: public data of the exchange, the simulated exchange as venue. Needs no
keys, and could not send an order if it wanted to. It loads the history that the signals need, then
trades on paper until you stop it.

Paper on files (--data): bars are played as fast as they can be; trades are those of qcm backtest.

In all of them every event is journalled before it is handled, entries leave when the journal is on
the disk, snapshots are taken each minute and at stop. Stop it with Ctrl-C or SIGTERM and start it
again: it goes on where it was. After a crash a paper run goes back to the last snapshot, venue and
books together; demo and live read the account and compare. One process at a time can use a state
folder, and a folder belongs to one mode and one market.

Demo (--mode demo) and live (--mode live --i-understand) trade at the exchange. Keys come from
QCM_BINANCE_KEY and QCM_BINANCE_SECRET, or from a file named by QCM_SECRETS_FILE that only its owner
can read. The key must trade futures, must not withdraw, and in live mode must be bound to an
address. What is ours and naked is protected first; entries stay off until books and account agree.
A stop takes back entries that rest and leaves stops at the exchange. account.capital is the part of
the account that trades are sized from.

A rehearsal of live mode, real adapter, no money:
  qcm fake-binance --feed simulated
  export QCM_BINANCE_KEY=test-key QCM_BINANCE_SECRET=test-secret
  export QCM_BINANCE_REST=http://127.0.0.1:8899 QCM_BINANCE_WS=ws://127.0.0.1:8899
  qcm run --mode live --i-understand --fake-venue

Another server that speaks the exchange's wire, such as qcm fake-binance:
  QCM_BINANCE_REST=http://127.0.0.1:8899 QCM_BINANCE_WS=ws://127.0.0.1:8899 qcm run
With --clock-scale 60 an hour takes a minute; the fake must be started with the same scale.

Examples:
  qcm run                                      paper on the live market
  qcm run --data                               paper on the best bars there are
  qcm run --data my/bars --state state/mine    bars and state of your own
  qcm journal tail                             the last entries of the journal
  qcm replay state/replay                      decide everything again and compare

Exit codes: 0 done or stopped, 1 failed, 2 wrong usage, 3 data refused, 4 configuration refused,
130 a replay of files was interrupted (the state is saved).
`;

const MODES = ['paper', 'demo', 'live'] as const;
const ONLY_WITH_DATA = ['from', 'to', 'funding', 'sendAlerts'] as const;

async function run(flags: RunFlags): Promise<void> {
  const mode = MODES.find((each) => each === flags.mode);
  if (mode === undefined) {
    const hint = `the modes are ${MODES.join(', ')}`;
    throw new AppError('USAGE_MODE', `--mode ${flags.mode} is not known`, hint);
  }
  if (mode === 'live' && flags.iUnderstand !== true) {
    const hint = 'qcm run (paper) and --mode live --fake-venue risk nothing; see docs/LIVE.md';
    throw new AppError('USAGE_LIVE', 'live mode trades real money: add --i-understand', hint);
  }
  if (flags.data === undefined) {
    for (const name of ONLY_WITH_DATA) {
      if (flags[name] === undefined) continue;
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const hint = 'add --data to play bars of files';
      throw new AppError('USAGE_FLAG', `--${flag} means nothing on the live market`, hint);
    }
    const { runDaemon } = await import('./run-daemon.ts');
    return runDaemon({ ...flags, mode, state: flags.state ?? join('state', mode) });
  }
  if (mode !== 'paper') {
    const hint = 'bars of files are for paper';
    throw new AppError('USAGE_FLAG', `--data means nothing with --mode ${mode}`, hint);
  }
  if (flags.clockScale !== undefined) {
    const hint = 'bars of files are played as fast as they can be';
    throw new AppError('USAGE_FLAG', '--clock-scale means nothing with --data', hint);
  }
  const data = typeof flags.data === 'string' ? flags.data : undefined;
  const { runReplay } = await import('./run-replay.ts');
  return runReplay({ ...flags, data, state: flags.state ?? join('state', 'replay') });
}
