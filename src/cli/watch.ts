import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { loadEnvironment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { notifySettings } from '../notify/notify-settings.ts';
import { Redactor, secretsOf } from '../notify/redactor.ts';
import { WatchReader } from '../publish/watch-reader.ts';
import { watchText } from '../publish/watch-text.ts';
import { numberFlag } from './number-flag.ts';

/** Tries before a Redis that has never answered is called missing. */
const FIRST_TRIES = 20;
const TRY_MS = 100;

interface Flags {
  json?: boolean;
  once?: boolean;
  every: string;
  prefix?: string;
}

/** `qcm watch`: what a running daemon publishes in Redis. */
export function command(): Command {
  return new Command()
    .description('live prices, CVD, tags, betas, alerts and status from Redis')
    .option('--json', 'one JSON object a line instead of the table')
    .option('--once', 'read once and end')
    .option('--every <seconds>', 'pause between two readings', '1')
    .option('--prefix <prefix>', 'first part of the keys (default: QCM_REDIS_PREFIX, else qcm)')
    .addHelpText('after', HELP)
    .action((flags: Flags) => watch(flags));
}

const HELP = `
Reads only. The daemon publishes when REDIS_URL is set where it runs; set the same here. Keys and
values are described in docs/REDIS.md. A value that the daemon has not renewed expires, so what is
shown is never older than it looks; without a daemon it says so.

Examples:
  REDIS_URL=redis://127.0.0.1:6379 qcm watch
  REDIS_URL=redis://127.0.0.1:6379 qcm watch --json | jq .status.equity
  REDIS_URL=redis://127.0.0.1:6379 qcm watch --once

Exit codes: 0 done, 1 Redis does not answer, 2 wrong usage, 4 configuration refused, 130 interrupted.
`;

async function watch(flags: Flags): Promise<void> {
  const environment = loadEnvironment();
  const { redis } = notifySettings({
    redisUrl: environment.redisUrl,
    redisPrefix: flags.prefix ?? environment.redisPrefix,
  });
  if (redis === undefined) {
    const hint = 'set it to the Redis of the daemon, e.g. redis://127.0.0.1:6379';
    throw new AppError('CONFIG_NOTIFY', 'REDIS_URL is not set', hint);
  }
  const everyMs = numberFlag('--every', flags.every, { low: 0.1 }) * 1_000;
  let lastTrouble = 'no answer';
  const onTrouble = (why: string) => {
    lastTrouble = why;
  };
  const reader = new WatchReader({ ...redis, onTrouble });
  const abort = new AbortController();
  const onSignal = () => abort.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    let picture = await reader.read();
    for (let tries = 1; picture === undefined && tries < FIRST_TRIES; tries++) {
      await sleep(TRY_MS);
      picture = await reader.read();
    }
    if (picture === undefined) {
      const why = new Redactor(secretsOf(environment)).clean(lastTrouble);
      throw new AppError('STORE_REDIS', `Redis does not answer: ${why}`, 'is REDIS_URL right?');
    }
    show(picture, { flags, prefix: redis.prefix });
    while (flags.once !== true && !abort.signal.aborted) {
      await sleep(everyMs, undefined, { signal: abort.signal }).catch(() => {});
      if (abort.signal.aborted) break;
      show(await reader.read(), { flags, prefix: redis.prefix });
    }
  } finally {
    reader.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  if (abort.signal.aborted) process.exitCode = 130;
}

function show(
  picture: Awaited<ReturnType<WatchReader['read']>>,
  { flags, prefix }: { flags: Flags; prefix: string },
): void {
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(picture ?? { error: 'Redis does not answer' })}\n`);
    return;
  }
  const isScreen = process.stdout.isTTY && flags.once !== true;
  // Home, then clear to the end: no flicker, and what scrolled by stays.
  process.stdout.write(`${isScreen ? '\u001b[H\u001b[J' : ''}${watchText(picture, prefix)}`);
}
