import type { Command } from 'commander';
import { AppError, closestNames } from '../engine/error.ts';
import { COMMANDS, HELP_GROUPS } from './commands.ts';

/** Exit codes, one meaning each; `docs/ARCHITECTURE.md` lists them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  data: 3,
  config: 4,
  threshold: 5,
  interrupted: 130,
} as const;

/** Messages quote what they found, and files may hold anything. */
const MESSAGE_LENGTH_MAX = 2_000;

/** Runs one command line; never throws, returns the exit code. Only this file prints errors. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return EXIT.ok;
  }
  try {
    const entry = COMMANDS[name];
    if (entry === undefined) {
      const near = closestNames(name, Object.keys(COMMANDS));
      const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'see qcm --help';
      throw new AppError('USAGE_UNKNOWN_COMMAND', `unknown command "${name}"`, hint);
    }
    const command = (await entry.load()).command();
    await harden(command.name(`qcm ${name}`)).parseAsync(rest, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return report(error);
  }
}

/** Makes commander throw instead of exiting, on sub-commands too, so `report` speaks for all. */
function harden(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.showSuggestionAfterError(true);
  for (const child of command.commands) harden(child);
  return command;
}

function report(error: unknown): number {
  if (error instanceof AppError) {
    process.stderr.write(`error ${error.code}: ${error.message.slice(0, MESSAGE_LENGTH_MAX)}\n`);
    if (error.hint !== undefined) process.stderr.write(`hint: ${error.hint}\n`);
    if (error.code.startsWith('USAGE_')) return EXIT.usage;
    if (error.code.startsWith('DATA_')) return EXIT.data;
    if (error.code.startsWith('CONFIG_')) return EXIT.config;
    return EXIT.failure;
  }
  const thrown = error as { code?: string; exitCode?: number; message?: string; stack?: string };
  if (thrown.code?.startsWith('commander.')) {
    if (thrown.exitCode === 0) return EXIT.ok;
    process.stderr.write(
      `${thrown.message ?? 'wrong usage'}\nhint: add --help to see the options\n`,
    );
    return EXIT.usage;
  }
  // Not an expected failure: a defect. The stack is what a bug report needs.
  process.stderr.write(`unexpected error, please report it:\n${thrown.stack ?? String(error)}\n`);
  return EXIT.failure;
}

function overview(): string {
  const lines = ['qcm: signals, backtests and execution for Binance USD-M futures', ''];
  for (const group of HELP_GROUPS) {
    const names = Object.keys(COMMANDS).filter((name) => COMMANDS[name].group === group);
    if (names.length === 0) continue;
    lines.push(`${group}:`);
    for (const name of names) lines.push(`  ${name.padEnd(16)}${COMMANDS[name].summary}`);
    lines.push('');
  }
  lines.push('qcm <command> --help explains each one. Not financial advice.', '');
  return lines.join('\n');
}

process.exitCode = await main(process.argv.slice(2));
