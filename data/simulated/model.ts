/** Constants of one simulated perpetual; where they come from: docs/SIMULATED-MARKET.md. */
export interface SymbolModel {
  symbol: string;
  startPrice: number;
  /** Prices are integers / ticksPerUnit, volumes integers / stepsPerUnit: exact decimals. */
  ticksPerUnit: number;
  stepsPerUnit: number;
  /** Root mean square of 1m returns without jumps, bps. */
  volatilityBps: number;
  /** Share of the common factor in the return: corr(i, j) = loading_i x loading_j. */
  loading: number;
  /** How strongly the hour of the day moves volatility, 1 = as in HOUR_ACTIVITY. */
  seasonality: number;
  /** Spread of log volatility from minute to minute, without memory: fat tails of single bars. */
  burstiness: number;
  /** Volatility inside the bar over that of its return; under 1 as minutes trend inside. */
  intrabarVolatility: number;
  /** Median base volume of a minute at usual volatility. */
  volumeMedian: number;
  fundingMeanBps: number;
  fundingSdBps: number;
}

export const SYMBOL_MODELS: readonly SymbolModel[] = [
  {
    symbol: 'BTCUSDT',
    startPrice: 95_000,
    ticksPerUnit: 10,
    stepsPerUnit: 1_000,
    volatilityBps: 5.1,
    loading: 0.905,
    seasonality: 1.2,
    burstiness: 0.3,
    intrabarVolatility: 0.68,
    volumeMedian: 70,
    fundingMeanBps: 0.65,
    fundingSdBps: 1.1,
  },
  {
    symbol: 'ETHUSDT',
    startPrice: 3_300,
    ticksPerUnit: 100,
    stepsPerUnit: 1_000,
    volatilityBps: 9.5,
    loading: 0.93,
    seasonality: 1.1,
    burstiness: 0.2,
    intrabarVolatility: 0.85,
    volumeMedian: 2_750,
    fundingMeanBps: 0.7,
    fundingSdBps: 1.15,
  },
  {
    symbol: 'SOLUSDT',
    startPrice: 190,
    ticksPerUnit: 100,
    stepsPerUnit: 100,
    volatilityBps: 10.2,
    loading: 0.93,
    seasonality: 0.9,
    burstiness: 0.12,
    intrabarVolatility: 0.87,
    volumeMedian: 10_100,
    fundingMeanBps: 0.5,
    fundingSdBps: 1.8,
  },
];

/** Memory of log volatility: an Ornstein-Uhlenbeck component per scale. */
export interface VolatilityScale {
  halfLifeMinutes: number;
  sd: number;
  /** Share of its variance that all symbols have in common. */
  shared: number;
}

export const VOLATILITY_SCALES: readonly VolatilityScale[] = [
  { halfLifeMinutes: 4_320, sd: 0.22, shared: 0.8 },
  { halfLifeMinutes: 150, sd: 0.28, shared: 0.8 },
  { halfLifeMinutes: 25, sd: 0.24, shared: 0.75 },
  { halfLifeMinutes: 3, sd: 0.28, shared: 0.65 },
];

/** Mean |r| of each UTC hour over the day's mean: a smoothed average of the three perpetuals. */
export const HOUR_ACTIVITY: readonly number[] = [
  1.22, 1.1, 0.98, 0.84, 0.77, 0.75, 0.79, 0.86, 0.89, 0.83, 0.8, 0.81, 0.95, 1.24, 1.36, 1.22,
  1.16, 1.12, 1.08, 1.05, 1.03, 1.1, 1.02, 0.95,
];

/** Sudden moves; sizes in multiples of the symbol's usual 1m volatility. */
export const JUMPS = {
  jointPerDay: 1,
  ownPerDay: 0.5,
  sizeMin: 4,
  sizeMean: 4,
  /** One in this many is a crash, this much larger. */
  crashOneIn: 60,
  crashFactor: 3,
  /** Added to log volatility at the shortest and second shortest scale after a jump. */
  aftershock: 0.6,
};

/** Log volume = median + elasticity x log volatility + perMove x |z| + noise with memory. */
export const VOLUME = {
  elasticity: 1.2,
  perMove: 0.34,
  noiseSd: 0.5,
  noiseHalfLifeMinutes: 25,
  freshNoiseSd: 0.2,
  /** Taker buy share = 1/2 + slope x z / (1 + |z| / 2) + noise. */
  takerSlope: 0.19,
  takerNoiseSd: 0.18,
};
