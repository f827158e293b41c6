import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../src/engine/order.ts';
import type { SimulatedExchangeOptions } from './simulated-exchange.ts';
import { BTC, barsOf, MINUTE, order, type Row, VenueDriver } from './testing/venue-driver.ts';

interface Scenario {
  fact: string;
  options?: Partial<SimulatedExchangeOptions>;
  /** Sent at the start of the first bar, in this order. */
  orders: OrderRequest[];
  /** One-minute bars: open, high, low, close. */
  bars: Row[];
  /** `+ms after the first bar's open, fact`; latency is 50 ms each way. */
  facts: string[];
}

const QUIET: Row = [60_000, 60_000, 60_000, 60_000];
const entry = order({ orderId: 'e' });
const sold = { side: 'sell', reduceOnly: true } as const;
const stop = order({ orderId: 's', ...sold, role: 'stop', trigger: 59_900 });
const target = order({ orderId: 't', ...sold, role: 'target', price: 60_100 });
const OPENED = ['+100 accepted e', '+100 filled e buy 1 @ 60000 taker'];
const halfBp = { costs: { slippageFraction: () => 0.00005 } };

// A bar is walked: 2 s at the open, then a third of the other 58 s to each of: the extreme against
// us, the extreme in favour, the close.
const SCENARIOS: Scenario[] = [
  {
    fact: 'a market order fills at the open of the next bar',
    orders: [entry],
    bars: [[60_000, 60_100, 59_900, 60_050]],
    facts: OPENED,
  },
  {
    fact: 'a taker pays the slippage, rounded against it',
    options: halfBp,
    orders: [entry],
    bars: [[60_000.1, 60_100, 59_900, 60_050]],
    facts: ['+100 accepted e', '+100 filled e buy 1 @ 60003.2 taker'],
  },
  {
    fact: 'slippage never leaves the range of the bar',
    options: { costs: { slippageFraction: () => 0.01 } },
    orders: [entry],
    bars: [[60_000, 60_005, 59_990, 60_000]],
    facts: ['+100 accepted e', '+100 filled e buy 1 @ 60005 taker'],
  },
  {
    fact: 'an IOC within its limit fills at the market, not at the limit',
    orders: [order({ orderId: 'e', price: 60_036, timeInForce: 'IOC' })],
    bars: [QUIET],
    facts: OPENED,
  },
  {
    fact: 'an IOC whose limit the price is beyond expires',
    orders: [order({ orderId: 'e', price: 59_999.9, timeInForce: 'IOC' })],
    bars: [QUIET],
    facts: ['+100 accepted e', '+100 expired e'],
  },
  {
    fact: 'an IOC that slippage takes beyond its limit expires',
    options: halfBp,
    orders: [order({ orderId: 'e', price: 60_002, timeInForce: 'IOC' })],
    bars: [[60_000, 60_100, 59_900, 60_000]],
    facts: ['+100 accepted e', '+100 expired e'],
  },
  {
    fact: 'a post-only order above the price is refused with -5022',
    orders: [order({ orderId: 'e', price: 60_000.1, timeInForce: 'GTX' })],
    bars: [QUIET],
    facts: ['+100 rejected e -5022'],
  },
  {
    fact: 'a post-only entry is not filled from bars, however far price trades through it',
    orders: [order({ orderId: 'e', price: 60_000, timeInForce: 'GTX' })],
    bars: [[60_000, 60_000, 59_000, 59_500], QUIET],
    facts: ['+100 accepted e'],
  },
  {
    fact: 'with makerFromBars it fills when price trades through by a tick',
    options: { makerFromBars: true },
    orders: [order({ orderId: 'e', price: 59_900, timeInForce: 'GTX' })],
    // High first: 2,000 + 2/3 x 58,000 is at the low of 59,899.9, one tick through.
    bars: [[60_000, 60_000, 59_899.9, 59_950]],
    facts: ['+100 accepted e', '+40717 filled e buy 1 @ 59900 maker'],
  },
  {
    fact: 'with makerFromBars a mere touch does not fill',
    options: { makerFromBars: true },
    orders: [order({ orderId: 'e', price: 59_900, timeInForce: 'GTX' })],
    bars: [[60_000, 60_000, 59_900, 59_950]],
    facts: ['+100 accepted e'],
  },
  {
    fact: 'with makerFromBars an entry at the touch is filled at once if its bar trades through',
    options: { makerFromBars: true },
    orders: [order({ orderId: 'e', price: 59_995, timeInForce: 'GTX' })],
    bars: [[60_000, 60_100, 59_994.9, 60_000]],
    facts: ['+100 accepted e', '+100 filled e buy 1 @ 59995 maker'],
  },
  {
    fact: 'a stop triggers on touch and fills as a taker',
    orders: [entry, stop],
    bars: [[60_000, 60_000, 59_900, 59_950]],
    // The low is reached at 2,000 + 58,000 / 3 = 21,333.3 ms.
    facts: [
      ...OPENED,
      '+100 accepted s',
      '+21384 stop.triggered s',
      '+21384 filled s sell 1 @ 59900 taker',
      '+21384 stop.finished s 1',
    ],
  },
  {
    fact: 'a gap through the stop fills at the open, not at the stop',
    orders: [entry, stop],
    bars: [QUIET, [59_700, 59_800, 59_600, 59_750]],
    facts: [
      ...OPENED,
      '+100 accepted s',
      '+60050 stop.triggered s',
      '+60050 filled s sell 1 @ 59700 taker',
      '+60050 stop.finished s 1',
    ],
  },
  {
    fact: 'stop and target inside one bar: the stop comes first, the target expires',
    orders: [entry, stop, target],
    bars: [[60_000, 60_200, 59_800, 60_000]],
    // Half way down the first leg: 2,000 + 58,000 / 6 = 11,666.7 ms.
    facts: [
      ...OPENED,
      '+100 accepted s',
      '+100 accepted t',
      '+11717 stop.triggered s',
      '+11717 filled s sell 1 @ 59900 taker',
      '+11717 expired t',
      '+11717 stop.finished s 1',
    ],
  },
  {
    fact: 'the same bar in best case: the target comes first, the stop has nothing left',
    options: { pathOrder: 'best' },
    orders: [entry, stop, target],
    bars: [[60_000, 60_200, 59_800, 60_000]],
    // Up 200 in 19,333 ms: 100.1 after 9,676.3. The low at 40,666.7; 59,900 at 3/4 of the leg.
    facts: [
      ...OPENED,
      '+100 accepted s',
      '+100 accepted t',
      '+11727 filled t sell 1 @ 60100 maker',
      '+35884 stop.triggered s',
      '+35884 stop.rejected s',
    ],
  },
  {
    fact: 'best case changes nothing in a bar that only the stop is in',
    options: { pathOrder: 'best' },
    orders: [entry, stop, target],
    bars: [[60_000, 60_050, 59_800, 60_000]],
    facts: [
      ...OPENED,
      '+100 accepted s',
      '+100 accepted t',
      '+11717 stop.triggered s',
      '+11717 filled s sell 1 @ 59900 taker',
      '+11717 expired t',
      '+11717 stop.finished s 1',
    ],
  },
  {
    fact: 'a target fills at its limit when price trades through it, also on a gap',
    orders: [entry, target],
    bars: [QUIET, [60_300, 60_300, 60_300, 60_300]],
    facts: [...OPENED, '+100 accepted t', '+60050 filled t sell 1 @ 60100 maker'],
  },
  {
    fact: 'a target that is only touched stays',
    orders: [entry, target],
    bars: [[60_000, 60_100, 60_000, 60_000]],
    facts: [...OPENED, '+100 accepted t'],
  },
  {
    fact: 'a stop whose trigger the price has passed already is refused with -2021',
    orders: [entry, order({ orderId: 's', ...sold, role: 'stop', trigger: 60_000 })],
    bars: [QUIET],
    facts: [...OPENED, '+100 rejected s -2021'],
  },
  {
    fact: 'reduce-only without a position is refused with -2022',
    orders: [order({ orderId: 'x', ...sold, role: 'exit' })],
    bars: [QUIET],
    facts: ['+100 rejected x -2022'],
  },
  {
    fact: 'reduce-only never turns the position: the rest expires',
    orders: [entry, order({ orderId: 'x', ...sold, role: 'exit', quantity: 3 })],
    bars: [QUIET],
    facts: [...OPENED, '+100 accepted x', '+100 filled x sell 1 @ 60000 taker', '+100 expired x'],
  },
  {
    fact: 'a closePosition stop closes whatever is held, and expires when flat otherwise',
    orders: [
      entry,
      order({
        orderId: 'd',
        ...sold,
        reduceOnly: false,
        closePosition: true,
        lots: 0,
        trigger: 59_000,
      }),
      order({ orderId: 'x', ...sold, role: 'exit' }),
    ],
    bars: [QUIET],
    facts: [
      ...OPENED,
      '+100 accepted d',
      '+100 accepted x',
      '+100 filled x sell 1 @ 60000 taker',
      '+100 expired d',
    ],
  },
  {
    fact: 'a closePosition stop fills the whole position',
    orders: [
      entry,
      order({
        orderId: 'd',
        ...sold,
        reduceOnly: false,
        closePosition: true,
        lots: 0,
        trigger: 59_000,
      }),
    ],
    bars: [[60_000, 60_000, 59_000, 59_000]],
    facts: [
      ...OPENED,
      '+100 accepted d',
      '+21384 stop.triggered d',
      '+21384 filled d sell 1 @ 59000 taker',
      '+21384 stop.finished d 1',
    ],
  },
  {
    fact: 'a second closePosition stop in the same direction is refused with -4130',
    orders: ['d', 'd2'].map((orderId) =>
      order({ orderId, ...sold, reduceOnly: false, closePosition: true, lots: 0, trigger: 59_000 }),
    ),
    bars: [QUIET],
    facts: ['+100 accepted d', '+100 rejected d2 -4130'],
  },
  {
    fact: 'an order below the minimum notional is refused with -4164; reduce-only is exempt',
    orders: [
      order({ orderId: 'e', quantity: 0.001 }),
      order({ orderId: 'small', quantity: 0.0005, lots: 0 }),
      order({ orderId: 'x', ...sold, quantity: 0.001 }),
    ],
    bars: [[40_000, 40_000, 40_000, 40_000]],
    facts: ['+100 rejected e -4164', '+100 rejected small -4003', '+100 rejected x -2022'],
  },
  {
    fact: 'quantities above the filter are refused with -4005',
    orders: [
      order({ orderId: 'e', quantity: 121 }),
      order({ orderId: 'f', quantity: 1001, price: 1 }),
    ],
    bars: [QUIET],
    facts: ['+100 rejected e -4005', '+100 rejected f -4005'],
  },
  {
    fact: 'limit prices outside the percent filter are refused',
    orders: [
      order({ orderId: 'e', price: 63_001 }),
      order({ orderId: 'f', side: 'sell', price: 56_999 }),
    ],
    bars: [QUIET],
    facts: ['+100 rejected e -4016', '+100 rejected f -4024'],
  },
  {
    fact: 'an order beyond the free margin is refused with -2019',
    orders: [order({ orderId: 'e', quantity: 17 })],
    bars: [QUIET],
    facts: ['+100 rejected e -2019'],
  },
  {
    fact: 'an isolated long at 10 x is liquidated at its liquidation price, with the fee on top',
    orders: [entry],
    options: {
      brackets: {
        [BTC]: [
          {
            notionalFloor: 0,
            notionalCap: 300_000,
            maintenanceRate: 0.004,
            leverageMax: 150,
            cum: 0,
          },
        ],
      },
    },
    // (6,000 - 60,000) / (0.004 - 1) = 54,216.87, as the venue's own example; floor to the tick.
    bars: [[60_000, 60_000, 54_000, 55_000]],
    facts: [...OPENED, '+20685 filled sell 1 @ 54216.8 liquidation', '+20685 position.liquidated'],
  },
];

