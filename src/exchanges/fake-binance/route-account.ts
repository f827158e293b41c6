import type { SymbolConfig } from './account.ts';
import { bracketRows, notionalCap } from './instruments.ts';
import type { Position } from './model.ts';
import type { Params } from './params.ts';
import { LIMITS } from './rate-limits.ts';
import { accountView, balanceView, positionRiskView, tradeView } from './rest-views.ts';
import type { Route } from './routes.ts';
import type { Venue } from './venue.ts';
import { VenueError } from './venue-error.ts';

const DONE = { code: 200, msg: 'success' };

function shown(venue: Venue): Position[] {
  const ordered = new Set([...venue.orders.open].map((order) => order.symbol));
  return [...venue.account.positions.values()].filter(
    (position) => position.amount !== 0 || ordered.has(position.symbol),
  );
}

function noPosition(venue: Venue, code: number, symbol?: string): void {
  for (const position of venue.account.positions.values()) {
    if (position.amount !== 0 && (symbol === undefined || position.symbol === symbol)) {
      throw new VenueError(code);
    }
  }
}

function noOpenOrder(venue: Venue, code: number, symbol?: string): void {
  for (const order of [...venue.orders.open, ...venue.algos.open]) {
    if (symbol === undefined || order.symbol === symbol) throw new VenueError(code);
  }
}

export function setLeverage(venue: Venue, symbol: string, leverage: number) {
  const market = venue.market(symbol);
  const config = venue.account.config(symbol);
  if (!Number.isInteger(leverage) || leverage < 1 || leverage > 150) throw new VenueError(-4028);
  if (leverage > venue.settings.highestLeverage) throw new VenueError(-4202, 400, 'Leverage gate.');
  const isolated = config.marginType === 'ISOLATED';
  if (isolated && leverage < config.leverage) noPosition(venue, -4161, symbol);
  const most = notionalCap(market.instrument, leverage);
  if (most === 0) throw new VenueError(-4028);
  if (config.leverage !== leverage) {
    config.leverage = leverage;
    const { now } = venue.clock;
    venue.user({ e: 'ACCOUNT_CONFIG_UPDATE', E: now, T: now, ac: { s: symbol, l: leverage } });
  }
  return { leverage, maxNotionalValue: String(most), symbol };
}

export function setMarginType(venue: Venue, symbol: string, type: string) {
  venue.market(symbol);
  if (type !== 'ISOLATED' && type !== 'CROSSED') {
    throw new VenueError(-1102, 400, "Parameter 'marginType' is malformed.");
  }
  const config = venue.account.config(symbol);
  if (config.marginType === type) throw new VenueError(-4046);
  if (type === 'ISOLATED' && venue.account.multiAssets) throw new VenueError(-4168);
  noOpenOrder(venue, -4047, symbol);
  noPosition(venue, -4048, symbol);
  config.marginType = type as SymbolConfig['marginType'];
  return DONE;
}

export function setPositionMode(venue: Venue, dual: boolean) {
  if (venue.account.hedgeMode === dual) throw new VenueError(-4059);
  noOpenOrder(venue, -4067);
  noPosition(venue, -4068);
  venue.account.hedgeMode = dual;
  return DONE;
}

function setMultiAssets(venue: Venue, on: boolean) {
  if (venue.account.multiAssets === on) {
    throw new VenueError(-4171, 400, 'No need to change multi-assets mode.');
  }
  noOpenOrder(venue, -4167);
  noPosition(venue, -4168);
  venue.account.multiAssets = on;
  const { now } = venue.clock;
  venue.user({ e: 'ACCOUNT_CONFIG_UPDATE', E: now, T: now, ai: { j: on } });
  return DONE;
}

function symbols(venue: Venue, params: Params): string[] {
  const symbol = params.text('symbol', '');
  if (symbol !== '') venue.market(symbol);
  return symbol === '' ? [...venue.markets.keys()] : [symbol];
}

