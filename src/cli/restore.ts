import { Command } from 'commander';
import { restoreStore } from '../store/backup.ts';
import { reportText } from './backup.ts';
import { DEFAULT_STATE } from './daemon-command.ts';

/** `qcm restore FILE`. */
export function command(): Command {
  return new Command()
    .description('put a backup in the place of the store; the daemon must be stopped')
    .argument('<file>', 'what qcm backup wrote')
    .option('--state <folder>', 'state folder', DEFAULT_STATE)
    .addHelpText('after', HELP)
    .action((file: string, { state }: { state: string }) => {
      const report = restoreStore(state, file);
      const before = report.aside === undefined ? '' : `\nwhat was there: ${report.aside}`;
      process.stdout.write(`${reportText(report)}${before}\n`);
    });
}

const HELP = `
The backup is checked first; what was in the folder is kept beside it. On an exchange account the
next start compares books and account: orders that were signed after the backup carry a mark that
it does not know, so entries stay blocked until they are gone (qcm status names them).

Examples:
  qcm restore backups/qcm-state-live-2026-11-21T060000Z.db --state state/live

Exit codes: 0 done, 1 a daemon runs, or the file is damaged or of a newer version.
`;
