import { readFileSync, statSync } from 'node:fs';
import { AppError } from './engine/error.ts';

const OTHERS = 0o077;

/** Why a file of secrets is not safe to read; undefined when only its owner can. */
export function secretsFileProblem(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return `${path} does not exist`;
  if (!found.isFile()) return `${path} is not a file`;
  const mode = (found.mode & 0o777).toString(8);
  if ((found.mode & OTHERS) !== 0) return `${path} has mode ${mode}: others can read it`;
  if (process.getuid !== undefined && found.uid !== process.getuid()) {
    return `${path} belongs to another user`;
  }
  return undefined;
}

/**
 * `NAME=value` lines, as a shell would take them; empty lines and lines with # are left out, quotes
 * around a value are taken off.
 * @throws AppError CONFIG_SECRETS
 */
export function readSecretsFile(path: string): Record<string, string> {
  const problem = secretsFileProblem(path);
  if (problem !== undefined) {
    throw new AppError('CONFIG_SECRETS', problem, `chmod 600 ${path}, owned by who runs this`);
  }
  const values: Record<string, string> = {};
  for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const found = /^(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*)$/.exec(text);
    // The line itself may be a secret: only its number is told.
    if (found === null) throw new AppError('CONFIG_SECRETS', `${path}:${i + 1} is not NAME=value`);
    values[found[1]] = found[2].replace(/^(["'])(.*)\1$/, '$2');
  }
  return values;
}
