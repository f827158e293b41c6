import type { Command } from 'commander';
import type { StatusReport } from '../operator/status-report.ts';
import { statusText } from '../operator/status-text.ts';
import { askAndPrint, type DaemonFlags, daemonCommand } from './daemon-command.ts';

interface Flags extends DaemonFlags {
  reason?: string;
  acceptDrawdown?: boolean;
}

/** `qcm resume`. */
export function command(): Command {
  return daemonCommand('allow entries again after a pause or a flatten')
    .option('--reason <text>', 'written into the journal')
    .option('--accept-drawdown', 'also release a latched equity stop: its peak starts anew')
    .addHelpText('after', HELP)
    .action(async ({ reason, acceptDrawdown, ...flags }: Flags) => {
      const request = { command: 'resume', arguments: { reason, acceptDrawdown } };
      await askAndPrint<StatusReport>(flags, request, statusText);
    });
}

const HELP = `
Lifts only what the operator stopped. Other reasons (books in doubt, a gap in the data, foreign
orders) go away when their cause does. After an event that could not be handled only a restart helps.

The equity stop stays latched through a pause and a resume. --accept-drawdown releases it: the peak
that it and the drawdown throttle count from starts anew at today's equity. Look at why first.

Examples:
  qcm resume
  qcm resume --accept-drawdown --reason "reviewed the last 40 trades"

Exit codes: 0 done (see "entries" for what still stops them), 1 no daemon or no answer.
`;
