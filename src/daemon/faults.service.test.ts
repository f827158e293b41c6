import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RequestFault, StreamFault } from '../exchanges/fake-binance/faults.ts';
import { hedgedPlan } from './testing/flow-script.ts';
import { LiveRig } from './testing/live-rig.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
/** `QCM_SOAK_SECONDS=1800` for half an hour. */
const SECONDS = Number(process.env.QCM_SOAK_SECONDS ?? 40);
const SEED = Number(process.env.QCM_SEED ?? 1);
/** The engine's own limit is 2 s; the rest is this machine's and the watcher's. */
const NAKED_MS_MAX = 3_000;

const ORDER = 'POST /fapi/v1/order';
const STOP = 'POST /fapi/v1/algoOrder';
const REQUESTS: readonly RequestFault[] = [
  { match: ORDER, kind: 'reset', executed: true },
  { match: ORDER, kind: 'reset', executed: false },
  { match: ORDER, kind: 'answer', status: 503, code: -1008, executed: false },
  { match: ORDER, kind: 'answer', status: 503, code: -1007, executed: true },
  { match: STOP, kind: 'reset', executed: true },
  { match: STOP, kind: 'reset', executed: false },
  { match: STOP, kind: 'hang', executed: true },
  { match: STOP, kind: 'hang', executed: false },
  { match: 'DELETE /fapi/v1/algoOrder', kind: 'reset', executed: true },
  { match: 'GET /fapi/v1/openOrders', kind: 'hang', executed: true },
  { match: 'POST /fapi/v1/countdownCancelAll', kind: 'reset', executed: false },
];
const STREAMS: readonly StreamFault[] = [
  { category: 'private', kind: 'drop', match: 'ORDER_TRADE_UPDATE' },
  { category: 'private', kind: 'drop', match: 'ALGO_UPDATE' },
  { category: 'private', kind: 'duplicate', count: 3 },
  { category: 'private', kind: 'reorder', count: 2 },
  { category: 'private', kind: 'half' },
];

let rig: LiveRig;
let ticker: NodeJS.Timeout;
let watcher: NodeJS.Timeout;
let nakedMs = 0;
const nakedSince = new Map<string, number>();

/** Same numbers for the same seed. */
function draws(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

beforeEach(async () => {
  nakedMs = 0;
  rig = await LiveRig.start();
  const { limits } = rig.server.gateway;
  // A fault a second makes more reads than a minute allows; limits are another test's subject.
  limits.headers = () => ({});
  limits.limits.weightPerMinute = 1e9;
  ticker = setInterval(() => {
    rig.price('BTCUSDT', 60_000);
    rig.price('ETHUSDT', 2_500);
    rig.price('SOLUSDT', 150);
  }, 150);
  watcher = setInterval(watch, 20);
});

afterEach(async () => {
  clearInterval(ticker);
  clearInterval(watcher);
  await rig.stop();
});

/** The longest time for which a position had no working stop of its size, disaster stops apart. */
function watch(): void {
  const now = performance.now();
  for (const symbol of SYMBOLS) {
    const amount = Math.abs(rig.position(symbol));
    const covers = rig.stops(symbol).some((s) => !s.closePosition && s.quantity >= amount - 1e-9);
    if (amount === 0 || covers) {
      nakedSince.delete(symbol);
      continue;
    }
    const since = nakedSince.get(symbol) ?? now;
    nakedSince.set(symbol, since);
    nakedMs = Math.max(nakedMs, now - since);
  }
}

function disturb(draw: (below: number) => number): string {
  const { faults, hub } = rig.server.gateway;
  const kind = draw(REQUESTS.length + STREAMS.length + 3);
  if (kind < REQUESTS.length) faults.requests.push({ ...REQUESTS[kind] });
  else if (kind < REQUESTS.length + STREAMS.length) {
    faults.streams.push({ ...STREAMS[kind - REQUESTS.length] });
  } else if (kind === REQUESTS.length + STREAMS.length) hub.expireListenKey();
  else hub.closeAll(1006, kind % 2 === 0 ? 'private' : 'market');
  return String(kind);
}

test(
  `live mode with a fault or two in each trade: seed ${SEED}`,
  async () => {
    const draw = draws(SEED);
    const untilMs = performance.now() + SECONDS * 1_000;
    const { core } = rig.daemon.session;
    const halts = () => core.engine.inspect().halts;
    let held = 0;
    const rounds: string[] = [];
    while (performance.now() < untilMs) {
      const faults = [disturb(draw), ...(draw(2) === 0 ? [disturb(draw)] : [])];
      const { entry } = hedgedPlan();
      const mode = draw(2) === 0 ? 'taker' : 'touch';
      rig.script.next({ kind: 'enter', plan: hedgedPlan({ entry: { ...entry, mode } }) });
      await sleep(1_500 + draw(2_500));
      if (rig.position('BTCUSDT') > 0) held++;
      rounds.push(`${mode} ${faults.join('+')}`);
      rig.script.next({ kind: 'exit', symbol: 'BTCUSDT', reason: 'choch' });
      const what = `seed ${SEED}, round ${rounds.length} (${rounds.at(-1)})`;
      const isFlat = () => SYMBOLS.every((symbol) => rig.position(symbol) === 0);
      await rig.until(
        `${what}: flat`,
        () => isFlat() && core.engine.inspect().open.size === 0,
        30_000,
      );
      await rig.until(`${what}: nothing rests`, () => rests().length === 0, 30_000);
      rig.server.gateway.faults.clear();
      await rig.until(`${what}: nothing halted`, () => halts().length === 0, 70_000);
    }
    console.info(
      `${rounds.length} trades tried, ${held} held, naked ${nakedMs.toFixed(0)} ms at most`,
    );
    expect(held).toBeGreaterThan(rounds.length / 2);
    expect(nakedMs).toBeLessThan(NAKED_MS_MAX);
    const { venue } = rig;
    await rig.until(
      'books equal to the wallet',
      () => Math.abs(core.engine.equity() - venue.account.wallet) < 1e-6,
      70_000,
    );
    const ids = [...venue.orders.orders.values()].map(({ clientId }) => clientId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(core.poisoned).toBe(0);
  },
  SECONDS * 1_000 + 200_000,
);

const rests = () => SYMBOLS.flatMap((symbol) => [...rig.orders(symbol), ...rig.stops(symbol)]);
