import type { Engine } from '../engine/engine.ts';
import type { LatencyMeasured } from '../engine/event.ts';
import { fromCash } from '../engine/money.ts';
import type { LineAnswer, VenueLine } from '../exchanges/binance/venue-line.ts';
import type { EdgeTime, RestRequest } from '../exchanges/binance/venue-rest.ts';
import type { SessionObserver } from '../live/session-observer.ts';

const PROBE_MS = 10_000;
const WINDOW_MS = 600_000;
/** Under so many samples nothing is said: the guard is silent then (decision 42). */
export const SAMPLES_MIN = 30;
/** A probe without an answer counts as one that took so long. */
const TIMEOUT_MS = 5_000;
/** Orders that were sent and not answered yet; a stuck one is forgotten, the probes tell of it. */
const WAITING_MAX = 100;
/** Twice the least, so that a move of the price between quote and check does not matter. */
const TEST_NOTIONAL_FACTOR = 2;

export interface LatencyWatchOptions {
  line: Pick<VenueLine, 'send'>;
  time: EdgeTime;
  deliver: (event: LatencyMeasured) => void;
  /** Orders can be tested there (`order/test` checks one and makes none); paper has no keys. */
  orders?: { symbol: string; engine: () => Engine };
}

interface Sample {
  atMs: number;
  ms: number;
}

/**
 * How long the venue takes to answer: each ten seconds, from the first agreement on, a probe of its
 * clock and, with keys, of an order that is only tested; besides, every real order from sending to
 * its first answer. The 95th percent of the last ten minutes goes to the engine as an event, so that
 * a replay has it too.
 */
export class LatencyWatch implements SessionObserver {
  declare private readonly options: LatencyWatchOptions;
  private readonly samples: Sample[] = [];
  private readonly sentMs = new Map<string, number>();
  private wakeUp: { cancel(): void } | undefined;
  private said: LatencyMeasured | undefined;

  constructor(options: LatencyWatchOptions) {
    this.options = options;
  }

  onStopped(): void {
    this.wakeUp?.cancel();
  }

  private look(): void {
    const { time } = this.options;
    this.probe({ method: 'GET', api: 'fapiPublic', path: 'time', params: {}, recvWindowMs: 5_000 });
    const test = this.testOrder();
    if (test !== undefined) this.probe(test);
    this.tell();
    this.wakeUp = time.wake(time.nowMs() + PROBE_MS, () => this.look());
  }

  onSent(orderId: string, atMs: number): void {
    if (this.sentMs.size < WAITING_MAX) this.sentMs.set(orderId, atMs);
  }

  onHandled({ event, atMs }: Parameters<Required<SessionObserver>['onHandled']>[0]): void {
    // Earlier the process is busy with the history, and would measure itself.
    if (event.kind === 'session.reconciled' && this.wakeUp === undefined) this.look();
    if (!('orderId' in event) || event.kind === 'order.unknown') return;
    const sentMs = this.sentMs.get(event.orderId);
    if (sentMs === undefined) return;
    this.sentMs.delete(event.orderId);
    this.add(atMs - sentMs);
  }

  private probe(request: RestRequest): void {
    const { line, time } = this.options;
    const sentMs = time.nowMs();
    const onAnswer = (answer: LineAnswer) => {
      // Held back or turned away by a limit says nothing about the way there and back.
      if (
        answer.kind === 'failed' &&
        (answer.failure.status === 429 || answer.failure.status === 418)
      ) {
        return;
      }
      this.add(time.nowMs() - sentMs);
    };
    const timeoutMs = TIMEOUT_MS * (time.scale ?? 1);
    line.send(request, { urgency: 'report', timeoutMs }, onAnswer);
  }

  /** @param ms of the session's clock, which runs faster in rehearsals */
  private add(ms: number): void {
    const { time } = this.options;
    this.samples.push({ atMs: time.nowMs(), ms: Math.max(0, ms) / (time.scale ?? 1) });
  }

  private tell(): void {
    const { time, deliver } = this.options;
    const fromMs = time.nowMs() - WINDOW_MS;
    while (this.samples.length > 0 && this.samples[0].atMs < fromMs) this.samples.shift();
    const samples = this.samples.length;
    const sorted = this.samples.map(({ ms }) => ms).sort((a, b) => a - b);
    const p95Ms = samples < SAMPLES_MIN ? Number.NaN : sorted[Math.ceil(samples * 0.95) - 1];
    const event: LatencyMeasured = { kind: 'latency.measured', p95Ms, samples };
    // The first is told even when it knows nothing: what a snapshot remembers is of another time.
    if (this.said !== undefined && Object.is(this.said.p95Ms, p95Ms)) return;
    this.said = event;
    deliver(event);
  }

  private testOrder(): RestRequest | undefined {
    const { orders } = this.options;
    if (orders === undefined) return undefined;
    const { symbol } = orders;
    const { kernel } = orders.engine().inspect();
    const price = kernel.market.valuation(symbol);
    const instrument = kernel.instruments.get(symbol);
    if (instrument === undefined || !(price > 0)) return undefined;
    const notional = fromCash(instrument.minNotionalUnits) * TEST_NOTIONAL_FACTOR;
    const quantity = instrument.formatLots(instrument.toLots(notional / price, 'up'));
    const params = { symbol, side: 'BUY', type: 'MARKET', quantity };
    return { method: 'POST', api: 'fapiPrivate', path: 'order/test', params, recvWindowMs: 5_000 };
  }
}
