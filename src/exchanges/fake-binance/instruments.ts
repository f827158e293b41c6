import { decimalsOf } from './numbers.ts';

/** Notional cap in USDT, maintenance rate, highest leverage. */
export interface Bracket {
  cap: number;
  rate: number;
  leverage: number;
}

/** What the venue knows of a symbol; a running test may change the filters. */
export interface Instrument {
  symbol: string;
  base: string;
  tick: number;
  step: number;
  minNotional: number;
  maxQuantity: number;
  marketMaxQuantity: number;
  status: string;
  /** NONE, LONG or SHORT: the side the venue does not let anybody open. */
  positionControlSide: string;
  /** Fractions of the mark price inside which a limit price must lie. */
  percentUp: number;
  percentDown: number;
  triggerProtect: number;
  liquidationFee: number;
  brackets: readonly Bracket[];
}

const MAJOR: readonly Bracket[] = [
  { cap: 300_000, rate: 0.004, leverage: 150 },
  { cap: 800_000, rate: 0.005, leverage: 100 },
  { cap: 3_000_000, rate: 0.0065, leverage: 75 },
  { cap: 12_000_000, rate: 0.01, leverage: 50 },
  { cap: 70_000_000, rate: 0.02, leverage: 25 },
  { cap: 100_000_000, rate: 0.025, leverage: 20 },
  { cap: 230_000_000, rate: 0.05, leverage: 10 },
];

const SMALLER: readonly Bracket[] = [
  { cap: 20_000, rate: 0.005, leverage: 100 },
  { cap: 100_000, rate: 0.0065, leverage: 75 },
  { cap: 800_000, rate: 0.01, leverage: 50 },
  { cap: 4_000_000, rate: 0.02, leverage: 25 },
  { cap: 8_000_000, rate: 0.025, leverage: 20 },
];

export function defaultInstruments(): Instrument[] {
  return [
    instrument({ base: 'BTC', tick: 0.1, step: 0.001, minNotional: 50, max: [1000, 120] }, MAJOR),
    instrument(
      { base: 'ETH', tick: 0.01, step: 0.001, minNotional: 20, max: [10_000, 2000] },
      MAJOR,
    ),
    instrument(
      { base: 'SOL', tick: 0.01, step: 0.01, minNotional: 5, max: [100_000, 5000] },
      SMALLER,
    ),
  ];
}

interface Grid {
  base: string;
  tick: number;
  step: number;
  minNotional: number;
  max: [limit: number, market: number];
}

function instrument(grid: Grid, brackets: readonly Bracket[]): Instrument {
  return {
    symbol: `${grid.base}USDT`,
    base: grid.base,
    tick: grid.tick,
    step: grid.step,
    minNotional: grid.minNotional,
    maxQuantity: grid.max[0],
    marketMaxQuantity: grid.max[1],
    status: 'TRADING',
    positionControlSide: 'NONE',
    percentUp: 1.05,
    percentDown: 0.95,
    triggerProtect: 0.05,
    liquidationFee: 0.0125,
    brackets,
  };
}

/** Brackets with the cumulative amount: cum_n = cum_(n-1) + floor_n * (rate_n - rate_(n-1)). */
export function bracketRows(instrument: Instrument) {
  let floor = 0;
  let cum = 0;
  let rate = instrument.brackets[0].rate;
  return instrument.brackets.map((bracket, i) => {
    cum += floor * (bracket.rate - rate);
    const row = {
      bracket: i + 1,
      initialLeverage: bracket.leverage,
      notionalCap: bracket.cap,
      notionalFloor: floor,
      maintMarginRatio: bracket.rate,
      cum: Math.round(cum * 100) / 100,
    };
    floor = bracket.cap;
    rate = bracket.rate;
    return row;
  });
}

const ROWS = new WeakMap<readonly Bracket[], ReturnType<typeof bracketRows>>();

/** Looked for at each mark of a held symbol, many times: the rows of a list are made once. */
export function bracketOf(instrument: Instrument, notional: number) {
  let rows = ROWS.get(instrument.brackets);
  if (rows === undefined) {
    rows = bracketRows(instrument);
    ROWS.set(instrument.brackets, rows);
  }
  return rows.find((row) => notional <= row.notionalCap) ?? rows[rows.length - 1];
}

/** The largest notional a leverage allows. */
export function notionalCap(instrument: Instrument, leverage: number): number {
  const allowed = instrument.brackets.filter((bracket) => bracket.leverage >= leverage);
  return allowed.length === 0 ? 0 : allowed[allowed.length - 1].cap;
}

export function exchangeInfo(instruments: Iterable<Instrument>, now: number) {
  return {
    timezone: 'UTC',
    serverTime: now,
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: Array.from(instruments, symbolInfo),
  };
}

function symbolInfo(instrument: Instrument) {
  const { symbol, base } = instrument;
  return {
    symbol,
    pair: symbol,
    contractType: 'PERPETUAL',
    deliveryDate: 4133404800000,
    onboardDate: 1569398400000,
    status: instrument.status,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: base,
    quoteAsset: 'USDT',
    marginAsset: 'USDT',
    pricePrecision: Math.max(2, decimalsOf(instrument.tick)),
    quantityPrecision: decimalsOf(instrument.step),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: ['PoW'],
    triggerProtect: instrument.triggerProtect.toFixed(4),
    liquidationFee: instrument.liquidationFee.toFixed(6),
    marketTakeBound: '0.05',
    maxMoveOrderLimit: 10000,
    filters: filters(instrument),
    orderTypes: [
      'LIMIT',
      'MARKET',
      'STOP',
      'STOP_MARKET',
      'TAKE_PROFIT',
      'TAKE_PROFIT_MARKET',
      'TRAILING_STOP_MARKET',
    ],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
    permissionSets: ['GRID', 'COPY', 'RPI'],
  };
}

function filters(instrument: Instrument) {
  const price = (x: number) => x.toFixed(Math.max(2, decimalsOf(instrument.tick)));
  const lot = (x: number) => x.toFixed(decimalsOf(instrument.step));
  const least = lot(instrument.step);
  return [
    {
      filterType: 'PRICE_FILTER',
      minPrice: price(instrument.tick),
      maxPrice: '4529764',
      tickSize: price(instrument.tick),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: least,
      maxQty: String(instrument.maxQuantity),
      stepSize: least,
    },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: least,
      maxQty: String(instrument.marketMaxQuantity),
      stepSize: least,
    },
    { filterType: 'MAX_NUM_ORDERS', limit: 200 },
    { filterType: 'MIN_NOTIONAL', notional: String(instrument.minNotional) },
    {
      filterType: 'PERCENT_PRICE',
      multiplierUp: instrument.percentUp.toFixed(4),
      multiplierDown: instrument.percentDown.toFixed(4),
      multiplierDecimal: '4',
    },
    {
      filterType: 'POSITION_RISK_CONTROL',
      positionControlSide: instrument.positionControlSide,
    },
  ];
}
