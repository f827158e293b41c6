import type { AlgoOrder, Order, PositionSide } from './model.ts';
import { round8 } from './numbers.ts';
import type { Params } from './params.ts';
import { algoAcknowledgement, algoView, orderAcknowledgement, orderView } from './rest-views.ts';
import type { Route } from './routes.ts';
import type { Venue } from './venue.ts';
import { VenueError } from './venue-error.ts';

const CONDITIONAL = new Set([
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
]);
const ORDER_FIELDS =
  'symbol side positionSide type timeInForce quantity reduceOnly price newClientOrderId ' +
  'newOrderRespType priceMatch selfTradePreventionMode goodTillDate ' +
  // Still known to the route, so that an old-style stop gets -4120 and not -1104.
  'stopPrice closePosition activationPrice callbackRate workingType priceProtect';
const ALGO_FIELDS =
  'algoType symbol side positionSide type timeInForce quantity price triggerPrice workingType ' +
  'priceMatch closePosition priceProtect reduceOnly activatePrice callbackRate clientAlgoId ' +
  'selfTradePreventionMode goodTillDate newOrderRespType';

let generated = 0;

function place(venue: Venue, params: Params, dryRun: boolean): Order {
  const type = params.text('type');
  if (CONDITIONAL.has(type)) throw new VenueError(-4120);
  if (type !== 'LIMIT' && type !== 'MARKET') throw new VenueError(-1116);
  const priceMatch = params.text('priceMatch', 'NONE');
  const limit = type === 'LIMIT';
  return venue.orders.place(
    {
      symbol: params.text('symbol'),
      side: params.text('side'),
      positionSide: params.text('positionSide', 'BOTH') as PositionSide,
      type,
      timeInForce: limit ? params.text('timeInForce') : 'GTC',
      price: limit && priceMatch === 'NONE' ? params.number('price') : 0,
      quantity: round8(params.number('quantity')),
      reduceOnly: params.flag('reduceOnly'),
      reduceOnlySent: params.has('reduceOnly'),
      clientId: params.text('newClientOrderId', `web_${generated++}_${venue.clock.now}`),
      priceMatch,
      stp: params.text('selfTradePreventionMode', 'EXPIRE_MAKER'),
      goodTillDate: params.number('goodTillDate', 0),
    },
    { dryRun },
  );
}

/** By orderId or origClientOrderId; a client id used twice means the newest order. */
function find(venue: Venue, params: Params): Order | undefined {
  const symbol = params.text('symbol');
  if (params.has('orderId')) {
    const order = venue.orders.orders.get(params.number('orderId'));
    return order?.symbol === symbol ? order : undefined;
  }
  const clientId = params.text('origClientOrderId');
  let found: Order | undefined;
  for (const order of venue.orders.orders.values()) {
    if (order.clientId === clientId && order.symbol === symbol) found = order;
  }
  return found;
}

function found<T>(value: T | undefined, code: number): T {
  if (value === undefined) throw new VenueError(code);
  return value;
}

function acknowledge(venue: Venue, order: Order) {
  const market = venue.market(order.symbol);
  if (venue.settings.oldAcknowledgement) return orderView(order, market);
  return orderAcknowledgement(order, market);
}

function ofSymbol<T extends { symbol: string }>(rows: Iterable<T>, params: Params): T[] {
  const symbol = params.text('symbol', '');
  return [...rows].filter((row) => symbol === '' || row.symbol === symbol);
}

function findAlgo(venue: Venue, params: Params): AlgoOrder | undefined {
  if (params.has('algoId')) return venue.algos.algos.get(params.number('algoId'));
  const clientId = params.text('clientAlgoId');
  let result: AlgoOrder | undefined;
  for (const algo of venue.algos.algos.values()) if (algo.clientId === clientId) result = algo;
  return result;
}

function placeAlgo(venue: Venue, params: Params): AlgoOrder {
  if (params.text('algoType') !== 'CONDITIONAL') {
    throw new VenueError(-1102, 400, "Parameter 'algoType' must be CONDITIONAL.");
  }
  const closePosition = params.flag('closePosition');
  const type = params.text('type');
  const trailing = type === 'TRAILING_STOP_MARKET';
  return venue.algos.place({
    symbol: params.text('symbol'),
    side: params.text('side'),
    positionSide: params.text('positionSide', 'BOTH') as PositionSide,
    type,
    timeInForce: params.text('timeInForce', 'GTC'),
    quantity: round8(params.number('quantity', closePosition ? 0 : undefined)),
    price: params.number('price', 0),
    triggerPrice: trailing ? 0 : params.number('triggerPrice'),
    activatePrice: params.number('activatePrice', 0),
    callbackRate: trailing ? params.number('callbackRate') : 0,
    workingType: params.text('workingType', 'CONTRACT_PRICE'),
    priceMatch: params.text('priceMatch', 'NONE'),
    priceProtect: params.flag('priceProtect'),
    closePosition,
    reduceOnly: params.flag('reduceOnly'),
    reduceOnlySent: params.has('reduceOnly'),
    clientId: params.text('clientAlgoId', `algo_${generated++}_${venue.clock.now}`),
    stp: params.text('selfTradePreventionMode', 'NONE'),
  });
}

