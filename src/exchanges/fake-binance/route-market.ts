import { exchangeInfo } from './instruments.ts';
import { joinMinutes, type Market } from './market.ts';
import type { Params } from './params.ts';
import { klineRow } from './rest-views.ts';
import type { Route } from './routes.ts';
import type { Venue } from './venue.ts';
import { VenueError } from './venue-error.ts';

const MINUTE_MS = 60_000;
export const INTERVALS_MS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '2h': 120 * MINUTE_MS,
  '4h': 240 * MINUTE_MS,
  '1d': 1440 * MINUTE_MS,
};

function forSymbols<T>(venue: Venue, params: Params, view: (market: Market) => T): T | T[] {
  const symbol = params.text('symbol', '');
  return symbol === '' ? [...venue.markets.values()].map(view) : view(venue.market(symbol));
}

function klineWeight(params: Params): number {
  const limit = params.number('limit', 500);
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1000 ? 5 : 10;
}

function depthWeight(params: Params): number {
  const limit = params.number('limit', 500);
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
}

const PUBLIC = 'public' as const;

export const MARKET_ROUTES: Record<string, Route> = {
  'GET /fapi/v1/ping': { params: '', access: PUBLIC, run: () => ({}) },
  'GET /fapi/v1/time': {
    params: '',
    access: PUBLIC,
    run: ({ venue }) => ({ serverTime: venue.clock.now }),
  },
  'GET /fapi/v1/exchangeInfo': {
    params: 'symbol',
    access: PUBLIC,
    run: ({ venue }) =>
      exchangeInfo(
        [...venue.markets.values()].map((market) => market.instrument),
        venue.clock.now,
      ),
  },
  'GET /fapi/v1/premiumIndex': {
    params: 'symbol',
    access: PUBLIC,
    weight: (params) => (params.has('symbol') ? 1 : 10),
    run: ({ venue, params }) =>
      forSymbols(venue, params, (market) => ({
        symbol: market.instrument.symbol,
        markPrice: market.mark.toFixed(8),
        indexPrice: market.index.toFixed(8),
        estimatedSettlePrice: market.index.toFixed(8),
        lastFundingRate: market.fundingRate.toFixed(8),
        interestRate: '0.00010000',
        nextFundingTime: venue.nextFundingTime(),
        time: venue.clock.now,
      })),
  },
  'GET /fapi/v1/fundingInfo': {
    params: '',
    access: PUBLIC,
    weight: 0,
    run: ({ venue }) =>
      [...venue.markets.keys()].map((symbol) => ({
        symbol,
        adjustedFundingRateCap: '0.00300000',
        adjustedFundingRateFloor: '-0.00300000',
        fundingIntervalHours: 8,
        disclaimer: false,
      })),
  },
  'GET /fapi/v1/fundingRate': {
    params: 'symbol startTime endTime limit',
    access: PUBLIC,
    run: ({ venue, params }) => {
      const symbol = params.text('symbol', '');
      return venue.fundings
        .filter((row) => symbol === '' || row.symbol === symbol)
        .slice(-params.number('limit', 100))
        .map((row) => ({
          symbol: row.symbol,
          fundingRate: row.rate.toFixed(8),
          fundingTime: row.time,
          markPrice: row.mark.toFixed(8),
        }));
    },
  },
  'GET /fapi/v1/ticker/bookTicker': {
    params: 'symbol',
    access: PUBLIC,
    weight: (params) => (params.has('symbol') ? 2 : 5),
    run: ({ venue, params }) =>
      forSymbols(venue, params, (market) => ({
        symbol: market.instrument.symbol,
        bidPrice: market.priceText(market.bid),
        bidQty: market.quantityText(market.bids[0]?.[1] ?? 0),
        askPrice: market.priceText(market.ask),
        askQty: market.quantityText(market.asks[0]?.[1] ?? 0),
        time: venue.clock.now,
        lastUpdateId: market.updateId,
      })),
  },
  'GET /fapi/v1/ticker/price': {
    params: 'symbol',
    access: PUBLIC,
    run: ({ venue, params }) =>
      forSymbols(venue, params, (market) => ({
        symbol: market.instrument.symbol,
        price: market.priceText(market.last),
        time: venue.clock.now,
      })),
  },
  'GET /fapi/v1/depth': {
    params: 'symbol limit',
    access: PUBLIC,
    weight: depthWeight,
    run: ({ venue, params }) => {
      const market = venue.market(params.text('symbol'));
      const limit = params.number('limit', 500);
      const rows = (levels: readonly (readonly [number, number])[]) =>
        levels
          .slice(0, limit)
          .map(([price, quantity]) => [market.priceText(price), market.quantityText(quantity)]);
      return {
        lastUpdateId: market.updateId,
        E: venue.clock.now,
        T: venue.clock.now,
        bids: rows(market.bids),
        asks: rows(market.asks),
      };
    },
  },
  'GET /fapi/v1/aggTrades': {
    params: 'symbol fromId startTime endTime limit',
    access: PUBLIC,
    weight: 20,
    run: ({ venue, params }) => {
      const market = venue.market(params.text('symbol'));
      const from = params.number('startTime', 0);
      const to = params.number('endTime', Number.MAX_SAFE_INTEGER);
      const fromId = params.number('fromId', 0);
      const rows = market.trades.filter(
        (trade) => trade.id >= fromId && trade.time >= from && trade.time <= to,
      );
      const limit = params.number('limit', 500);
      const page = params.has('fromId') ? rows.slice(0, limit) : rows.slice(-limit);
      return page.map((trade) => ({
        a: trade.id,
        p: market.priceText(trade.price),
        q: market.quantityText(trade.quantity),
        f: trade.id,
        l: trade.id,
        T: trade.time,
        m: trade.buyerIsMaker,
      }));
    },
  },
  'GET /fapi/v1/klines': {
    params: 'symbol interval startTime endTime limit',
    access: PUBLIC,
    weight: klineWeight,
    run: ({ venue, params }) => {
      const market = venue.market(params.text('symbol'));
      const lengthMs = INTERVALS_MS[params.text('interval')];
      if (lengthMs === undefined) throw new VenueError(-1120, 400, 'Invalid interval.');
      const bars = joinMinutes(market.minutes, {
        lengthMs,
        from: params.number('startTime', 0),
        to: params.number('endTime', Number.MAX_SAFE_INTEGER),
        limit: Number.MAX_SAFE_INTEGER,
      });
      const limit = Math.min(1500, params.number('limit', 500));
      const page = params.has('startTime') ? bars.slice(0, limit) : bars.slice(-limit);
      return page.map((bar) => klineRow(bar, lengthMs, market));
    },
  },
};
