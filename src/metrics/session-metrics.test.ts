import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rulesOfPreset } from '../compose-rules.ts';
import type { Effect } from '../engine/effect.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { OrderRequest } from '../engine/order.ts';
import { decodeRecord, type JournalRecord } from '../store/journal-record.ts';
import { openForReading } from '../store/open-store.ts';
import { BreakerProbe } from './breaker-probe.ts';
import { MetricsServer } from './metrics-server.ts';
import { OrderTiming } from './order-timing.ts';
import { SessionMetrics } from './session-metrics.ts';
import { PAPER_CONFIG, type PaperFixture, paperFixture } from './testing/paper-fixture.ts';

const DASHBOARD = new URL('../../deploy/grafana/qcm.json', import.meta.url);
const RULES = new URL('../../deploy/prometheus/qcm-alerts.yml', import.meta.url);
const TOKEN = 'a token of the tests only';
const context = {
  mainSymbol: 'BTCUSDT',
  symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
  finestTimeframeMs: 180_000,
  signalTimeframeMs: 180_000,
  calendar: [],
  equityStopOnBreach: 'observe' as const,
};

let paper: PaperFixture;
let records: JournalRecord[];
const probe = new BreakerProbe({
  rules: rulesOfPreset(PAPER_CONFIG, context),
  symbol: 'BTCUSDT',
  riskPercent: 0.75,
});
const metrics: SessionMetrics = new SessionMetrics({
  session: () => paper?.session,
  version: '1.2.3',
  breakers: probe,
  journalBytes: async () => 4_096,
  outlets: () => [{ outlet: 'telegram', counts: { sent: 3, dropped: 1 }, waiting: 2 }],
  nowMs: () => paper.nowMs() + 5_000,
});

beforeAll(async () => {
  paper = paperFixture({ observers: [metrics], days: 10 });
  paper.play();
  await new Promise<void>((resolve) => paper.session.stop(resolve));
  const db = openForReading(paper.folder);
  const rows = db.prepare('SELECT text FROM journal ORDER BY batch').all();
  records = rows.flatMap(({ text }) => String(text).split('\n')).flatMap(recordOf);
  db.close();
});
afterAll(() => paper.opened.lock.release());

function recordOf(line: string): JournalRecord[] {
  return line === '' ? [] : [decodeRecord(line)];
}

/** Sum of a metric over the labels that are not given. */
async function value(name: string, labels: Record<string, string> = {}): Promise<number> {
  const found = await metrics.registry.getMetricsAsJSON();
  const metric = found.find((each) => name === each.name || name.startsWith(`${each.name}_`));
  let sum = 0;
  for (const each of metric?.values ?? []) {
    const entry = each as { metricName?: string; labels: Record<string, string>; value: number };
    if ((entry.metricName ?? metric?.name) !== name) continue;
    if (Object.entries(labels).every(([key, text]) => entry.labels[key] === text)) {
      sum += entry.value;
    }
  }
  return sum;
}

const events = () => records.flatMap((each) => (each.type === 'event' ? [each.envelope] : []));
const effects = () => records.flatMap((each) => (each.type === 'effects' ? each.effects : []));