const ORDER_REF = 'symbol orderId origClientOrderId';
const RANGE = 'symbol orderId startTime endTime limit';

export const ORDER_ROUTES: Record<string, Route> = {
  'POST /fapi/v1/order': {
    params: ORDER_FIELDS,
    weight: 0,
    orders: 1,
    run: ({ venue, params }) => acknowledge(venue, place(venue, params, false)),
  },
  'POST /fapi/v1/order/test': {
    params: ORDER_FIELDS,
    run: ({ venue, params }) => acknowledge(venue, place(venue, params, true)),
  },
  'GET /fapi/v1/order': {
    params: ORDER_REF,
    run: ({ venue, params }) => {
      const order = found(find(venue, params), -2013);
      return orderView(order, venue.market(order.symbol));
    },
  },
  'PUT /fapi/v1/order': {
    params: `${ORDER_REF} side quantity price priceMatch reduceOnly positionSide modifyId`,
    weight: 0,
    orders: 1,
    run: ({ venue, params }) => {
      const order = found(find(venue, params), -2013);
      const quantity = round8(params.number('quantity'));
      venue.orders.amend(order, { price: params.number('price'), quantity });
      return acknowledge(venue, order);
    },
  },
  'DELETE /fapi/v1/order': {
    params: ORDER_REF,
    run: ({ venue, params }) => {
      const order = found(find(venue, params), -2011);
      venue.orders.cancel(order);
      return acknowledge(venue, order);
    },
  },
  'DELETE /fapi/v1/allOpenOrders': {
    params: 'symbol',
    run: ({ venue, params }) => {
      for (const order of venue.orders.openOf(params.text('symbol'))) venue.orders.cancel(order);
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    },
  },
  'GET /fapi/v1/openOrders': {
    params: 'symbol',
    weight: (params) => (params.has('symbol') ? 1 : 40),
    run: ({ venue, params }) =>
      ofSymbol(venue.orders.open, params).map((order) =>
        orderView(order, venue.market(order.symbol)),
      ),
  },
  'GET /fapi/v1/openOrder': {
    params: ORDER_REF,
    run: ({ venue, params }) => {
      const order = found(find(venue, params), -2013);
      if (!venue.orders.open.has(order)) throw new VenueError(-2013);
      return orderView(order, venue.market(order.symbol));
    },
  },
  'GET /fapi/v1/allOrders': {
    params: RANGE,
    weight: 5,
    run: ({ venue, params }) => {
      const from = params.number('startTime', 0);
      const to = params.number('endTime', Number.MAX_SAFE_INTEGER);
      const first = params.number('orderId', 0);
      return ofSymbol(venue.orders.orders.values(), params)
        .filter((order) => order.id >= first && order.time >= from && order.time <= to)
        .slice(-params.number('limit', 500))
        .map((order) => orderView(order, venue.market(order.symbol)));
    },
  },
  'POST /fapi/v1/countdownCancelAll': {
    params: 'symbol countdownTime',
    weight: 10,
    run: ({ venue, params }) => {
      const symbol = params.text('symbol');
      const time = params.number('countdownTime');
      venue.countdown(symbol, time);
      return { symbol, countdownTime: String(time) };
    },
  },
  'POST /fapi/v1/algoOrder': {
    params: ALGO_FIELDS,
    weight: 0,
    orders: 1,
    run: ({ venue, params }) => {
      const algo = placeAlgo(venue, params);
      return algoAcknowledgement(algo, venue.market(algo.symbol));
    },
  },
  'GET /fapi/v1/algoOrder': {
    params: 'symbol algoId clientAlgoId',
    run: ({ venue, params }) => {
      const algo = found(findAlgo(venue, params), -2013);
      return algoView(algo, venue.market(algo.symbol), false);
    },
  },
  'DELETE /fapi/v1/algoOrder': {
    params: 'symbol algoId clientAlgoId',
    run: ({ venue, params }) => {
      const algo = found(findAlgo(venue, params), -2011);
      venue.algos.cancel(algo);
      return { algoId: algo.id, clientAlgoId: algo.clientId, code: '200', msg: 'success' };
    },
  },
  'GET /fapi/v1/openAlgoOrders': {
    params: 'symbol algoType algoId',
    weight: (params) => (params.has('symbol') ? 1 : 40),
    run: ({ venue, params }) =>
      ofSymbol(venue.algos.open, params).map((algo) =>
        algoView(algo, venue.market(algo.symbol), true),
      ),
  },
  'GET /fapi/v1/allAlgoOrders': {
    params: 'symbol algoId startTime endTime limit page',
    weight: 5,
    run: ({ venue, params }) =>
      ofSymbol(venue.algos.algos.values(), params)
        .slice(-params.number('limit', 500))
        .map((algo) => algoView(algo, venue.market(algo.symbol), false)),
  },
  'DELETE /fapi/v1/algoOpenOrders': {
    params: 'symbol',
    run: ({ venue, params }) => {
      const symbol = params.text('symbol');
      for (const algo of [...venue.algos.open]) {
        if (algo.symbol === symbol && algo.status === 'NEW') venue.algos.cancel(algo);
      }
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    },
  },
};
