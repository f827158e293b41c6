import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeBinanceServer } from '../exchanges/fake-binance/server.ts';
import { openForReading } from '../store/open-store.ts';
import { DaemonProcess, pointedAt, startStill, stateFolder } from './testing/daemon-rig.ts';

const CHILD = join(import.meta.dirname, 'testing', 'live-child.ts');
const KEYS = { apiKey: 'test-key', secret: 'test-secret' };
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

let server: FakeBinanceServer;
let ticker: NodeJS.Timeout;
let child: DaemonProcess;
let btc = 60_000;
const starts: string[] = [];

beforeEach(async () => {
  server = await startStill();
  // Four starts within seconds are no user's: the limits of a minute are another test's subject.
  server.gateway.limits.headers = () => ({});
  server.gateway.limits.limits.weightPerMinute = 1e9;
  btc = 60_000;
  starts.length = 0;
  const { venue } = server.gateway;
  // The bid always lies on the price: a market that trades.
  ticker = setInterval(() => {
    venue.setPrice('BTCUSDT', btc);
    venue.setPrice('ETHUSDT', 2_500);
    venue.setPrice('SOLUSDT', 150);
  }, 200);
});

afterEach(async () => {
  clearInterval(ticker);
  if (child.child.exitCode === null) await child.end('SIGKILL');
  await server.stop();
});

function start(state: string, order: 'enter' | 'go-on', capital = 0): DaemonProcess {
  // Another capital is another configuration, and comes with another program here.
  const args = [state, order, capital === 0 ? 'one' : 'two', `account.capital=${capital}`];
  const keys = { QCM_BINANCE_KEY: KEYS.apiKey, QCM_BINANCE_SECRET: KEYS.secret };
  child = new DaemonProcess(args, { ...pointedAt(server), ...keys }, CHILD);
  return child;
}

/** Notes how long protection and trading took. */
async function ready(): Promise<void> {
  const [, protectedS] = await child.says(/PROTECTED: .*, ([\d.]+) s after/);
  const [, readyS] = await child.says(/READY: .*, ([\d.]+) s after/);
  starts.push(`protected ${protectedS} s, ready ${readyS} s`);
}

const position = (symbol: string) => server.gateway.venue.account.position(symbol, 'BOTH').amount;
const stops = (symbol: string) =>
  [...server.gateway.venue.algos.open].filter((algo) => algo.symbol === symbol);
const working = (symbol: string) => stops(symbol).filter(({ closePosition }) => !closePosition);

const hasLadder = () =>
  [...server.gateway.venue.orders.orders.values()].some(
    ({ symbol, reduceOnly, status }) => symbol === 'BTCUSDT' && reduceOnly && status === 'NEW',
  );

async function until(what: string, holds: () => boolean): Promise<void> {
  const untilMs = performance.now() + 15_000;
  while (!holds() && performance.now() < untilMs) await sleep(10);
  const { orders } = server.gateway.venue.orders;
  const told = [...orders.values()].map(
    ({ clientId, symbol, side, quantity, filled, status, price }) =>
      `${clientId} ${symbol} ${side} ${filled} of ${quantity} at ${price} ${status}`,
  );
  const state = [...SYMBOLS.map((symbol) => `${symbol} ${position(symbol)}`), ...told].join('\n');
  expect(holds(), `${what}; ${state}; ${child.output}`).toBe(true);
}

function entriesOf(symbol: string, side: string): string[] {
  const { orders } = server.gateway.venue.orders;
  return [...orders.values()]
    .filter((order) => order.symbol === symbol && order.side === side && !order.reduceOnly)
    .map(({ clientId }) => clientId);
}

test('kill -9 in a hedged trade, three times, and an upgrade: nothing lost or doubled', async () => {
  const state = stateFolder();
  start(state, 'enter');
  await ready();
  // First kill: filled and stopped, the hedge is under way. (Killed before the stop is out, the next
  // process closes the position two seconds later: src/live/crash.test.ts.)
  // And with its ladder: a target that never arrived is not sent again, trail and time close then.
  await until('a stop', () => position('BTCUSDT') > 0 && stops('BTCUSDT').length === 2);
  await until('a ladder', () => hasLadder());
  await child.end('SIGKILL');
  start(state, 'go-on');
  await ready();
  await until('a stop of the whole', () =>
    working('BTCUSDT').some(({ quantity }) => quantity === position('BTCUSDT')),
  );
  await until('legs', () => position('ETHUSDT') < 0 && position('SOLUSDT') < 0);
  await until('stops of the legs', () =>
    ['ETHUSDT', 'SOLUSDT'].every((symbol) =>
      working(symbol).some(({ quantity }) => quantity === -position(symbol)),
    ),
  );
  const quantity = position('BTCUSDT');
  const bought = entriesOf('BTCUSDT', 'BUY');

  // Second kill: all is hedged; while nobody is there the first target fills.
  await child.end('SIGKILL');
  btc = 60_400;
  await until('the target', () => position('BTCUSDT') < quantity);
  const eth = position('ETHUSDT');
  start(state, 'go-on');
  await ready();
  await until('smaller legs', () => position('ETHUSDT') > eth);
  await until('a stop of what is left', () =>
    working('BTCUSDT').every((stop) => stop.quantity === position('BTCUSDT')),
  );
  expect(entriesOf('BTCUSDT', 'BUY')).toEqual(bought);

  // Third kill: an upgrade with another configuration; then the stop is reached and everything goes.
  await child.end('SIGKILL');
  start(state, 'go-on', 5_000);
  await ready();
  btc = 59_000;
  await until('flat', () => SYMBOLS.every((symbol) => position(symbol) === 0));
  await until('nothing rests', () => server.gateway.venue.algos.open.size === 0);
  await sleep(500);
  expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(entriesOf('BTCUSDT', 'BUY')).toEqual(bought);
  expectBooks(state);
  console.info(starts.join('\n'));
}, 120_000);

/** One trade, once; books equal to the wallet; ids never twice; the journal replays. */
function expectBooks(state: string): void {
  const { venue } = server.gateway;
  const [, equity] = /equity ([\d.]+) USDT, open packages 0/.exec(child.output) ?? [];
  expect(Number(equity), child.output).toBeCloseTo(venue.account.wallet, 1);
  const ids = [...venue.orders.orders.values()].map(({ clientId }) => clientId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const symbol of SYMBOLS) {
    const trades = venue.orders.trades.filter((trade) => trade.symbol === symbol);
    const sum = trades.reduce((s, { side, quantity: q }) => s + (side === 'BUY' ? q : -q), 0);
    expect(Math.abs(sum)).toBeLessThan(1e-9);
  }
  const db = openForReading(state);
  expect(db.prepare('SELECT count(*) AS n FROM trades').get()).toEqual({ n: 1 });
  db.close();
}
