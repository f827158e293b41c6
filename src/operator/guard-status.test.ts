import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { composeEngine } from '../compose-live.ts';
import { loadConfig } from '../config.ts';
import { testSession } from '../engine/testing/engine-fixture.ts';
import { GuardReader } from './guard-status.ts';
import { guardText } from './guard-text.ts';

const START_MS = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
const { config } = loadConfig({ ignoreFile: true, env: {}, sets: ['account.capital=5000'] });
const kept = {
  config,
  tickSize: 0.1,
  legSymbols: ['ETHUSDT', 'SOLUSDT'],
  signalTimeframeMs: 180_000,
  finestTimeframeMs: 180_000,
  events: [{ atMs: START_MS + 10 * MINUTE_MS, name: 'CPI' }],
  equityStopOnBreach: 'latch' as const,
};

function begun(leverage = 5) {
  const engine = composeEngine(kept);
  const tell = (event: never, seq: number) =>
    engine.handle({ seq, atMs: START_MS, source: 'session', event });
  tell(testSession({ mode: 'paper', leverage }) as never, 1);
  const lose = (equity: number) =>
    tell({ kind: 'account.reported', cashUnits: equity * 1e8, transferUnits: 0 } as never, 2);
  return { engine, lose };
}

test('a fresh account: room to the equity stop, first step of the ramp, release ahead', () => {
  const { engine } = begun();
  const guards = new GuardReader(kept).read(engine);
  const r = (config.risk.perTradePercent / 100) * 10_000;
  expect(guards.day.pnlR).toBe(0);
  expect(guards.equityStop.floor).toBeCloseTo(10_000 - config.risk.equityStopLimit * r, 6);
  expect(guards.ramp).toEqual({ leverage: 5, allowed: 5, closedTrades: 0, nextAtTrades: 50 });
  expect(guards.latencyP95Ms).toBe(null);
  expect(guards.capital).toBe(5_000);
  expect(guards.calendar).toMatchObject({ next: 'next release CPI', isBlocking: true });
  expect(guards.breakers.map(({ rule }) => rule)).toContain('eventGuard');
});

test('a lost day trips the breaker here, and asking leaves the rules of the engine as they were', () => {
  const { engine, lose } = begun();
  lose(9_700);
  const gate = () => createHash('sha256').update(JSON.stringify(engine.gate.save())).digest('hex');
  const before = gate();
  const guards = new GuardReader(kept).read(engine);
  expect(gate()).toBe(before);
  expect(guards.day.pnlR).toBeLessThan(-3);
  const breaker = guards.breakers.find(({ rule }) => rule === 'circuitBreaker');
  expect(breaker).toMatchObject({ outcome: 'flatten' });
  expect(guardText(guards).join('\n')).toContain('breaker   circuitBreaker');
});

test('the text names every guard on a line of its own', () => {
  const text = guardText(new GuardReader(kept).read(begun().engine));
  for (const name of ['day', 'peak', 'ramp', 'latency', 'calendar', 'capital']) {
    expect(text.some((line) => line.startsWith(name))).toBe(true);
  }
});