describe('the metrics of a paper session agree with its journal', () => {
  test('events, decisions, orders and fills', async () => {
    expect(await value('qcm_events_total')).toBe(events().length);
    expect(await value('qcm_journal_sequence')).toBe(events().at(-1)?.seq);
    const decisions = effects().filter(({ kind }) => kind === 'decision.record');
    expect(decisions.length).toBeGreaterThan(10);
    expect(await value('qcm_decisions_total')).toBe(decisions.length);
    const planned = effects().flatMap((each) => (each.kind === 'order.submit' ? [each] : []));
    expect(await value('qcm_orders_total', { outcome: 'planned' })).toBe(planned.length);
    const stops = planned.filter(({ request }) => request.role === 'stop');
    expect(await value('qcm_orders_total', { outcome: 'planned', role: 'stop' })).toBe(
      stops.length,
    );
    const fills = events().filter(({ event }) => event.kind === 'order.filled');
    expect(fills.length).toBeGreaterThan(10);
    expect(await value('qcm_fills_total')).toBe(fills.length);
    expect(await value('qcm_fills_total', { role: 'foreign' })).toBe(0);
  });

  test('every declined signal has the rule that declined it', async () => {
    const declined = effects().filter(
      (each) => each.kind === 'decision.record' && each.decision.startsWith('declined'),
    );
    expect(await value('qcm_refusals_total')).toBe(declined.length);
    const byRule = paper.session.core.engine.inspect().kernel.gate.refusals;
    expect(await value('qcm_refusals_total', { rule: 'costGate' })).toBe(byRule.costGate ?? 0);
  });

  test('every opened position was covered, and how fast', async () => {
    expect(await value('qcm_protection_latency_seconds_count')).toBeGreaterThan(3);
    expect(await value('qcm_uncovered_positions')).toBe(0);
    const mean =
      (await value('qcm_protection_latency_seconds_sum')) /
      (await value('qcm_protection_latency_seconds_count'));
    // The simulated exchange answers after its 100 ms.
    expect(mean).toBeGreaterThan(0.04);
    expect(mean).toBeLessThan(0.3);
  });

  test('orders are timed from decision over disk to answer', async () => {
    const accepted = await value('qcm_orders_total', { outcome: 'accepted' });
    const planned = await value('qcm_orders_total', { outcome: 'planned' });
    const count = (stage: string) => value('qcm_latency_seconds_count', { stage });
    expect(await count('planned_to_sent')).toBe(planned);
    expect(await count('sent_to_accepted')).toBe(accepted);
    const seconds = await value('qcm_latency_seconds_sum', { stage: 'sent_to_accepted' });
    // 50 ms there and 50 ms back at the simulated exchange.
    expect(seconds / accepted).toBeCloseTo(0.1, 2);
  });

  test('account, memory, ages', async () => {
    const { engine } = paper.session.core;
    expect(await value('qcm_equity_quote')).toBe(engine.equity());
    expect(await value('qcm_closed_trades')).toBe(engine.riskView().closedTrades);
    expect(await value('qcm_stream_age_seconds', { stream: 'bars', symbol: 'BTCUSDT' })).toBe(5);
    expect(await value('qcm_memory_bytes', { kind: 'rss' })).toBeGreaterThan(30e6);
    expect(await value('qcm_outlet_messages_total', { outcome: 'sent' })).toBe(3);
    // Reading twice must not count twice.
    expect(await value('qcm_outlet_messages_total', { outcome: 'sent' })).toBe(3);
    expect(await value('qcm_latency_seconds_count', { stage: 'bar_close_to_event' })).toBe(
      events().filter(({ event }) => event.kind === 'bar.closed' && !event.isWarmUp).length,
    );
  });
});

describe('the breaker probe', () => {
  test('asks a copy: the engine decides as if nobody had asked', () => {
    const { engine } = paper.session.core;
    const before = JSON.stringify(engine.inspect().kernel.gate.save());
    const states = probe.read(engine);
    expect(states).toHaveLength(20);
    expect(JSON.stringify(engine.inspect().kernel.gate.save())).toBe(before);
  });

  test('knows what the rules have learned', () => {
    const { engine } = paper.session.core;
    const { kernel } = engine.inspect();
    const saved = structuredClone(kernel.gate.save()) as {
      rules: { id: string; state: unknown }[];
    };
    const day = Math.floor(engine.riskView().nowMs / 86_400_000);
    const rules = saved.rules.map((each) =>
      each.id === 'circuitBreaker' ? { ...each, state: day } : each,
    );
    const tripped = { ...kernel, gate: { save: () => ({ ...saved, rules }) } };
    const states = probe.read({
      inspect: () => ({ ...engine.inspect(), kernel: tripped as never }),
      riskView: () => engine.riskView(),
    });
    const breaker = states.filter(({ rule }) => rule === 'circuitBreaker');
    expect(breaker.map(({ outcome }) => outcome)).toEqual(['flatten', 'flatten']);
  });
});

