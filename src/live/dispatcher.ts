import type { Effect, OperatorNotify, OrderSubmit } from '../engine/effect.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { ExchangePort } from '../engine/ports.ts';
import { isApproved } from '../engine/risk-gate.ts';
import type { StorePort } from '../store/buffered-store.ts';
import type { TimePort } from './ports.ts';
import type { ObserverList } from './session-observer.ts';

/** An entry decided longer ago than this is not sent any more. */
export const ENTRY_AGE_MAX_MS = 500;
/** Code of an `order.rejected` that the venue never saw: the request did not leave the process. */
export const WITHHELD_CODE = -1;

export interface DispatcherOptions {
  time: TimePort;
  store: StorePort;
  exchange: ExchangePort;
  /** Facts about requests that did not leave, as events. */
  tell: (event: EngineEvent) => void;
  /** Hears of each order right before it leaves. */
  onSubmit?: (request: OrderSubmit['request']) => void;
  /** Hears of effects when they have been carried out; must not throw. */
  observer?: Pick<ObserverList, 'onEffect' | 'onSent' | 'onAlert' | 'onNotify'>;
}

type Request = { orderId: string };

/**
 * Carries out effects in their order. Entries wait until everything that led to them is durable,
 * and are withheld when that takes too long; everything else leaves at once, whatever the disk
 * does. Only requests that the gate made are sent.
 */
export class Dispatcher {
  /** After a poisoned event: nothing may open a position any more. */
  isProtectOnly = false;
  /**
   * At a start, until the account has been read: the process before may have sent a hedge leg that
   * its journal does not know of, and nothing is hedged twice.
   */
  isHoldingLegs = false;
  /** Requests withheld so far, by reason. */
  readonly withheld: Record<string, number> = {};
  declare private readonly options: DispatcherOptions;
  /** Entries that wait for the disk. */
  private readonly waiting = new Map<string, OrderSubmit>();
  private isCommitDue = false;
  private readonly heldLegs = new Map<string, OrderSubmit>();

  constructor(options: DispatcherOptions) {
    this.options = options;
  }

  dispatch(effects: readonly Effect[], decidedMs: number): void {
    for (const effect of effects) this.carryOut(effect, decidedMs);
    const { observer } = this.options;
    if (observer === undefined) return;
    for (const effect of effects) observer.onEffect(effect, decidedMs);
  }

  private carryOut(effect: Effect, decidedMs: number): void {
    switch (effect.kind) {
      case 'order.submit':
        this.submit(effect, decidedMs);
        break;
      case 'order.cancel':
        this.cancel(effect);
        break;
      case 'order.amend':
        this.send('amend', effect, () => this.options.exchange.amend(effect));
        break;
      case 'order.query':
        this.send('query', effect, () => this.options.exchange.query(effect));
        break;
      case 'alert.raise':
        this.options.observer?.onAlert(effect, decidedMs);
        break;
      case 'operator.notify':
        this.notify(effect, decidedMs);
        break;
      // Timers are armed from the engine's own list; decisions are in the journal already;
      // advice is asked for by whoever reads the journal.
      case 'timer.set':
      case 'timer.clear':
      case 'decision.record':
      case 'advice.request':
        break;
    }
  }

  notify(notice: OperatorNotify, atMs: number): void {
    const { level, code, text } = notice;
    this.options.store.saveAlert({ atMs, level, code, text });
    this.options.observer?.onNotify(notice, atMs);
  }

  private submit(effect: OrderSubmit, decidedMs: number): void {
    const { request } = effect;
    const { role, orderId } = request;
    if (!isApproved(request)) return this.withhold(orderId, 'not approved by the gate');
    const opens = role === 'entry' || role === 'legEntry';
    if (opens && this.isProtectOnly) return this.withhold(orderId, 'protect and flatten only');
    if (role === 'legEntry' && this.isHoldingLegs) {
      this.heldLegs.set(orderId, effect);
      return;
    }
    if (role !== 'entry') {
      // The journal follows at once, so that little can be lost; the position is what matters.
      this.sendOrder(request);
      if (opens) this.commitSoon();
      return;
    }
    this.waiting.set(orderId, effect);
    this.options.store.commit((failure) => this.onDurable(effect, decidedMs, failure));
  }

  /** Once for all orders of the moment, and behind them: making its text takes as long as an order. */
  private commitSoon(): void {
    if (this.isCommitDue) return;
    this.isCommitDue = true;
    const { time, store } = this.options;
    time.wake(time.nowMs(), () => {
      this.isCommitDue = false;
      store.commit();
    });
  }

  /** The account is known; symbols with fills that nobody had told get no second order. */
  releaseLegs(filledSymbols: ReadonlySet<string>): void {
    this.isHoldingLegs = false;
    for (const [orderId, { request }] of this.heldLegs) {
      this.heldLegs.delete(orderId);
      if (filledSymbols.has(request.symbol)) this.withhold(orderId, 'filled before the start');
      else this.sendOrder(request);
    }
  }

  private onDurable(effect: OrderSubmit, decidedMs: number, failure: string | undefined): void {
    const { request } = effect;
    const { orderId } = request;
    if (!this.waiting.delete(orderId)) return;
    const { time } = this.options;
    const ageMs = (time.nowMs() - decidedMs) / (time.scale ?? 1);
    if (failure !== undefined) this.withhold(orderId, 'the journal is not durable');
    else if (this.isProtectOnly) this.withhold(orderId, 'protect and flatten only');
    else if (ageMs > ENTRY_AGE_MAX_MS) this.withhold(orderId, 'too old to be sent');
    else this.sendOrder(request);
  }

  private cancel(effect: Extract<Effect, { kind: 'order.cancel' }>): void {
    const { orderId } = effect;
    if (this.waiting.delete(orderId) || this.heldLegs.delete(orderId)) {
      // It has not left yet, so there is nothing to cancel at the venue.
      this.note(orderId, 'cancelled before it was sent');
      this.options.tell({ kind: 'order.cancelled', orderId });
      return;
    }
    this.send('cancel', effect, () => this.options.exchange.cancel(effect));
  }

  private sendOrder(request: OrderSubmit['request']): void {
    this.options.onSubmit?.(request);
    this.send('submit', request, () => this.options.exchange.submit(request));
    this.options.observer?.onSent(request.orderId, this.options.time.nowMs());
  }

  private send(
    action: 'submit' | 'amend' | 'cancel' | 'query',
    { orderId }: Request,
    call: () => void,
  ): void {
    const { store, time, tell } = this.options;
    try {
      call();
    } catch (error) {
      // Whether it left is not known; only the venue can tell.
      const why = error instanceof Error ? error.message : String(error);
      this.note(orderId, `the exchange port failed: ${why}`);
      const text = `${action} of ${orderId}: ${why}`;
      const notice = { level: 'alarm', code: 'EXCHANGE_PORT', text } as const;
      this.notify({ kind: 'operator.notify', ...notice }, time.nowMs());
      if (action === 'submit') tell({ kind: 'order.unknown', orderId, reason: why });
      return;
    }
    store.append({ type: 'sent', atMs: time.nowMs(), action, orderId });
  }

  private withhold(orderId: string, reason: string): void {
    this.note(orderId, reason);
    this.options.tell({ kind: 'order.rejected', orderId, code: WITHHELD_CODE, reason });
  }

  private note(orderId: string, reason: string): void {
    const { store, time } = this.options;
    this.withheld[reason] = (this.withheld[reason] ?? 0) + 1;
    store.append({ type: 'withheld', atMs: time.nowMs(), orderId, reason });
  }
}
