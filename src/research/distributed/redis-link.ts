import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { AppError } from '../../engine/error.ts';

const CONNECT_MS = 5_000;

/**
 * How everything here connects: commands wait while Redis is away, and go on when it is back.
 * @throws AppError USAGE_REDIS for an address that is none
 */
export function redisOptions(url: string) {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The address may hold a password, so it is not repeated.
    throw new AppError('USAGE_REDIS', 'the address of Redis is not a URL', REDIS_HINT);
  }
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:') {
    throw new AppError('USAGE_REDIS', `"${parsed.protocol}" is not redis: or rediss:`, REDIS_HINT);
  }
  return {
    host: parsed.hostname,
    port: parsed.port === '' ? 6_379 : Number(parsed.port),
    username: parsed.username === '' ? undefined : decodeURIComponent(parsed.username),
    password: parsed.password === '' ? undefined : decodeURIComponent(parsed.password),
    db: parsed.pathname.length > 1 ? Number(parsed.pathname.slice(1)) : 0,
    tls: parsed.protocol === 'rediss:' ? {} : undefined,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt: number) => Math.min(100 * attempt, 1_000),
  };
}

const REDIS_HINT = 'write redis://host:6379, or set REDIS_URL';

/** Host and port, without the password. */
export function redisPlace(url: string): string {
  const { host, port } = redisOptions(url);
  return `${host}:${port}`;
}

/** A connection that has answered once. @throws AppError RESEARCH_REDIS when nobody answers */
export async function openRedis(url: string): Promise<Redis> {
  const redis = new Redis({ ...redisOptions(url), lazyConnect: true });
  let last = 'no answer';
  redis.on('error', (error: Error) => {
    last = error.message;
  });
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(last)), CONNECT_MS);
  });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), patience]);
    return redis;
  } catch (error) {
    redis.disconnect();
    const why = error instanceof Error && error.message !== '' ? error.message : last;
    throw new AppError(
      'RESEARCH_REDIS',
      `Redis at ${redisPlace(url)} does not answer: ${why}`,
      'start redis-server there, or correct --redis',
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Same program, same Node: only those give bit-identical results, so only those share a queue. */
export function queueName(codeVersion: string): string {
  const build = createHash('sha256').update(`${codeVersion} ${process.version}`).digest('hex');
  return `qcm-trials-${build.slice(0, 12)}`;
}