describe('the metrics server', () => {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  let trouble: string | undefined;
  const open = (port: number, more: object = {}) =>
    new MetricsServer({
      port,
      token: TOKEN,
      registry: metrics.registry,
      trouble: () => trouble,
      logger,
      ...more,
    });

  test('shows nothing without the token, everything with it, and health to all', async () => {
    const server = open(0);
    server.start();
    await until(() => server.port !== undefined);
    const get = (path: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${server.port}${path}`, { headers });
    for (const path of ['/metrics', '/metrics?token=wrong', '/metrics?token=']) {
      const refused = await get(path);
      expect(refused.status).toBe(401);
      expect(await refused.text()).not.toContain('qcm_');
    }
    for (const answer of [
      await get(`/metrics?token=${encodeURIComponent(TOKEN)}`),
      await get('/metrics', { authorization: `Bearer ${TOKEN}` }),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
      const text = await answer.text();
      expect(text).toContain('qcm_build_info{version="1.2.3",mode="paper"} 1');
      expect(text).toMatch(/qcm_breaker_state\{rule="circuitBreaker",side="long"\} [0-3]/);
    }
    expect((await get('/healthz')).status).toBe(200);
    trouble = 'no market data for 90 s';
    const ill = await get('/healthz');
    expect([ill.status, await ill.text()]).toEqual([503, 'no market data for 90 s\n']);
    expect((await get('/')).status).toBe(404);
    await server.stop();
  });

  test('waits for a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const said: string[] = [];
    const error = (fields: object) => void said.push((fields as { why: string }).why);
    const server = open(port, { retryMs: 10, logger: { ...logger, error } });
    server.start();
    await until(() => said.length > 1);
    expect(said[0]).toBe('EADDRINUSE');
    other.close();
    await until(() => server.port === port);
    await server.stop();
  });
});

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !isDone(); i++) await sleep(5);
  expect(isDone()).toBe(true);
}

describe('protection latency', () => {
  const protectedAfter: number[] = [];
  const timing = () =>
    new OrderTiming({
      onOutcome: () => {},
      onFill: () => {},
      onStage: () => {},
      onProtected: (seconds) => protectedAfter.push(seconds),
    });
  const submit = (orderId: string, role: OrderRequest['role']): Effect => {
    const request = { orderId, role, tradeId: 't', symbol: 'BTCUSDT' };
    return { kind: 'order.submit', request } as unknown as Effect;
  };
  const fill = { kind: 'order.filled', orderId: 'e1', origin: 'own' } as unknown as EngineEvent;
  const accepted = (orderId: string): EngineEvent => ({
    kind: 'order.accepted',
    orderId,
    venueId: '',
  });
  const rejected = (orderId: string): EngineEvent => ({
    kind: 'order.rejected',
    orderId,
    code: -2021,
    reason: '',
  });

  test('counts from the fill over a stop that was refused to the one that holds', () => {
    protectedAfter.length = 0;
    const each = timing();
    each.onEffect(submit('e1', 'entry'), 0);
    // Effects of the fill's event are told before the event.
    each.onEffect(submit('s1', 'stop'), 1_000);
    each.onEvent(fill, 1_000);
    expect(each.uncovered).toBe(1);
    each.onEvent(rejected('s1'), 1_100);
    expect(each.uncovered).toBe(1);
    each.onEffect(submit('s2', 'stop'), 1_100);
    each.onEvent(accepted('s2'), 1_400);
    expect(protectedAfter).toEqual([0.4]);
    expect(each.uncovered).toBe(0);
    // A stop that only trails covers no new fill.
    each.onEffect(submit('s3', 'stop'), 9_000);
    each.onEvent(accepted('s3'), 9_500);
    expect(protectedAfter).toEqual([0.4]);
  });

  test('a position that is closed without a stop is not waited for', () => {
    const each = timing();
    each.onEffect(submit('e1', 'entry'), 0);
    each.onEvent(fill, 1_000);
    expect(each.uncovered).toBe(1);
    const closed = { kind: 'decision.record', decision: 'closed', tradeId: 't' };
    each.onEffect(closed as unknown as Effect, 2_000);
    expect(each.uncovered).toBe(0);
  });
});

describe('the Grafana dashboard', () => {
  interface Panel {
    title: string;
    targets?: { expr: string }[];
    panels?: Panel[];
  }
  const names = (expr: string) =>
    [...expr.matchAll(/\bqcm_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));
  const dashboard = () => JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: Panel[] };
  const expressions = () =>
    dashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  test('asks only for metrics that exist, and shows every one of them', () => {
    const known = metrics.registry.getMetricsAsArray().map(({ name }) => name);
    const shown = new Set(expressions().flatMap(names));
    expect([...shown].filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !shown.has(name))).toEqual([]);
  });

  test('and the alert rules ask only for metrics that exist', () => {
    const known = metrics.registry.getMetricsAsArray().map(({ name }) => name);
    const rules = readFileSync(RULES, 'utf8').match(/^ +expr: .+$/gm) ?? [];
    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules) {
      for (const name of names(rule)) expect([rule, known.includes(name)]).toEqual([rule, true]);
    }
  });

  test('asks only for labels that the metric has', async () => {
    const labels = new Map<string, Set<string>>();
    for (const { name, values } of await metrics.registry.getMetricsAsJSON()) {
      labels.set(name, new Set(values.flatMap((each) => Object.keys(each.labels))));
    }
    for (const expr of expressions()) {
      for (const [, name, inside] of expr.matchAll(/\b(qcm_\w+?)(?:_bucket)?\{([^}]*)\}/g)) {
        for (const [, label] of inside.matchAll(/(\w+)\s*(?:=|!=|=~|!~)\s*"/g)) {
          if (label === 'instance' || label === 'job') continue;
          expect([name, label, labels.get(name)?.has(label)]).toEqual([name, label, true]);
        }
      }
    }
  });
});
