import type { RequestFault, StreamFault } from './faults.ts';
import type { Gateway } from './gateway.ts';
import type { Instrument } from './instruments.ts';
import type { Level } from './market.ts';
import type { VenueSettings } from './model.ts';
import { setLeverage } from './route-account.ts';
import { VenueError } from './venue-error.ts';

/** What a test or a user may change of the running fake. */
export interface ControlState {
  gateway: Gateway;
  /** Delays of the shell in milliseconds: before a request is handled, before its answer. */
  latency: { requestMs: number; answerMs: number };
  /** Added to the wall clock; a frozen clock ignores the wall. */
  clock: { offsetMs: number; frozenAt: number | undefined };
}

type Body = Record<string, unknown>;
type Action = (state: ControlState, body: Body) => unknown;

/** Control calls by path: `POST /control/<name>` with a JSON body. `GET /control` lists them. */
export const CONTROLS: Readonly<Record<string, { help: string; run: Action }>> = {
  price: {
    help: '{symbol, price}: quote, last trade and mark at once',
    run: ({ gateway }, body) => gateway.venue.setPrice(text(body, 'symbol'), number(body, 'price')),
  },
  quote: {
    help: '{symbol, bid, ask, bidQuantity?, askQuantity?}: best prices',
    run: ({ gateway }, body) =>
      gateway.venue.setQuote(text(body, 'symbol'), {
        bid: number(body, 'bid'),
        ask: number(body, 'ask'),
        bidQuantity: body.bidQuantity as number | undefined,
        askQuantity: body.askQuantity as number | undefined,
      }),
  },
  depth: {
    help: '{symbol, bids: [[price, quantity]], asks}: the whole book',
    run: ({ gateway }, body) =>
      gateway.venue.setLevels(text(body, 'symbol'), {
        bids: levels(body, 'bids'),
        asks: levels(body, 'asks'),
      }),
  },
  trade: {
    help: '{symbol, price, quantity, buyerIsMaker?}: a trade; through a resting order it fills it',
    run: ({ gateway }, body) =>
      gateway.venue.trade(text(body, 'symbol'), {
        price: number(body, 'price'),
        quantity: number(body, 'quantity'),
        buyerIsMaker: body.buyerIsMaker === true,
      }),
  },
  mark: {
    help: '{symbol, price, index?}: mark price alone',
    run: ({ gateway }, body) =>
      gateway.venue.setMark(
        text(body, 'symbol'),
        number(body, 'price'),
        body.index as number | undefined,
      ),
  },
  fill: {
    help: '{clientOrderId, quantity}: fills a resting order at its price, as a maker',
    run: ({ gateway }, body) => {
      const { orders } = gateway.venue;
      const order = [...orders.open].find((o) => o.clientId === text(body, 'clientOrderId'));
      if (order === undefined) throw new VenueError(-2013);
      orders.fillMaker(order, number(body, 'quantity'));
    },
  },
  funding: {
    help: '{symbol, rate, now?}: the running rate; now=true settles it at once',
    run: ({ gateway }, body) => {
      const market = gateway.venue.market(text(body, 'symbol'));
      market.fundingRate = number(body, 'rate');
      if (body.now === true) gateway.venue.payFunding(market);
    },
  },
  close: {
    help: '{symbol, price, kind: autoclose- | adl_autoclose | settlement_autoclose-}: venue closes',
    run: ({ gateway }, body) => {
      const open = gateway.venue.account.positionsOf(text(body, 'symbol'));
      const position = open.find((entry) => entry.amount !== 0);
      if (position === undefined) throw new VenueError(-2013, 400, 'No position to close.');
      gateway.venue.liquidate(position, text(body, 'kind'), number(body, 'price'));
    },
  },
  algo: {
    help: '{clientAlgoId, action: trigger | reject | finishEmpty, reason?}: moves a conditional order',
    run: ({ gateway }, body) => {
      const { algos } = gateway.venue;
      const algo = [...algos.open].find((a) => a.clientId === text(body, 'clientAlgoId'));
      if (algo === undefined) throw new VenueError(-2013);
      if (body.action === 'reject') algos.reject(algo, String(body.reason ?? 'Reduce Only reject'));
      else if (body.action === 'finishEmpty') algos.finishEmpty(algo);
      else algos.trigger(algo);
    },
  },
  leverage: {
    help: '{symbol, leverage}: changed by hand, tells ACCOUNT_CONFIG_UPDATE',
    run: ({ gateway }, body) =>
      setLeverage(gateway.venue, text(body, 'symbol'), number(body, 'leverage')),
  },
  instrument: {
    help: '{symbol, tick?, step?, minNotional?, status?, positionControlSide?}: filters of now',
    run: ({ gateway }, body) => {
      const { symbol, ...change } = body;
      Object.assign(gateway.venue.market(String(symbol)).instrument, change as Partial<Instrument>);
    },
  },
  settings: {
    help: '{stopBeforeEntry?, closeStopBeforeEntry?, canWithdraw?, sapiForbidden?, makerFee? ...}',
    run: ({ gateway }, body) => {
      Object.assign(gateway.venue.settings, body as Partial<VenueSettings>);
      return gateway.venue.settings;
    },
  },
  limits: {
    help: '{weightPerMinute?, ordersPer10s?, ordersPerMinute?}',
    run: ({ gateway }, body) => Object.assign(gateway.limits.limits, body),
  },
  ban: {
    help: '{ms}: every request is answered 418 for so long',
    run: ({ gateway }, body) => {
      gateway.limits.bannedUntil = gateway.venue.clock.now + number(body, 'ms');
    },
  },
  latency: {
    help: '{requestMs?, answerMs?, userMs?, marketMs?}: delays of requests, answers and frames',
    run: (state, body) => {
      state.latency.requestMs = Number(body.requestMs ?? state.latency.requestMs);
      state.latency.answerMs = Number(body.answerMs ?? state.latency.answerMs);
      state.gateway.hub.userDelayMs = Number(body.userMs ?? state.gateway.hub.userDelayMs);
      state.gateway.hub.marketDelayMs = Number(body.marketMs ?? state.gateway.hub.marketDelayMs);
    },
  },
  fault: {
    help: '{match, kind: hang|reset|answer, executed, status?, code?, body?, count?}: a request',
    run: ({ gateway }, body) => {
      text(body, 'match');
      text(body, 'kind');
      gateway.faults.requests.push(body as unknown as RequestFault);
    },
  },
  'stream-fault': {
    help: '{category, kind: drop|duplicate|reorder|half|silence, match?, count?}: frames',
    run: ({ gateway }, body) => {
      text(body, 'category');
      text(body, 'kind');
      gateway.faults.streams.push(body as unknown as StreamFault);
    },
  },
  'clear-faults': {
    help: '{}: forgets all faults that are queued',
    run: ({ gateway }) => gateway.faults.clear(),
  },
  'expire-listen-key': {
    help: '{}: pushes listenKeyExpired; the socket stays open and mute',
    run: ({ gateway }) => gateway.hub.expireListenKey(),
  },
  'close-sockets': {
    help: '{code, category?}: closes websockets (1006 cuts the connection)',
    run: ({ gateway }, body) =>
      gateway.hub.closeAll(number(body, 'code'), body.category as string | undefined),
  },
  'send-frame': {
    help: '{category, text}: any text to every socket of a category',
    run: ({ gateway }, body) => {
      for (const connection of gateway.hub.connections) {
        if (connection.category === body.category) connection.sink.send(text(body, 'text'));
      }
    },
  },
  clock: {
    help: '{offsetMs?, freeze?, advanceMs?}: skew, stop and push on the venue clock',
    run: ({ gateway, clock }, body) => {
      if (body.offsetMs !== undefined) clock.offsetMs = number(body, 'offsetMs');
      if (body.freeze === true) clock.frozenAt = gateway.venue.clock.now;
      if (body.freeze === false) clock.frozenAt = undefined;
      if (body.advanceMs !== undefined) {
        const time = gateway.venue.clock.now + number(body, 'advanceMs');
        if (clock.frozenAt === undefined) clock.offsetMs += number(body, 'advanceMs');
        else clock.frozenAt = time;
        gateway.venue.clock.advanceTo(time);
      }
    },
  },
};

