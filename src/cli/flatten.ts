import type { Command } from 'commander';
import type { FlattenQuestion, FlattenReport } from '../operator/operator.ts';
import { flattenText, questionText } from '../operator/status-text.ts';
import { askAndPrint, type DaemonFlags, DEFAULT_STATE, daemonCommand } from './daemon-command.ts';

interface Flags extends DaemonFlags {
  confirm?: string;
  reason?: string;
}

/** `qcm flatten`, then `qcm flatten --confirm CODE`. */
export function command(): Command {
  return daemonCommand('close everything, in two steps')
    .option('--confirm <code>', 'the code that qcm flatten printed')
    .option('--reason <text>', 'written into the journal')
    .addHelpText('after', HELP)
    .action(({ confirm, reason, ...flags }: Flags) =>
      confirm === undefined ? ask(flags) : flatten(flags, { code: confirm, reason }),
    );
}

const HELP = `
The first call closes nothing: it shows what would be closed and a code that is good for one minute
and one use. The second call stops entries, then closes every position of the daemon at market, hedge
legs with it, waits up to 15 s and says what is left. Entries stay off until qcm resume.

Positions and orders that are not the daemon's are never touched.

Examples:
  qcm flatten
  qcm flatten --confirm K7QAD --reason "exchange maintenance announced"

Exit codes: 0 shown, or flat; 1 not flat after 15 s, wrong code, or no daemon.
`;

async function ask(flags: DaemonFlags): Promise<void> {
  const state = flags.state === DEFAULT_STATE ? '' : ` --state ${flags.state}`;
  const text = (question: FlattenQuestion) =>
    `${questionText(question)}\n\nTo do it, within a minute:  ` +
    `qcm flatten --confirm ${question.code}${state}`;
  await askAndPrint<FlattenQuestion>(flags, { command: 'flatten' }, text);
}

async function flatten(flags: DaemonFlags, given: Record<string, unknown>): Promise<void> {
  const request = { command: 'flatten', arguments: given };
  const { isFlat } = await askAndPrint<FlattenReport>(flags, request, flattenText);
  if (!isFlat) process.exitCode = 1;
}
