import { expect, test } from 'vitest';
import type { EngineEvent } from '../engine/event.ts';
import type { WatchedSession } from '../metrics/account-gauges.ts';
import { SessionHealth } from './session-health.ts';

const BAR_MS = 180_000;

function rig() {
  const state = { nowMs: 1_000_000, isReady: true, isProtectOnly: false, hasSession: true };
  const session = () =>
    state.hasSession
      ? ({
          isReady: state.isReady,
          core: { dispatcher: { isProtectOnly: state.isProtectOnly } },
        } as unknown as WatchedSession)
      : undefined;
  const health = new SessionHealth({ session, nowMs: () => state.nowMs, barMs: BAR_MS });
  const hear = (event: object) =>
    health.onHandled({ seq: 1, atMs: state.nowMs, source: 'feed', event: event as EngineEvent });
  return { state, health, hear };
}

const bar = { kind: 'bar.closed', symbol: 'BTCUSDT', isWarmUp: false };

test('a market is silent after two bars and a minute, and warm-up is no market', () => {
  const { state, health, hear } = rig();
  hear(bar);
  state.nowMs += 2 * BAR_MS + 60_000;
  expect(health.trouble()).toBe(undefined);
  state.nowMs += 1_000;
  hear({ ...bar, isWarmUp: true });
  expect(health.trouble()).toBe('no market data for 421 s');
  hear({ kind: 'mark.changed', symbol: 'BTCUSDT' });
  expect(health.trouble()).toBe(undefined);
});

test('a start may take ten minutes, poisoned events and the end are trouble at once', () => {
  const { state, health } = rig();
  state.isReady = false;
  state.nowMs += 600_000;
  expect(health.trouble()).toBe(undefined);
  state.nowMs += 1;
  expect(health.trouble()).toBe('the session does not become ready');
  const other = rig();
  other.state.isProtectOnly = true;
  expect(other.health.trouble()).toBe('an event was poisoned: protecting only');
  other.health.onStopped();
  expect(other.health.trouble()).toBe('the session has stopped');
});
