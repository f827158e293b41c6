import { afterEach, beforeEach, expect, test } from 'vitest';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { openForReading } from '../store/open-store.ts';
import { hedgedPlan } from './testing/flow-script.ts';
import { LiveRig } from './testing/live-rig.ts';

const BTC = 'BTCUSDT';
const ETH = 'ETHUSDT';
const SOL = 'SOLUSDT';

/** Set already; a post-only leg that would take; a cancel of what the venue has ended itself. */
const EXPECTED_CODES = [-4046, -4059, -4171, -5022, -2011];

let rig: LiveRig;

beforeEach(async () => {
  rig = await LiveRig.start();
});

afterEach(async () => {
  await rig.stop();
});

test('entry maker, partial, IOC; stops; legs open, shrink, close; target, break-even, trail, exit', async () => {
  const { script, venue } = rig;
  script.next({ kind: 'enter', plan: hedgedPlan() });
  rig.price(BTC, 60_000);
  await rig.until('a resting entry', () => rig.orders(BTC).length === 1);
  const [entry] = rig.orders(BTC);
  expect(entry).toMatchObject({ timeInForce: 'GTX', price: 60_000, side: 'BUY' });
  expect(entry.quantity).toBeGreaterThan(0.1);

  const partMs = venue.clock.now;
  venue.orders.fillMaker(entry, 0.1);
  await rig.until('stop and disaster stop', () => rig.stops(BTC).length === 2);
  expect(venue.clock.now - partMs).toBeLessThan(2_000);
  expect(
    rig
      .stops(BTC)
      .map((stop) => stop.triggerPrice)
      .sort(),
  ).toEqual([59_400, 59_700]);
  // The rest is taken when the maker's time is over; legs turn taker as well.
  await rig.until('the ladder', () => rig.orders(BTC).filter((o) => o.reduceOnly).length === 2);
  const quantity = rig.position(BTC);
  expect(quantity).toBeGreaterThan(0.1);
  // Both legs follow the whole of it, to a step of their quantity.
  const near = (amount: number, wanted: number) => Math.abs(amount - wanted) < 0.02 * -wanted;
  const isHedged = () =>
    near(rig.position(ETH) * 2_500, -0.3 * quantity * 60_000) &&
    near(rig.position(SOL) * 150, -0.2 * quantity * 60_000);
  await rig.until('both legs', isHedged);
  const ofEntry = venue.orders.trades.filter((trade) => trade.symbol === BTC);
  expect(ofEntry.map(({ maker }) => maker)).toEqual([true, false]);
  await rig.until(
    'a stop on each leg',
    () => rig.stops(ETH).length > 0 && rig.stops(SOL).length > 0,
  );
  await rig.until('stops of the whole', () =>
    rig.stops(BTC).every((s) => s.closePosition || s.quantity === quantity),
  );
  expect(rig.orders(BTC).every(({ reduceOnly }) => reduceOnly)).toBe(true);
  const ladder = rig.orders(BTC).reduce((sum, order) => sum + order.quantity, 0);
  expect(ladder).toBeLessThanOrEqual(quantity);

  await takeTarget(quantity);
  await trail();
  await leave();
  await expectOneLife(quantity);
}, 40_000);

async function takeTarget(quantity: number): Promise<void> {
  const [target] = rig.orders(BTC).sort((a, b) => a.price - b.price);
  const ethBefore = rig.position(ETH);
  rig.price(BTC, target.price + 1);
  await rig.until('the target', () => rig.position(BTC) < quantity);
  await rig.until('break-even', () =>
    rig.stops(BTC).some(({ triggerPrice }) => triggerPrice > 60_000),
  );
  await rig.until('one working stop', () => rig.stops(BTC).length === 2);
  await rig.until('smaller legs', () => rig.position(ETH) > ethBefore);
}

