import type { Environment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import type { AlertSink } from './alert-dispatcher.ts';
import { FileSink } from './sinks/file.ts';
import { HttpSink } from './sinks/http.ts';
import { type AlertLogger, logSink } from './sinks/log.ts';

/** Characters below which a secret can be guessed. */
const SECRET_CHARS_MIN = 16;

/**
 * Every sink the environment configures; the log is always one.
 * @throws AppError CONFIG_ALERT when the address is none, or stands without a usable secret
 */
export function configuredSinks(
  environment: Pick<Environment, 'alertUrl' | 'alertSecret' | 'alertFile'>,
  logger: AlertLogger,
): AlertSink[] {
  const { alertUrl: url, alertSecret: secret, alertFile: file } = environment;
  const sinks = [logSink(logger)];
  if (file !== undefined) sinks.push(new FileSink(file));
  if (url === undefined) return sinks;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new AppError('CONFIG_ALERT', 'QCM_ALERT_URL is not an http or https address');
  }
  if (secret === undefined || secret.length < SECRET_CHARS_MIN) {
    const hint = 'for instance the output of: openssl rand -hex 32';
    const text = `QCM_ALERT_URL needs QCM_ALERT_SECRET of at least ${SECRET_CHARS_MIN} characters`;
    throw new AppError('CONFIG_ALERT', text, hint);
  }
  sinks.push(new HttpSink({ url, secret }));
  return sinks;
}
