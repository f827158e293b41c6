import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import type { PreflightContext } from '../daemon/account-checks.ts';
import { ruleOf } from '../exchanges/binance/error-table.ts';
import type { VenueLine } from '../exchanges/binance/venue-line.ts';
import { Gateway } from '../exchanges/fake-binance/gateway.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { daemonPreflight } from './daemon-preflight.ts';
import { GatewayRest } from './testing/gateway-rest.ts';

const START_MS = Date.UTC(2026, 10, 20, 12);
const KEYS = { apiKey: 'test-key', secret: 'test-secret' };
const { config } = loadConfig({ ignoreFile: true, env: {} });
const events = ['CPI', 'PPI', 'NFP', 'FOMC'].map((name) => ({ atMs: START_MS * 2, name }));

function start(options: { isCarryingPositions: boolean; isHedged: boolean }) {
  const gateway = new Gateway({ ...KEYS, balance: 10_000, startTime: START_MS });
  gateway.venue.account.hedgeMode = options.isHedged;
  const rest = new GatewayRest(gateway, KEYS);
  const line: Pick<VenueLine, 'send'> = {
    send: (request, _, done) =>
      rest.send(request, (answer) => {
        if (answer.kind === 'ok') done({ kind: 'ok', body: answer.body });
        else done({ kind: 'failed', failure: answer.failure, rule: ruleOf(answer.failure) });
      }),
  };
  const notices: string[] = [];
  const pauses: string[] = [];
  const check = daemonPreflight({
    config,
    stateFolder: stateFolder(),
    env: { QCM_BINANCE_KEY: 'x' },
    execArgv: [],
    calendar: { events, paths: [] },
    nowMs: () => START_MS,
    more: [],
    isCarryingPositions: options.isCarryingPositions,
    onPause: (reason) => pauses.push(reason),
  });
  const context: PreflightContext = {
    mode: 'live',
    line: line as VenueLine,
    measureClock: async () => 0,
    checkClock: () => {},
    symbols: ['BTCUSDT'],
    notice: (level, code) => notices.push(`${level} ${code}`),
  };
  return { done: check(context), notices, pauses };
}

test('a sound account starts without a word', async () => {
  const { done, notices, pauses } = start({ isCarryingPositions: false, isHedged: false });
  await done;
  expect([notices, pauses]).toEqual([[], []]);
});

test('red refuses a start that holds nothing', async () => {
  const { done } = start({ isCarryingPositions: false, isHedged: true });
  await expect(done).rejects.toMatchObject({
    code: 'EXCHANGE_PREFLIGHT',
    message: 'preflight is red: position mode: hedge mode',
  });
});

test('with positions open red means: manage them, and no entries', async () => {
  const { done, notices, pauses } = start({ isCarryingPositions: true, isHedged: true });
  await done;
  expect(notices).toContain('alarm PREFLIGHT');
  expect(pauses).toEqual(['preflight is red: position mode: hedge mode']);
});
