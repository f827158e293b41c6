import type { AlertSink } from '../alert-dispatcher.ts';

/** The part of a pino logger that is used. */
export interface AlertLogger {
  info: (fields: object, phrase: string) => void;
}

/** Alerts as one structured log line each. */
export function logSink(logger: AlertLogger): AlertSink {
  return {
    name: 'log',
    send: async (alert) => {
      logger.info({ alert }, alert.isTest ? 'TEST alert' : 'alert');
      return { sink: 'log', isDelivered: true, detail: 'written to the log' };
    },
  };
}
