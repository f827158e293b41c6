import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BarClosed } from '../engine/event.ts';
import type { FakeBinanceServer } from '../exchanges/fake-binance/server.ts';
import { replayJournal } from '../live/replay-journal.ts';
import { openForReading } from '../store/open-store.ts';
import { readJournal } from '../store/store-state.ts';
import { DaemonProcess, pointedAt, startMarket, stateFolder } from './testing/daemon-rig.ts';

let server: FakeBinanceServer;
let daemon: DaemonProcess | undefined;

beforeEach(async () => {
  server = await startMarket({ seed: 1, days: 3, historyMinutes: 3_000 });
});

afterEach(async () => {
  if (daemon?.child.exitCode === null) await daemon.end('SIGKILL');
  await server.stop();
});

function run(state: string, ...args: string[]): DaemonProcess {
  daemon = new DaemonProcess(['run', '--state', state, ...args], pointedAt(server));
  return daemon;
}

/** Bars that count: after a hard kill venue and books of paper go back to the last snapshot. */
function barsOf(state: string) {
  const db = openForReading(state);
  let told: { seq: number; event: BarClosed }[] = [];
  for (const record of readJournal(db)) {
    if (record.type === 'rewound') told = told.filter(({ seq }) => seq <= record.toSeq);
    if (record.type !== 'event') continue;
    const { seq, event } = record.envelope;
    if (event.kind === 'bar.closed') told.push({ seq, event });
  }
  const bars = told.map(({ event }) => event);
  const replay = replayJournal(db);
  db.close();
  return { bars, replay };
}

describe('qcm run on the public market of the fake', () => {
  test('warms up, lives, stops on SIGTERM, goes on after it and after kill -9', async () => {
    const state = stateFolder();
    const first = run(state);
    await first.says('READY');
    expect(first.output).toContain('no order leaves this machine');
    expect(first.output).toContain('SHORT_HISTORY');
    await sleep(2_500);
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const before = barsOf(state);
    expect(before.bars.length).toBe(3 * 1_000);
    expect(before.bars.map(({ symbol }) => symbol.slice(0, 3)).slice(0, 4)).toEqual([
      ...['ETH', 'SOL', 'BTC', 'ETH'],
    ]);
    const second = run(state);
    await second.says('READY');
    await sleep(1_500);
    await second.end('SIGKILL');
    const third = run(state);
    await third.says('READY');
    expect(await third.end('SIGINT')).toEqual({ code: 0, signal: null });
    const after = barsOf(state);
    // Each bar once, however often it was started.
    const keys = after.bars.map(({ symbol, openTime }) => `${symbol} ${openTime}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(after.replay.difference).toBeUndefined();
    expect(after.replay.sessions).toBe(3);
    // Nothing was asked for that needs a key.
    const routes = new Set(server.gateway.log.map(({ route }) => route.split('/').at(-1)));
    expect([...routes].sort()).toEqual(['exchangeInfo', 'fundingInfo', 'klines', 'time']);
  }, 60_000);

  test('one folder: not twice at once, not on another market', async () => {
    const state = stateFolder();
    const first = run(state);
    await first.says('READY');
    const twin = new DaemonProcess(['run', '--state', state], pointedAt(server));
    expect((await twin.exit()).code).toBe(1);
    expect(twin.output).toContain('error STORE_LOCKED');
    await first.end('SIGTERM');
    const other = new DaemonProcess(['run', '--data', '--state', state]);
    expect((await other.exit()).code).toBe(1);
    expect(other.output).toContain('error STORE_OTHER_DATA');
  }, 60_000);
});

test.each([
  [['--mode', 'papr'], {}, 2, 'USAGE_MODE'],
  [['--from', '2025-01-01'], {}, 2, 'USAGE_FLAG'],
  [['--clock-scale', '60'], {}, 2, 'USAGE_SCALE'],
  [['--data', '--clock-scale', '60'], {}, 2, 'USAGE_FLAG'],
  [['--set', 'market.signalMinutes=5'], undefined, 4, 'CONFIG_VALUE'],
  [[], { QCM_BINANCE_REST: 'http://127.0.0.1:9' }, 4, 'CONFIG_VENUE'],
  [
    [],
    { QCM_BINANCE_REST: 'http://127.0.0.1:9', QCM_BINANCE_WS: 'ws://127.0.0.1:9' },
    1,
    'EXCHANGE_UNREACHABLE',
  ],
])(
  '%j with %j is refused in one line',
  async (args, env, code, error) => {
    const at = env === undefined ? pointedAt(server) : (env as Record<string, string>);
    const refused = new DaemonProcess(['run', '--state', stateFolder(), ...args], at);
    expect(await refused.exit()).toEqual({ code, signal: null });
    expect(refused.output).toContain(`error ${error}: `);
    expect(refused.output).not.toContain('    at ');
  },
  20_000,
);

test('a clock scale needs a fake exchange that runs at the same', async () => {
  const args = ['run', '--state', stateFolder(), '--clock-scale', '60'];
  const refused = new DaemonProcess(args, pointedAt(server));
  expect(await refused.exit()).toEqual({ code: 2, signal: null });
  expect(refused.output).toContain('the fake exchange runs at scale 1, not 60');
});

test('a clock that is 3 s off is refused before anything is traded', async () => {
  server.state.clock.offsetMs = 3_000;
  const refused = new DaemonProcess(['run', '--state', stateFolder()], pointedAt(server));
  expect(await refused.exit()).toEqual({ code: 1, signal: null });
  expect(refused.output).toMatch(/error EXCHANGE_CLOCK: the exchange's clock is 3.0 s from ours/);
}, 20_000);
