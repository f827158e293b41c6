import type { AlertRaise, Effect, OperatorNotify } from '../engine/effect.ts';
import type { Envelope } from '../engine/event.ts';

/**
 * Somebody who watches a session: messages, metrics, the operator's socket. Observers hear of what
 * has been done already and can only read (`session.core.engine.inspect()`); what they want changed
 * they deliver as an event like everybody else.
 */
export interface SessionObserver {
  /** After an event was handled and its effects were carried out. */
  onHandled?(envelope: Envelope): void;
  /** Each effect, in order, after all of its event have left. */
  onEffect?(effect: Effect, atMs: number): void;
  /** An order has left the process; an entry has waited for the disk before. */
  onSent?(orderId: string, atMs: number): void;
  onAlert?(alert: AlertRaise, atMs: number): void;
  onNotify?(notice: OperatorNotify, atMs: number): void;
  /** Store closed, nothing follows. */
  onStopped?(): void;
}

/** Tells all observers; one that throws is counted and told of once, and hurts nobody else. */
export class ObserverList implements Required<SessionObserver> {
  /** Calls that threw. */
  failures = 0;
  declare private readonly observers: readonly SessionObserver[];
  declare private readonly onFailure: (text: string) => void;
  private readonly failed = new Set<SessionObserver>();

  constructor(observers: readonly SessionObserver[], onFailure: (text: string) => void) {
    this.observers = observers;
    this.onFailure = onFailure;
  }

  onHandled(envelope: Envelope): void {
    this.tell((observer) => observer.onHandled?.(envelope));
  }

  onEffect(effect: Effect, atMs: number): void {
    this.tell((observer) => observer.onEffect?.(effect, atMs));
  }

  onSent(orderId: string, atMs: number): void {
    this.tell((observer) => observer.onSent?.(orderId, atMs));
  }

  onAlert(alert: AlertRaise, atMs: number): void {
    this.tell((observer) => observer.onAlert?.(alert, atMs));
  }

  onNotify(notice: OperatorNotify, atMs: number): void {
    this.tell((observer) => observer.onNotify?.(notice, atMs));
  }

  onStopped(): void {
    this.tell((observer) => observer.onStopped?.());
  }

  private tell(call: (observer: SessionObserver) => void): void {
    for (const observer of this.observers) {
      try {
        call(observer);
      } catch (error) {
        this.failures++;
        if (this.failed.has(observer)) continue;
        // Marked first: the notice about it goes to the same observers.
        this.failed.add(observer);
        this.onFailure(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