function addMargin(venue: Venue, params: Params) {
  const symbol = params.text('symbol');
  const amount = params.number('amount');
  const type = params.number('type');
  const position = venue.account.positionsOf(symbol).find((entry) => entry.amount !== 0);
  if (position === undefined || !venue.account.isIsolated(symbol)) {
    throw new VenueError(-4054, 400, 'Cannot add position margin: position is 0.');
  }
  const signed = type === 1 ? amount : -amount;
  const short = signed > venue.available() || position.isolatedWallet + signed < 0;
  if (short) throw new VenueError(-2019);
  position.isolatedWallet += signed;
  venue.account.crossWallet -= signed;
  venue.tellAccount('MARGIN_TRANSFER', 0, [position]);
  return { amount, code: 200, msg: 'Successfully modify position margin.', type };
}

const SETUP_ROUTES: Record<string, Route> = {
  'GET /fapi/v1/leverageBracket': {
    params: 'symbol',
    run: ({ venue, params }) =>
      symbols(venue, params).map((symbol) => ({
        symbol,
        brackets: bracketRows(venue.market(symbol).instrument),
      })),
  },
  'GET /fapi/v1/positionSide/dual': {
    params: '',
    weight: 30,
    run: ({ venue }) => ({ dualSidePosition: venue.account.hedgeMode }),
  },
  'POST /fapi/v1/positionSide/dual': {
    params: 'dualSidePosition',
    run: ({ venue, params }) => {
      params.text('dualSidePosition');
      return setPositionMode(venue, params.flag('dualSidePosition'));
    },
  },
  'GET /fapi/v1/multiAssetsMargin': {
    params: '',
    weight: 30,
    run: ({ venue }) => ({ multiAssetsMargin: venue.account.multiAssets }),
  },
  'POST /fapi/v1/multiAssetsMargin': {
    params: 'multiAssetsMargin',
    run: ({ venue, params }) => {
      params.text('multiAssetsMargin');
      return setMultiAssets(venue, params.flag('multiAssetsMargin'));
    },
  },
  'POST /fapi/v1/leverage': {
    params: 'symbol leverage',
    run: ({ venue, params }) =>
      setLeverage(venue, params.text('symbol'), params.number('leverage')),
  },
  'POST /fapi/v1/marginType': {
    params: 'symbol marginType',
    run: ({ venue, params }) =>
      setMarginType(venue, params.text('symbol'), params.text('marginType')),
  },
  'POST /fapi/v1/positionMargin': {
    params: 'symbol amount type positionSide',
    run: ({ venue, params }) => addMargin(venue, params),
  },
  'GET /fapi/v1/symbolConfig': {
    params: 'symbol',
    weight: 5,
    run: ({ venue, params }) =>
      symbols(venue, params).map((symbol) => {
        const config = venue.account.config(symbol);
        return {
          symbol,
          marginType: config.marginType,
          isAutoAddMargin: false,
          leverage: config.leverage,
          maxNotionalValue: String(notionalCap(venue.market(symbol).instrument, config.leverage)),
        };
      }),
  },
  'GET /fapi/v1/accountConfig': {
    params: '',
    weight: 5,
    run: ({ venue }) => ({
      feeTier: 0,
      canTrade: true,
      canDeposit: true,
      canWithdraw: venue.settings.canWithdraw,
      dualSidePosition: venue.account.hedgeMode,
      updateTime: 0,
      multiAssetsMargin: venue.account.multiAssets,
      tradeGroupId: -1,
    }),
  },
  'GET /fapi/v1/commissionRate': {
    params: 'symbol',
    weight: 20,
    run: ({ venue, params }) => ({
      symbol: venue.market(params.text('symbol')).instrument.symbol,
      makerCommissionRate: venue.settings.makerFee.toFixed(6),
      takerCommissionRate: venue.settings.takerFee.toFixed(6),
      rpiCommissionRate: '0.00005',
    }),
  },
  'GET /fapi/v1/feeBurn': {
    params: '',
    weight: 30,
    run: ({ venue }) => ({ feeBurn: venue.settings.feesInBnb }),
  },
  'GET /fapi/v1/rateLimit/order': {
    params: '',
    run: () => [
      {
        rateLimitType: 'ORDERS',
        interval: 'SECOND',
        intervalNum: 10,
        limit: LIMITS.ordersPer10s,
      },
      {
        rateLimitType: 'ORDERS',
        interval: 'MINUTE',
        intervalNum: 1,
        limit: LIMITS.ordersPerMinute,
      },
    ],
  },
  'GET /sapi/v1/account/apiRestrictions': {
    params: '',
    run: ({ venue }) => {
      if (venue.settings.sapiForbidden) throw new VenueError(-2015, 403, 'Forbidden');
      return {
        ipRestrict: true,
        createTime: venue.clock.now,
        enableReading: true,
        enableWithdrawals: venue.settings.canWithdraw,
        enableInternalTransfer: false,
        enableMargin: false,
        enableFutures: true,
        permitsUniversalTransfer: false,
        enableVanillaOptions: false,
        enableSpotAndMarginTrading: false,
        enablePortfolioMarginTrading: false,
      };
    },
  },
};