/** Everything the venue holds, for assertions from the exchange's side. */
export function dumpState(gateway: Gateway): object {
  const { venue } = gateway;
  return {
    time: venue.clock.now,
    wallet: venue.account.wallet,
    crossWallet: venue.account.crossWallet,
    positions: [...venue.account.positions.values()],
    configs: Object.fromEntries(venue.account.configs),
    orders: [...venue.orders.orders.values()],
    algoOrders: [...venue.algos.algos.values()],
    trades: venue.orders.trades,
    income: venue.account.income,
    prices: Object.fromEntries(
      [...venue.markets].map(([symbol, market]) => [
        symbol,
        { bid: market.bid, ask: market.ask, last: market.last, mark: market.mark },
      ]),
    ),
    connections: [...gateway.hub.connections].map((connection) => ({
      category: connection.category,
      streams: [...connection.streams],
    })),
    settings: venue.settings,
    requests: gateway.log,
  };
}

function levels(body: Body, name: string): Level[] {
  const value = body[name];
  const fits = Array.isArray(value) && value.every((row) => Array.isArray(row) && row.length === 2);
  if (fits) return value.map(([price, quantity]) => [Number(price), Number(quantity)]);
  throw new VenueError(-1102, 400, `${name}: a list of [price, quantity] is missing`);
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new VenueError(-1102, 400, `${name}: a text is missing`);
}

function number(body: Body, name: string): number {
  const value = Number(body[name] ?? Number.NaN);
  if (Number.isFinite(value)) return value;
  throw new VenueError(-1102, 400, `${name}: a number is missing`);
}
