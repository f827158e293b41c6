import { join } from 'node:path';
import { Command } from 'commander';
import { type BackupReport, backupStore } from '../store/backup.ts';
import { DEFAULT_STATE } from './daemon-command.ts';

/** `qcm backup`. */
export function command(): Command {
  return new Command()
    .description('copy the store into one file, while the daemon runs')
    .option('--state <folder>', 'state folder', DEFAULT_STATE)
    .option('--out <file>', 'the backup (default: backups/qcm-<state>-<time>.db)')
    .addHelpText('after', HELP)
    .action((flags: { state: string; out?: string }) => {
      const report = backupStore(flags.state, flags.out ?? nameOf(flags.state));
      process.stdout.write(`${reportText(report)}\n`);
    });
}

const HELP = `
Everything up to the last commit: journal, snapshots, trades, fills, notices. Checked before it gets
its name, readable by its owner only, never over a file that exists. Nobody is held up by it.
Copy it to another machine; qcm restore puts it back, qcm export and qcm replay read it as it is.

Examples:
  qcm backup
  qcm backup --state state/live --out /mnt/backup/live-2026-11-21.db

Exit codes: 0 done, 1 not written.
`;

export function reportText({ path, bytes, lastSeq, trades, version }: BackupReport): string {
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  return `${path}: ${size}, up to event ${lastSeq}, ${trades} trades, version ${version}, checked`;
}

function nameOf(state: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '');
  const name = state.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  return join('backups', `qcm-${name}-${time}Z.db`);
}
