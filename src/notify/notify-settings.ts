import type { Environment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { NOTICE_LEVELS, type NoticeLevel } from './outbox.ts';
import { LOG_LEVELS, type LogLevel } from './process-log.ts';

const SECRET_CHARS_MIN = 16;
const TOKEN_SHAPE = /^\d{6,12}:[A-Za-z0-9_-]{30,}$/;

/** What is to be told to whom, checked. What is undefined is not configured. */
export interface NotifySettings {
  logLevel: LogLevel;
  /** Lowest level that people hear of. */
  level: NoticeLevel;
  telegram:
    | {
        token: string;
        chats: number[];
        users: number[];
        isReadOnly: boolean;
        apiRoot: string | undefined;
      }
    | undefined;
  webhook: { url: string; secret: string | undefined } | undefined;
  heartbeatUrl: string | undefined;
  metrics: { port: number; token: string } | undefined;
  redis: { url: string; prefix: string } | undefined;
}

/**
 * The settings of the environment. Values of secrets are never quoted.
 * @throws AppError CONFIG_NOTIFY naming the variable and what it should be
 */
export function notifySettings(environment: Partial<Environment>): NotifySettings {
  const { heartbeatUrl, webhookUrl, webhookSecret } = environment;
  checkAddress('QCM_HEARTBEAT_URL', heartbeatUrl, /^https?:$/);
  checkAddress('QCM_WEBHOOK_URL', webhookUrl, /^https?:$/);
  checkSecret('QCM_WEBHOOK_SECRET', webhookSecret);
  return {
    logLevel: wordOf('QCM_LOG_LEVEL', environment.logLevel, LOG_LEVELS, 'info'),
    level: wordOf('QCM_NOTIFY_LEVEL', environment.notifyLevel, NOTICE_LEVELS, 'warning'),
    telegram: telegramOf(environment),
    webhook: webhookUrl === undefined ? undefined : { url: webhookUrl, secret: webhookSecret },
    heartbeatUrl,
    metrics: metricsOf(environment),
    redis: redisOf(environment),
  };
}

function telegramOf(environment: Partial<Environment>): NotifySettings['telegram'] {
  const { telegramToken: token, telegramChat, telegramUsers, telegramApi } = environment;
  const chats = idsOf('QCM_TELEGRAM_CHAT', telegramChat);
  const users = idsOf('QCM_TELEGRAM_USERS', telegramUsers);
  const readOnly = environment.telegramReadOnly ?? '0';
  if (readOnly !== '0' && readOnly !== '1') refuse('QCM_TELEGRAM_READ_ONLY', 'is 0 or 1');
  checkAddress('QCM_TELEGRAM_API', telegramApi, /^https?:$/);
  if (token === undefined) {
    if (chats.length + users.length === 0) return undefined;
    return refuse('QCM_TELEGRAM_TOKEN', 'is missing, and a chat or user is set');
  }
  if (!TOKEN_SHAPE.test(token)) {
    refuse(
      'QCM_TELEGRAM_TOKEN',
      'is no bot token',
      '@BotFather gives it: digits, a colon, letters',
    );
  }
  if (chats.length === 0) {
    refuse('QCM_TELEGRAM_CHAT', 'is missing', 'docs/OPERATIONS.md says how to find the chat id');
  }
  if (users.some((id) => id <= 0))
    refuse('QCM_TELEGRAM_USERS', 'holds ids of users, not of groups');
  return { token, chats, users, isReadOnly: readOnly === '1', apiRoot: telegramApi };
}

function metricsOf({
  metricsPort,
  metricsToken: token,
}: Partial<Environment>): NotifySettings['metrics'] {
  checkSecret('QCM_METRICS_TOKEN', token);
  if (metricsPort === undefined) {
    if (token === undefined) return undefined;
    return refuse('QCM_METRICS_PORT', 'is missing, and the token is set', 'for instance 9464');
  }
  const port = Number(metricsPort);
  if (!/^\d+$/.test(metricsPort) || port > 65_535) {
    refuse('QCM_METRICS_PORT', `is a port, 1 to 65535 (0: any free one), not "${metricsPort}"`);
  }
  if (token === undefined) {
    const hint = 'for instance the output of: openssl rand -hex 32';
    return refuse('QCM_METRICS_TOKEN', 'is missing: metrics are not shown to everybody', hint);
  }
  return { port, token };
}

function redisOf({ redisUrl: url, redisPrefix }: Partial<Environment>): NotifySettings['redis'] {
  const prefix = redisPrefix ?? 'qcm';
  if (!/^[A-Za-z0-9_.-]{1,40}$/.test(prefix)) {
    refuse('QCM_REDIS_PREFIX', 'is at most 40 letters, digits, dots, - and _');
  }
  checkAddress('REDIS_URL', url, /^rediss?:$/);
  return url === undefined ? undefined : { url, prefix };
}

function idsOf(name: string, text: string | undefined): number[] {
  if (text === undefined) return [];
  return text.split(',').map((part) => {
    const id = Number(part.trim());
    if (Number.isSafeInteger(id) && id !== 0) return id;
    return refuse(name, `"${part.trim()}" is not an id such as 123456789`);
  });
}

function checkAddress(name: string, address: string | undefined, protocol: RegExp): void {
  if (address === undefined || protocol.test(URL.parse(address)?.protocol ?? '')) return;
  refuse(name, protocol.test('redis:') ? 'is no redis:// address' : 'is no http address');
}

function checkSecret(name: string, secret: string | undefined): void {
  if (secret === undefined || secret.length >= SECRET_CHARS_MIN) return;
  const hint = 'for instance the output of: openssl rand -hex 32';
  refuse(name, `has fewer than ${SECRET_CHARS_MIN} characters`, hint);
}

function wordOf<T extends string>(
  name: string,
  text: string | undefined,
  words: readonly T[],
  fallback: T,
): T {
  if (text === undefined) return fallback;
  const word = words.find((each) => each === text);
  return word ?? refuse(name, `is one of ${words.join(', ')}, not "${text}"`);
}

function refuse(name: string, why: string, hint?: string): never {
  throw new AppError('CONFIG_NOTIFY', `${name} ${why}`, hint);
}
