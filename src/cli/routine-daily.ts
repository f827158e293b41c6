import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { askDaemon } from '../operator/control-client.ts';
import { checksText } from '../operator/preflight-check.ts';
import { type DailyInput, dailyChecks } from '../operator/routine-daily.ts';
import { DATABASE_FILE, openForReading } from '../store/open-store.ts';
import { DEFAULT_STATE } from './daemon-command.ts';

interface Flags {
  state: string;
  backups: string;
  json?: boolean;
}

/** `qcm routine daily`. */
export function dailyRoutine(): Command {
  return new Command('daily')
    .description('the daily launch routine as checks of the running daemon')
    .option('--state <folder>', 'state folder of the daemon', DEFAULT_STATE)
    .option('--backups <folder>', 'where backups lie', 'backups')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(run);
}

const HELP = `
What the strategy document lets the operator do each morning, done by looking: bars of every symbol
arrive, entries are allowed, funding is under the limit, alerts have come, latency, errors of the last
day, equity curve against its stop, every open leg has an acknowledged stop, calendar, journal size,
backup. Reads only. Rights of the key: qcm preflight.

Examples:
  qcm routine daily
  qcm routine daily --state state/live --backups /mnt/backup

Exit codes: 0 nothing red, 1 something is red or no daemon runs.
`;

async function run({ state, backups, json }: Flags): Promise<void> {
  const status = await askDaemon(state, { command: 'status', arguments: {} });
  const db = openForReading(state);
  try {
    const checks = dailyChecks({
      status: status as DailyInput['status'],
      db,
      storeBytes: sizeOf(join(state, DATABASE_FILE)),
      lastBackupMs: newest(backups),
    });
    const isPassed = checks.every(({ verdict }) => verdict !== 'red');
    const text = json === true ? JSON.stringify({ isPassed, checks }, null, 2) : checksText(checks);
    process.stdout.write(`${text}\n`);
    if (!isPassed) process.exitCode = 1;
  } finally {
    db.close();
  }
}

function sizeOf(path: string): number {
  return ['', '-wal'].reduce((sum, tail) => {
    return sum + (statSync(path + tail, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

function newest(folder: string): number | undefined {
  if (!existsSync(folder)) return undefined;
  const times = readdirSync(folder)
    .filter((name) => name.endsWith('.db'))
    .map((name) => statSync(join(folder, name)).mtimeMs);
  return times.length === 0 ? undefined : Math.max(...times);
}