describe('simulated exchange', () => {
  for (const { fact, options, orders, bars, facts } of SCENARIOS) {
    it(fact, () => {
      const driver = new VenueDriver(options).send(...orders).run(barsOf(bars));
      expect(driver.lines).toEqual(facts);
    });
  }

  it('charges maker and taker fees on the notional, rounded up', () => {
    const driver = new VenueDriver()
      .send(entry, target)
      .run(barsOf([[60_000, 60_200, 60_000, 60_000]]));
    const fees = driver.facts.flatMap((fact) =>
      fact.kind === 'order.filled' ? [fact.feeUnits] : [],
    );
    expect(fees).toEqual([30e8, 12.02e8]);
    // 100 gained, 42.02 paid.
    expect(driver.exchange.portfolio.cashUnits()).toBe(100_057.98e8);
    driver.exchange.portfolio.assertBalanced();
  });

  it('takes the liquidation fee and the taker fee', () => {
    const driver = new VenueDriver().send(entry).run(barsOf([[60_000, 60_000, 54_000, 55_000]]));
    const last = driver.facts.findLast((fact) => fact.kind === 'order.filled');
    expect(driver.exchange.liquidations).toBe(1);
    if (last?.kind !== 'order.filled') throw new Error('no liquidation');
    const notional = (last.priceTicks / 10) * 1;
    expect(last.feeUnits / 1e8).toBeCloseTo(notional * (0.0005 + 0.0125), 6);
  });

  it('counts a bar with stop and target inside as ambiguous, with its trade', () => {
    const { exchange } = new VenueDriver()
      .send(entry, stop, target)
      .run(barsOf([[60_000, 60_200, 59_800, 60_000]]));
    expect(exchange.ambiguousBars).toBe(1);
    expect(exchange.isAmbiguous('t1')).toBe(true);
  });

  it('does not count a bar that reaches only one of them', () => {
    const { exchange } = new VenueDriver()
      .send(entry, stop, target)
      .run(barsOf([[60_000, 60_200, 59_950, 60_000]]));
    expect(exchange.ambiguousBars).toBe(0);
  });

  it('activates a stop placed after the fill for the rest of the same bar', () => {
    const driver = new VenueDriver().send(entry);
    driver.onFact = (fact) => {
      if (fact.kind === 'order.filled' && fact.orderId === 'e') driver.exchange.submit(stop);
    };
    driver.run(barsOf([[60_000, 60_000, 59_800, 60_000]]));
    expect(driver.lines.slice(2)).toEqual([
      '+200 accepted s',
      '+11717 stop.triggered s',
      '+11717 filled s sell 1 @ 59900 taker',
      '+11717 stop.finished s 1',
    ]);
  });

  it.each([
    ['worst', ['taker s2 @ 60000']],
    ['best', ['maker t2 @ 60200']],
  ] as const)(
    'meets a stop raised inside the bar before a further target: %s case',
    (pathOrder, last) => {
      const half = { quantity: 0.5 };
      const driver = new VenueDriver({ pathOrder }).send(
        entry,
        order({ orderId: 't1', ...sold, ...half, price: 60_100 }),
        order({ orderId: 't2', ...sold, ...half, price: 60_200 }),
      );
      driver.onFact = (fact) => {
        if (fact.kind !== 'order.filled' || fact.orderId !== 't1') return;
        driver.exchange.submit(order({ orderId: 's2', ...sold, ...half, trigger: 60_000 }));
      };
      driver.run(barsOf([[60_000, 60_300, 59_990, 60_250]]));
      const fills = driver.facts.flatMap((fact) =>
        fact.kind === 'order.filled'
          ? [`${fact.isMaker ? 'maker' : 'taker'} ${fact.orderId} @ ${fact.priceTicks / 10}`]
          : [],
      );
      expect(fills).toEqual(['taker e @ 60000', 'maker t1 @ 60100', ...last]);
      expect(driver.exchange.isAmbiguous('t1')).toBe(true);
    },
  );

  it('cancels what rests, and refuses to cancel what is gone with -2011', () => {
    const driver = new VenueDriver().send(
      order({ orderId: 'e', price: 59_000, timeInForce: 'GTX' }),
    );
    const cancel = {
      kind: 'order.cancel',
      orderId: 'e',
      symbol: BTC,
      isConditional: false,
    } as const;
    driver.at(700, () => driver.exchange.cancel(cancel));
    driver.at(900, () => driver.exchange.cancel(cancel));
    driver.run(barsOf([QUIET]));
    expect(driver.lines).toEqual([
      '+100 accepted e',
      '+800 cancelled e',
      '+1000 cancelRejected e -2011',
    ]);
  });

  it('tells again what is known of an order, and -2013 for an unknown one', () => {
    const driver = new VenueDriver().send(entry);
    const query = { kind: 'order.query', symbol: BTC, isConditional: false } as const;
    driver.at(1_000, () => driver.exchange.query({ ...query, orderId: 'e' }));
    driver.at(1_000, () => driver.exchange.query({ ...query, orderId: 'ghost' }));
    driver.run(barsOf([QUIET]));
    expect(driver.lines.slice(2)).toEqual([
      // It is over: "accepted" would say that it rests.
      '+1100 filled e buy 1 @ 60000 taker',
      '+1100 rejected ghost -2013',
    ]);
    expect(new Set(driver.facts.flatMap((f) => ('fillId' in f ? [f.fillId] : []))).size).toBe(1);
  });

  it('amends a resting limit, and cancels it when the new price would take', () => {
    const driver = new VenueDriver().send(
      order({ orderId: 'e', price: 59_000, timeInForce: 'GTX' }),
    );
    const amend = { kind: 'order.amend', orderId: 'e', symbol: BTC, lots: 500 } as const;
    driver.at(500, () => driver.exchange.amend({ ...amend, priceTicks: 595_000 }));
    driver.at(900, () => driver.exchange.amend({ ...amend, priceTicks: 600_001 }));
    driver.run(barsOf([QUIET]));
    expect(driver.lines.slice(1)).toEqual(['+600 order.amended', '+1000 cancelled e']);
  });

  it('is idle before the first order and after the last fact', () => {
    const driver = new VenueDriver();
    expect(driver.exchange.isIdle).toBe(true);
    driver.send(order({ orderId: 'x', ...sold }));
    expect(driver.exchange.isIdle).toBe(false);
    driver.run(barsOf([QUIET]));
    expect(driver.exchange.isIdle).toBe(true);
  });

  it('meets an order sent in a hole of the data with the next open', () => {
    const bars = barsOf([QUIET, [60_500, 60_500, 60_500, 60_500]]);
    bars.openTime[1] += 10 * MINUTE;
    const driver = new VenueDriver();
    driver.at(MINUTE + 100, () => driver.send(entry)).run(bars);
    expect(driver.lines).toEqual(['+60200 accepted e', '+60200 filled e buy 1 @ 60500 taker']);
  });
});
