import type { AlertRaise } from '../engine/effect.ts';
import type { AlertGuard, GuardVerdict } from './alert-guard.ts';
import { type AlertMessage, alertMessage } from './alert-message.ts';

/** How one sink fared with one message. */
export interface Delivery {
  sink: string;
  isDelivered: boolean;
  /** Why not, or where to; never a secret. */
  detail: string;
}

/** A place alerts go to. `send` never rejects: a failure is a delivery that says so. */
export interface AlertSink {
  readonly name: string;
  send: (message: AlertMessage) => Promise<Delivery>;
}

/**
 * Takes the engine's alert effects, holds back spam and hands the rest to every sink. `raise` is
 * synchronous and never throws: trading does not wait for a sink and does not fail with one.
 */
export class AlertDispatcher {
  private readonly sinks: readonly AlertSink[];
  private readonly guard: AlertGuard;
  private readonly onDelivery: (delivery: Delivery, message: AlertMessage) => void;
  private readonly underWay: Set<Promise<void>>;

  constructor(options: {
    sinks: readonly AlertSink[];
    guard: AlertGuard;
    /** Told about each outcome; failures belong into the log and the metrics. */
    onDelivery: (delivery: Delivery, message: AlertMessage) => void;
  }) {
    this.sinks = options.sinks;
    this.guard = options.guard;
    this.onDelivery = options.onDelivery;
    this.underWay = new Set();
  }

  raise(alert: AlertRaise, atMs: number): GuardVerdict {
    const verdict = this.guard.admit(alert, atMs);
    if (verdict !== 'pass') return verdict;
    const message = alertMessage(alert, { atMs });
    for (const sink of this.sinks) {
      const sending = deliver(sink, message).then((delivery) => this.onDelivery(delivery, message));
      this.underWay.add(sending);
      void sending.finally(() => this.underWay.delete(sending));
    }
    return verdict;
  }

  /** Resolves when nothing is under way any more; for a clean stop. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }
}

/** One message to one sink, with a sink that breaks its promise not to reject caught as well. */
export async function deliver(sink: AlertSink, message: AlertMessage): Promise<Delivery> {
  try {
    return await sink.send(message);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { sink: sink.name, isDelivered: false, detail: why };
  }
}
