import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import { parityOfDay } from '../operator/parity.ts';
import { parityText } from '../operator/parity-text.ts';
import { openForReading } from '../store/open-store.ts';
import { DEFAULT_STATE } from './daemon-command.ts';

/** `qcm parity`. */
export function command(): Command {
  return new Command()
    .description("a day of the journal against the backtester on the journal's own bars")
    .option('--day <date>', 'which day, UTC (default: yesterday)')
    .option('--state <folder>', 'state folder, or a qcm.db (a backup is one)', DEFAULT_STATE)
    .option('--json', 'print every field')
    .addHelpText('after', HELP)
    .action(run);
}

const HELP = `
Runs the bars that the daemon heard through the backtester, with the configuration, filters and fees
of that day, and puts the trades side by side. The difference of each is split into size, prices
(slippage, queue, timing), fees and funding, which add up to it. A trade of one side only comes with
what the other side did then: declined it and why, sent it and missed the fill, or was not running.

What stays different by nature: the backtest fills from bars, live from the book. Reads only.

Examples:
  qcm parity --day 2026-11-20 --state state/live
  qcm parity --json

Exit codes: 0 compared, 1 no journal of that day, 2 wrong usage.
`;

function run(flags: { day?: string; state: string; json?: boolean }): void {
  const day = flags.day ?? new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) {
    throw new AppError('USAGE_DATE', `--day "${day}" is not a date`, 'write 2026-11-20 (UTC)');
  }
  const db = openForReading(flags.state);
  try {
    const report = parityOfDay(db, day);
    const shown = flags.json === true ? JSON.stringify(report, null, 2) : parityText(report);
    process.stdout.write(`${shown}\n`);
  } finally {
    db.close();
  }
}
