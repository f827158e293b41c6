import { expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent, Envelope, LatencyMeasured } from '../engine/event.ts';
import { Instrument } from '../engine/instrument.ts';
import { testSpecs } from '../exchanges/binance/testing/specs.ts';
import type { LineAnswer } from '../exchanges/binance/venue-line.ts';
import type { RestRequest } from '../exchanges/binance/venue-rest.ts';
import { VirtualTime } from '../live/virtual-time.ts';
import { LatencyWatch } from './latency-watch.ts';

const [SPEC] = testSpecs();
const OK: LineAnswer = { kind: 'ok', body: {} };
const HELD = {
  kind: 'failed',
  failure: { status: 429, code: -1003, message: '' },
} as unknown as LineAnswer;

function rig(options: { answerMs: () => number; answer?: LineAnswer; hasKeys?: boolean }) {
  const time = new VirtualTime(1_795_000_000_000);
  const told: LatencyMeasured[] = [];
  const sent: RestRequest[] = [];
  const instruments = new Map([[SPEC.symbol, new Instrument(SPEC)]]);
  const market = { valuation: () => 60_000 };
  const engine = { inspect: () => ({ kernel: { instruments, market } }) } as unknown as Engine;
  const watch = new LatencyWatch({
    time,
    line: {
      send: (request, _limits, done) => {
        sent.push(request);
        time.wake(time.nowMs() + options.answerMs(), () => done(options.answer ?? OK));
      },
    },
    deliver: (event) => void told.push(event),
    orders: options.hasKeys === true ? { symbol: SPEC.symbol, engine: () => engine } : undefined,
  });
  const handle = (event: EngineEvent) => {
    watch.onHandled({ seq: 1, atMs: time.nowMs(), source: 'session', event } as Envelope);
  };
  const runFor = (ms: number) => time.runTo(time.nowMs() + ms);
  return { time, told, sent, watch, handle, runFor };
}

test('nothing is asked before the session agrees, and nothing said under thirty samples', () => {
  const { told, sent, handle, runFor } = rig({ answerMs: () => 40 });
  runFor(60_000);
  expect(sent).toEqual([]);
  handle({ kind: 'session.reconciled' });
  runFor(295_000);
  expect(sent).toHaveLength(30);
  expect(told).toEqual([{ kind: 'latency.measured', p95Ms: Number.NaN, samples: 0 }]);
  runFor(10_000);
  expect(told.at(-1)).toEqual({ kind: 'latency.measured', p95Ms: 40, samples: 30 });
});

test('the 95th percent of ten minutes, and older samples are forgotten', () => {
  let slow = 3;
  const { told, handle, runFor } = rig({ answerMs: () => (slow-- > 0 ? 900 : 40) });
  handle({ kind: 'session.reconciled' });
  // Of 40 samples the 38th counts, which three slow ones reach.
  runFor(400_000);
  expect(told.at(-1)?.p95Ms).toBe(900);
  runFor(300_000);
  expect(told.at(-1)?.p95Ms).toBe(40);
});

test('with keys an order is tested too: twice the least that may be traded', () => {
  const { sent, handle, runFor } = rig({ answerMs: () => 40, hasKeys: true });
  handle({ kind: 'session.reconciled' });
  runFor(1_000);
  expect(sent.map(({ path }) => path)).toEqual(['time', 'order/test']);
  const { quantity } = sent[1].params;
  const least = Number(SPEC.minNotional);
  expect(Number(quantity) * 60_000).toBeGreaterThanOrEqual(2 * least);
});

test('orders count from sending to the first answer; what a limit holds back does not', () => {
  const { time, told, watch, handle, runFor } = rig({ answerMs: () => 1, answer: HELD });
  handle({ kind: 'session.reconciled' });
  for (let i = 0; i < 30; i++) {
    watch.onSent(`order-${i}`, time.nowMs());
    runFor(500);
    handle({ kind: 'order.accepted', orderId: `order-${i}`, venueId: String(i) });
    // A later fact of the same order says nothing about the way.
    handle({ kind: 'order.expired', orderId: `order-${i}` });
  }
  runFor(10_000);
  expect(told.at(-1)).toEqual({ kind: 'latency.measured', p95Ms: 500, samples: 30 });
});

test('a stop ends the probes', () => {
  const { sent, watch, handle, runFor } = rig({ answerMs: () => 1 });
  handle({ kind: 'session.reconciled' });
  watch.onStopped();
  runFor(60_000);
  expect(sent).toHaveLength(1);
});
