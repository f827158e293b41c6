import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { codeVersion } from '../code-version.ts';
import { loadEnvironment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { QueueWorker } from '../research/distributed/queue-worker.ts';
import { redisPlace } from '../research/distributed/redis-link.ts';
import { numberFlag } from './number-flag.ts';

interface Flags {
  redis?: string;
  workers?: string;
  cache?: string;
}

/** `qcm worker`: one process of a search on many machines. */
export function command(): Command {
  return new Command()
    .description('try settings for a qcm optimise --distributed, until stopped')
    .option('--redis <url>', 'where the search puts its trials (default: REDIS_URL)')
    .option('--workers <n>', 'threads (default: cores)')
    .option(
      '--cache <folder>',
      'keeps shipped data by its hash (default: QCM_CACHE, else a temporary one)',
    )
    .addHelpText('after', HELP)
    .action((flags: Flags) => work(flags));
}

const HELP = `
Start one on each machine; they may come and go. The search ships its data once into Redis; each
worker fetches it once and keeps it. Trials of a worker that is lost are given to another. Only
workers with the same program and the same Node version get trials of a search, because only those
give bit-identical results; any other waits for a search of its own kind.
Ctrl-C finishes the trials at hand. Use a Redis of your own network, with a password: whoever can
write to it decides what the workers compute.

Example:
  qcm worker --redis redis://:password@research-host:6379
`;

/** @throws AppError USAGE_REDIS when there is none */
export function redisUrlOf(flag: string | undefined): string {
  const url = flag ?? loadEnvironment().redisUrl;
  if (url !== undefined) return url;
  throw new AppError(
    'USAGE_REDIS',
    'no Redis is named',
    'add --redis redis://host:6379, or set REDIS_URL',
  );
}

async function work(flags: Flags): Promise<void> {
  const url = redisUrlOf(flags.redis);
  const threads = numberFlag('--workers', flags.workers ?? String(availableParallelism()), {
    low: 1,
    high: 256,
    isWhole: true,
  });
  const cache = flags.cache ?? loadEnvironment().cacheFolder ?? join(tmpdir(), 'qcm-research');
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const worker = await QueueWorker.start({
    url,
    codeVersion: codeVersion(),
    threads,
    cacheFolder: cache,
    onNotice: say,
  });
  say(`waiting for trials at ${redisPlace(url)} with ${threads} threads as ${codeVersion()}`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  say('finishing the trials at hand');
  await worker.close();
  say(`${worker.trialsTried} trials tried`);
}
