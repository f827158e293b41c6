import { pino } from 'pino';
import { loadEnvironment } from '../config.ts';
import type { AlertRaise } from '../engine/effect.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { AlertDispatcher } from '../notify/alert-dispatcher.ts';
import { AlertGuard } from '../notify/alert-guard.ts';
import { configuredSinks } from '../notify/compose-sinks.ts';
import { redactedLogger } from '../notify/process-log.ts';
import { Redactor, secretsOf } from '../notify/redactor.ts';

export interface AlertSender {
  send: (alert: AlertRaise, atMs: number) => void;
  /** When everything that was sent has arrived or failed. */
  settled: () => Promise<void>;
}

/** Alerts to the sinks that the environment names. A sink that fails is told and hurts nothing. */
export function alertSender(signalMinutes: number): AlertSender {
  const environment = loadEnvironment();
  const redactor = new Redactor(secretsOf(environment));
  const stream = pino.destination({ fd: 2, sync: true });
  const logger = redactedLogger({ level: 'info', redactor, stream });
  const barMs = Math.max(1, signalMinutes) * MINUTE_MS;
  const dispatcher = new AlertDispatcher({
    sinks: configuredSinks(environment, logger),
    guard: new AlertGuard({ barMs, cooldownMs: 0 }),
    onDelivery: ({ sink, isDelivered, detail }) => {
      if (!isDelivered) logger.warn({ sink, detail }, 'alert not delivered');
    },
  });
  return {
    send: (alert, atMs) => void dispatcher.raise(alert, atMs),
    settled: () => dispatcher.settled(),
  };
}
