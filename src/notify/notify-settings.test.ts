import { describe, expect, test } from 'vitest';
import type { Environment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { notifySettings } from './notify-settings.ts';

const TOKEN = '123456789:AAF-abcdefghijklmnopqrstuvwxyz01234';
const SECRET = 'sixteen or more characters';

test('nothing configured: a log, and nothing else', () => {
  expect(notifySettings({})).toEqual({
    logLevel: 'info',
    level: 'warning',
    telegram: undefined,
    webhook: undefined,
    heartbeatUrl: undefined,
    metrics: undefined,
    redis: undefined,
  });
});

test('lists of ids, flags and defaults are read', () => {
  const settings = notifySettings({
    telegramToken: TOKEN,
    telegramChat: '-1001234567890, 42',
    telegramUsers: '42,43',
    telegramReadOnly: '1',
    metricsPort: '9464',
    metricsToken: SECRET,
    redisUrl: 'rediss://:pw@host:6380/2',
    redisPrefix: 'paper-1',
  });
  expect(settings.telegram).toEqual({
    token: TOKEN,
    chats: [-1_001_234_567_890, 42],
    users: [42, 43],
    isReadOnly: true,
    apiRoot: undefined,
  });
  expect(settings.metrics).toEqual({ port: 9_464, token: SECRET });
  expect(settings.redis).toEqual({ url: 'rediss://:pw@host:6380/2', prefix: 'paper-1' });
});

describe('one clear message a mistake, without the value of a secret', () => {
  const cases: [Partial<Environment>, string][] = [
    [{ telegramToken: 'abc-secret' }, 'QCM_TELEGRAM_TOKEN is no bot token'],
    [{ telegramToken: TOKEN }, 'QCM_TELEGRAM_CHAT is missing'],
    [{ telegramChat: '42' }, 'QCM_TELEGRAM_TOKEN is missing, and a chat or user is set'],
    [{ telegramChat: '@me' }, 'QCM_TELEGRAM_CHAT "@me" is not an id such as 123456789'],
    [
      { telegramToken: TOKEN, telegramChat: '1', telegramUsers: '-5' },
      'QCM_TELEGRAM_USERS holds ids of users, not of groups',
    ],
    [{ telegramReadOnly: 'yes' }, 'QCM_TELEGRAM_READ_ONLY is 0 or 1'],
    [{ metricsPort: '9464' }, 'QCM_METRICS_TOKEN is missing: metrics are not shown to everybody'],
    [{ metricsToken: SECRET }, 'QCM_METRICS_PORT is missing, and the token is set'],
    [{ metricsToken: 'abc-secret' }, 'QCM_METRICS_TOKEN has fewer than 16 characters'],
    [
      { metricsPort: '99999', metricsToken: SECRET },
      'QCM_METRICS_PORT is a port, 1 to 65535 (0: any free one), not "99999"',
    ],
    [{ webhookUrl: 'ftp://abc-secret' }, 'QCM_WEBHOOK_URL is no http address'],
    [{ heartbeatUrl: 'abc-secret' }, 'QCM_HEARTBEAT_URL is no http address'],
    [{ redisUrl: 'abc-secret:6379' }, 'REDIS_URL is no redis:// address'],
    [{ redisPrefix: 'a b' }, 'QCM_REDIS_PREFIX is at most 40 letters, digits, dots, - and _'],
    [{ logLevel: 'loud' }, 'QCM_LOG_LEVEL is one of debug, info, warn, error, not "loud"'],
    [{ notifyLevel: 'all' }, 'QCM_NOTIFY_LEVEL is one of info, warning, alarm, not "all"'],
  ];
  test.each(cases)('%j', (environment, message) => {
    let caught: unknown;
    try {
      notifySettings(environment);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(AppError);
    const { code, message: said, hint } = caught as AppError;
    expect([code, said]).toEqual(['CONFIG_NOTIFY', message]);
    expect(`${said} ${hint}`).not.toContain('abc-secret');
  });
});