/** The bridge: the new stop rests before the old one is cancelled. */
async function trail(): Promise<void> {
  rig.script.next({ kind: 'trail', symbol: BTC, stopPrice: 60_150 });
  const logged = rig.server.gateway.log.length;
  rig.price(BTC, 60_400);
  await rig.until('the trailed stop', () => rig.stops(BTC).some((s) => s.triggerPrice === 60_150));
  await rig.until('one working stop', () => rig.stops(BTC).length === 2);
  const moved = rig.server.gateway.log.slice(logged).map(({ route }) => route);
  const bridge = moved.filter((route) => route.endsWith('algoOrder'));
  expect(bridge).toEqual(['POST /fapi/v1/algoOrder', 'DELETE /fapi/v1/algoOrder']);
}

async function leave(): Promise<void> {
  const { venue, script } = rig;
  script.next({ kind: 'exit', symbol: BTC, reason: 'choch' });
  const exitMs = venue.clock.now;
  rig.price(BTC, 60_500);
  const isFlat = () => [BTC, ETH, SOL].every((symbol) => rig.position(symbol) === 0);
  await rig.until('flat everywhere', isFlat);
  expect(venue.clock.now - exitMs).toBeLessThan(2_000);
  const rests = () => [BTC, ETH, SOL].flatMap((s) => [...rig.orders(s), ...rig.stops(s)]);
  await rig.until('nothing rests', () => rests().length === 0);
  const { core } = rig.daemon.session;
  await rig.until('books closed', () => core.closedTrades === 1);
  expect(core.engine.equity()).toBeCloseTo(venue.account.wallet, 6);
}

/** What the exchange and the store say when all is over. */
async function expectOneLife(quantity: number): Promise<void> {
  const { venue, server } = rig;
  const buys = venue.orders.trades.filter(({ symbol, side }) => symbol === BTC && side === 'BUY');
  expect(buys.reduce((sum, trade) => sum + trade.quantity, 0)).toBeCloseTo(quantity, 9);
  // No order was sent twice, and none was refused but where the venue may.
  const ids = [...venue.orders.orders.values()].map(({ clientId }) => clientId);
  expect(new Set(ids).size).toBe(ids.length);
  const codes = new Set(server.gateway.log.filter(({ code }) => code < 0).map((each) => each.code));
  expect([...codes].filter((code) => !EXPECTED_CODES.includes(code))).toEqual([]);
  const armed = server.gateway.log.filter(({ route }) => route.endsWith('countdownCancelAll'));
  expect(armed.length).toBeGreaterThanOrEqual(2);
  await rig.stopSession();
  const db = openForReading(rig.opened.folder);
  const rows = db.prepare('SELECT text FROM trades').all();
  const [trade] = rows.map((row) => decode(String(row.text)) as TradeRecord);
  expect(rows.length).toBe(1);
  expect(trade).toMatchObject({ symbol: BTC, quantity, exitReason: 'choch' });
  db.close();
}

test('a stop takes back the entry that rests; what was filled keeps its stops', async () => {
  const { entry } = hedgedPlan();
  const resting = { ...entry, mode: 'pullback', midPrice: 59_990 } as const;
  rig.script.next({ kind: 'enter', plan: hedgedPlan({ hedge: undefined, entry: resting }) });
  rig.price(BTC, 60_000);
  await rig.until('a resting entry', () => rig.orders(BTC).length === 1);
  rig.venue.orders.fillMaker(rig.orders(BTC)[0], 0.05);
  await rig.until('stops', () => rig.stops(BTC).length === 2);
  await new Promise<void>((resolve) => rig.daemon.quiesce?.(resolve));
  await rig.stopSession();
  expect(rig.orders(BTC).filter(({ reduceOnly }) => !reduceOnly)).toEqual([]);
  expect(rig.position(BTC)).toBe(0.05);
  const working = rig.stops(BTC).filter(({ closePosition }) => !closePosition);
  expect(working.map(({ quantity, triggerPrice }) => [quantity, triggerPrice])).toEqual([
    [0.05, 59_700],
  ]);
}, 20_000);
