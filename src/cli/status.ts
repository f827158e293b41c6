import type { Command } from 'commander';
import type { StatusReport } from '../operator/status-report.ts';
import { statusText } from '../operator/status-text.ts';
import { askAndPrint, type DaemonFlags, daemonCommand } from './daemon-command.ts';

/** `qcm status`. */
export function command(): Command {
  return daemonCommand('what the daemon holds, may do, and waits for')
    .addHelpText('after', HELP)
    .action(async (flags: DaemonFlags) => {
      await askAndPrint<StatusReport>(flags, { command: 'status' }, statusText);
    });
}

const HELP = `
Asks the running daemon over the socket in its state folder (only its own user may). Reads only.

"entries" is the line to look at first: when they are off it names every reason. A stop that the
exchange has not acknowledged is marked; "withheld" counts orders that did not leave, and why.

Examples:
  qcm status
  qcm status --state state/live --json

Exit codes: 0 answered, 1 no daemon or no answer.
`;
