import { expect, test } from 'vitest';
import { BTC, order, START_MS, VenueDriver } from './testing/venue-driver.ts';

/** Tells trades, each a second after the one before, and steps the venue in between. */
function trade(driver: VenueDriver, prices: readonly number[]): string[] {
  const { exchange } = driver;
  const out: string[] = [];
  let atMs = START_MS;
  const run = (untilMs: number) => {
    for (let next = exchange.nextMs(); next <= untilMs; next = exchange.nextMs()) {
      const fact = exchange.step();
      if (fact === undefined) continue;
      const price = fact.kind === 'order.filled' ? ` ${fact.priceTicks / 10}` : '';
      const id = 'orderId' in fact ? ` ${fact.orderId}` : '';
      out.push(`+${next - START_MS} ${fact.kind}${id}${price}`);
    }
  };
  for (const price of prices) {
    run(atMs);
    exchange.market(BTC).tellTrade(atMs, price);
    run(atMs);
    atMs += 1_000;
  }
  run(atMs);
  return out;
}

test('a market order is filled at the last trade, plus the whole slippage', () => {
  const driver = new VenueDriver({ costs: { slippageFraction: () => 0.001 } });
  driver.exchange.market(BTC).tellTrade(START_MS, 60_000);
  driver.send(order({ orderId: 'm', type: 'market', timeInForce: 'IOC' }));
  expect(trade(driver, [60_000, 60_100])).toEqual([
    '+100 order.accepted m',
    '+100 order.filled m 60060',
  ]);
});

test('a resting limit is filled by a trade through it, not by one at it', () => {
  const driver = new VenueDriver();
  driver.exchange.market(BTC).tellTrade(START_MS, 60_000);
  driver.send(order({ orderId: 'l', price: 59_990, timeInForce: 'GTX' }));
  expect(trade(driver, [60_000, 59_990, 59_989, 59_800])).toEqual([
    '+100 order.accepted l',
    '+2050 order.filled l 59990',
  ]);
});

test('a stop fires at the first trade beyond it and is filled there, gap and all', () => {
  const driver = new VenueDriver();
  driver.exchange.market(BTC).tellTrade(START_MS, 60_000);
  driver.send(order({ orderId: 'm', type: 'market', timeInForce: 'IOC' }));
  driver.send(
    order({ orderId: 's', side: 'sell', trigger: 59_900, reduceOnly: true, role: 'stop' }),
  );
  const lines = trade(driver, [60_000, 59_950, 59_700, 59_600]);
  expect(lines).toContain('+2050 stop.triggered s');
  expect(lines).toContain('+2050 order.filled s 59700');
  expect(lines.filter((line) => line.includes('order.filled')).length).toBe(2);
});
