import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../engine/error.ts';

export interface VenueKeys {
  apiKey: string;
  secret: string;
}

const NAMES = { apiKey: 'QCM_BINANCE_KEY', secret: 'QCM_BINANCE_SECRET' } as const;
/** Read and write for the owner; anything more and others of this machine may read it. */
const OTHERS = 0o077;

/**
 * Keys from the environment, or from a file of `NAME=value` lines that only its owner can read. No
 * message of this file ever holds a value.
 * @throws AppError CONFIG_SECRETS when the file cannot be trusted, EXCHANGE_KEYS without keys
 */
export function readVenueKeys(environment: {
  binanceKey: string | undefined;
  binanceSecret: string | undefined;
  secretsFile: string | undefined;
}): VenueKeys {
  const { binanceKey, binanceSecret, secretsFile } = environment;
  const file = secretsFile === undefined ? new Map<string, string>() : readSecrets(secretsFile);
  const apiKey = binanceKey ?? file.get(NAMES.apiKey) ?? '';
  const secret = binanceSecret ?? file.get(NAMES.secret) ?? '';
  if (apiKey !== '' && secret !== '') return { apiKey, secret };
  const missing = apiKey === '' ? NAMES.apiKey : NAMES.secret;
  const hint = `set ${NAMES.apiKey} and ${NAMES.secret}, or QCM_SECRETS_FILE to a file with both`;
  throw new AppError('EXCHANGE_KEYS', `${missing} is not set`, hint);
}

function readSecrets(path: string): Map<string, string> {
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & OTHERS) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(3, '0');
      const why = `${path} has mode ${shown}: others can read it`;
      throw new AppError('CONFIG_SECRETS', why, `chmod 600 ${path}`);
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new AppError('CONFIG_SECRETS', `${path} cannot be read: ${code}`);
  }
  const values = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const found = /^(?:export\s+)?([A-Z0-9_]+)\s*=\s*(.*)$/.exec(trimmed);
    if (found === null) {
      throw new AppError('CONFIG_SECRETS', `${path} line ${index + 1} is not NAME=value`);
    }
    values.set(found[1], found[2].replace(/^(["'])(.*)\1$/, '$2'));
  }
  return values;
}
