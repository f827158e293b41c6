import { describe, expect, it } from 'vitest';
import { BTC, barsOf, order, type Row, START_MS, VenueDriver } from './testing/venue-driver.ts';

const P = 60_000;
const entry = order({ orderId: 'e' });
const exit = { side: 'sell', reduceOnly: true, role: 'stop' } as const;
const QUIET: Row = [P, P, P, P];
/** Opens at 60,000, falls 6 % to 56,400 and ends at 57,600 (-4 %). */
const CRASH: Row = [P, P, 56_400, 57_600];
const OPENED = ['+100 accepted e', '+100 filled e buy 1 @ 60000 taker', '+100 accepted s'];

function play(options: {
  trigger: number;
  priceProtect?: boolean;
  pathOrder: 'worst' | 'best';
  bars: Row[];
}) {
  const { trigger, priceProtect, pathOrder, bars } = options;
  const driver = new VenueDriver({ pathOrder });
  driver.send(entry, order({ ...exit, orderId: 's', trigger, priceProtect })).run(barsOf(bars));
  return { lines: driver.lines, isAmbiguous: driver.exchange.isAmbiguous('t1') };
}

describe('price protection where only bars are known', () => {
  // 56,800 is 5.33 % under the open: beyond the 5 % of the venue if the mark stays at the open.
  const deep = { trigger: 56_800, priceProtect: true, bars: [QUIET, CRASH] };

  it('holds a stop deeper than 5 % under the open back in the worst case, and says ambiguous', () => {
    expect(play({ ...deep, pathOrder: 'worst' })).toEqual({ lines: OPENED, isAmbiguous: true });
  });

  it('fills it at its trigger in the best case, the mark following the price', () => {
    const { lines, isAmbiguous } = play({ ...deep, pathOrder: 'best' });
    expect(lines.slice(3).map((line) => line.replace(/^.[0-9]+ /, ''))).toEqual([
      'stop.triggered s',
      'filled s sell 1 @ 56800 taker',
      'stop.finished s 1',
    ]);
    expect(isAmbiguous).toBe(true);
  });

  it('triggers at the next open that has come near, worst case too', () => {
    const bars: Row[] = [QUIET, CRASH, [56_700, 56_700, 56_700, 56_700]];
    const { lines } = play({ ...deep, bars, pathOrder: 'worst' });
    expect(lines.slice(3)).toEqual([
      '+120050 stop.triggered s',
      '+120050 filled s sell 1 @ 56700 taker',
      '+120050 stop.finished s 1',
    ]);
  });

  it.each(['worst', 'best'] as const)('leaves a stop within 5 %% alone: %s case', (pathOrder) => {
    const { lines, isAmbiguous } = play({ ...deep, trigger: 57_200, pathOrder });
    expect(lines[4]).toMatch(/filled s sell 1 @ 57200 taker/);
    expect(isAmbiguous).toBe(false);
  });

  it('changes nothing for a stop without protection', () => {
    const { lines, isAmbiguous } = play({ ...deep, priceProtect: undefined, pathOrder: 'worst' });
    expect(lines[4]).toMatch(/filled s sell 1 @ 56800 taker/);
    expect(isAmbiguous).toBe(false);
  });
});

/** Prices told one by one, a long of 1 BTC at 60,000, and a stop at 59,900. */
function live(stop: Parameters<typeof order>[0]) {
  const driver = new VenueDriver({ orderLatencyMs: 0, responseLatencyMs: 0 });
  const { exchange } = driver;
  const market = exchange.market(BTC);
  let nowMs = START_MS;
  const lines: string[] = [];
  const settle = () => {
    while (exchange.nextMs() <= nowMs) {
      const fact = exchange.step();
      if (fact === undefined) continue;
      const price = fact.kind === 'order.filled' ? ` @ ${fact.priceTicks / 10}` : '';
      const code = fact.kind === 'order.rejected' ? ` ${fact.code}` : '';
      lines.push(`${fact.kind}${price}${code}`);
    }
    return lines.splice(0);
  };
  const tell = (kind: 'tellTrade' | 'tellMark') => (price: number) => {
    nowMs += 10;
    market[kind](nowMs, price);
    return settle();
  };
  const send = (ask: Parameters<typeof order>[0]) => {
    nowMs += 10;
    exchange.setTime(nowMs);
    exchange.submit(order(ask));
    return settle();
  };
  const [trade, mark] = [tell('tellTrade'), tell('tellMark')];
  trade(P);
  mark(P);
  send({ orderId: 'e' });
  send({ ...exit, orderId: 's', trigger: 59_900, ...stop });
  return { trade, mark, send };
}

describe('price protection and the percent-price band by the mark', () => {
  it('holds the trigger back until mark and last are near, then fires', () => {
    const { trade, mark } = live({ priceProtect: true });
    expect(trade(56_900)).toEqual([]); // 5.17 % under the mark
    expect(mark(59_000)).toEqual(['stop.triggered', 'order.filled @ 56900', 'stop.finished']); // 3.6 %
  });

  it('lets the stop go for good when price comes back first', () => {
    const { trade, mark } = live({ priceProtect: true });
    expect([trade(56_900), trade(P), mark(59_000), trade(59_950)]).toEqual([[], [], [], []]);
    expect(trade(59_900)).toEqual(['stop.triggered', 'order.filled @ 59900', 'stop.finished']);
  });

  it('a triggered stop whose best price lies outside the band is rejected, not filled', () => {
    const { trade } = live({});
    // 56,900 / 60,000 = 0.948 < 0.95.
    expect(trade(56_900)).toEqual(['stop.triggered', 'stop.rejected']);
  });

  it('a market order there is refused with -4131; the other way round too', () => {
    const { trade, send } = live({ trigger: 50_000 });
    trade(56_900);
    expect(send({ orderId: 'x', side: 'sell', reduceOnly: true })).toEqual([
      'order.rejected -4131',
    ]);
    trade(63_100);
    expect(send({ orderId: 'y', side: 'buy' })).toEqual(['order.rejected -4131']);
    expect(send({ orderId: 'z', side: 'sell', reduceOnly: true })[1]).toBe('order.filled @ 63100');
  });
});
