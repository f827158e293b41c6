import { join } from 'node:path';
import { Command } from 'commander';
import { askDaemon } from '../operator/control-client.ts';

export interface DaemonFlags {
  state: string;
  json?: boolean;
}

export const DEFAULT_STATE = join('state', 'paper');

/** A command that asks the running daemon: `--state` and `--json` are the same everywhere. */
export function daemonCommand(description: string): Command {
  return new Command()
    .description(description)
    .option('--state <folder>', 'state folder of the daemon', DEFAULT_STATE)
    .option('--json', 'print the answer as JSON');
}

/** Asks, then prints JSON or what `text` makes of it. */
export async function askAndPrint<T>(
  flags: DaemonFlags,
  request: { command: string; arguments?: Record<string, unknown> },
  text: (result: T) => string,
): Promise<T> {
  const { command, arguments: given = {} } = request;
  const result = (await askDaemon(flags.state, { command, arguments: given })) as T;
  const shown = flags.json === true ? JSON.stringify(result, null, 2) : text(result);
  process.stdout.write(`${shown}\n`);
  return result;
}
