import type { Command } from 'commander';
import type { StatusReport } from '../operator/status-report.ts';
import { statusText } from '../operator/status-text.ts';
import { askAndPrint, type DaemonFlags, daemonCommand } from './daemon-command.ts';

interface Flags extends DaemonFlags {
  reason?: string;
}

/** `qcm pause`. */
export function command(): Command {
  return daemonCommand('no new entries; open trades go on')
    .option('--reason <text>', 'written into the journal')
    .addHelpText('after', HELP)
    .action(async ({ reason, ...flags }: Flags) => {
      const request = { command: 'pause', arguments: { reason } };
      await askAndPrint<StatusReport>(flags, request, statusText);
    });
}

const HELP = `
No new trade is opened until qcm resume, also after a restart. What is open keeps its stops, targets
and hedges and ends as it would have. An entry order that rests already may still fill.

Examples:
  qcm pause
  qcm pause --reason "maintenance of the VPS"

Exit codes: 0 paused, 1 no daemon or no answer.
`;