const STATE_ROUTES: Record<string, Route> = {
  'GET /fapi/v3/account': {
    params: '',
    weight: 5,
    run: ({ venue }) =>
      accountView({
        account: venue.account,
        sums: venue.sums(),
        positions: shown(venue),
        marketOf: (symbol) => venue.market(symbol),
        now: venue.clock.now,
      }),
  },
  'GET /fapi/v3/balance': {
    params: '',
    weight: 5,
    run: ({ venue }) => balanceView(venue.account, venue.sums(), venue.clock.now),
  },
  'GET /fapi/v3/positionRisk': {
    params: 'symbol',
    weight: 5,
    run: ({ venue, params }) => {
      const symbol = params.text('symbol', '');
      return shown(venue)
        .filter((position) => symbol === '' || position.symbol === symbol)
        .map((position) =>
          positionRiskView(position, venue.account, venue.market(position.symbol)),
        );
    },
  },
  'GET /fapi/v1/userTrades': {
    params: 'symbol orderId startTime endTime fromId limit',
    weight: 5,
    run: ({ venue, params }) => {
      const symbol = params.text('symbol');
      const from = params.number('startTime', 0);
      const to = params.number('endTime', Number.MAX_SAFE_INTEGER);
      const fromId = params.number('fromId', 0);
      const orderId = params.number('orderId', 0);
      const rows = venue.orders.trades.filter(
        (trade) =>
          trade.symbol === symbol &&
          trade.time >= from &&
          trade.time <= to &&
          trade.id >= fromId &&
          (orderId === 0 || trade.orderId === orderId),
      );
      const limit = params.number('limit', 500);
      const oldestFirst = params.has('fromId') || params.has('startTime');
      const page = oldestFirst ? rows.slice(0, limit) : rows.slice(-limit);
      return page.map((trade) => tradeView(trade, venue.market(symbol)));
    },
  },
  'GET /fapi/v1/income': {
    params: 'symbol incomeType startTime endTime page limit',
    weight: 30,
    run: ({ venue, params }) => {
      const symbol = params.text('symbol', '');
      const type = params.text('incomeType', '');
      const from = params.number('startTime', 0);
      const to = params.number('endTime', Number.MAX_SAFE_INTEGER);
      return venue.account.income
        .filter(
          (row) =>
            (symbol === '' || row.symbol === symbol) &&
            (type === '' || row.incomeType === type) &&
            row.time >= from &&
            row.time <= to,
        )
        .slice(0, params.number('limit', 100))
        .map((row) => ({ ...row, income: row.income.toFixed(8), info: row.incomeType }));
    },
  },
  'POST /fapi/v1/listenKey': {
    params: '',
    access: 'key',
    run: ({ listenKeys }) => ({ listenKey: listenKeys.create() }),
  },
  'PUT /fapi/v1/listenKey': {
    params: 'listenKey',
    access: 'key',
    run: ({ listenKeys }) => {
      listenKeys.extend();
      return { listenKey: listenKeys.create() };
    },
  },
  'DELETE /fapi/v1/listenKey': {
    params: 'listenKey',
    access: 'key',
    run: ({ listenKeys }) => {
      listenKeys.close();
      return {};
    },
  },
};

export const ACCOUNT_ROUTES: Record<string, Route> = { ...SETUP_ROUTES, ...STATE_ROUTES };
