import { type Bars, createBars } from '../bars/bars.ts';
import { resampleBars } from '../bars/resample.ts';
import { SeededRandom } from './random.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const FUNDING_MS = 28_800_000;
/** Price steps inside a minute; the extremes of a bar come from them. */
const STEPS = 8;

export interface SimulatedMarketOptions {
  seed: number;
  days: number;
  /** Start of the first bar, ms UTC; a whole day. Default 2024-01-01. */
  startMs?: number;
  /** 60,000 or a multiple; coarser bars are resampled. Default 60,000. */
  timeframeMs?: number;
  /** Multiplies every volatility. Default 1. */
  volatilityScale?: number;
  /** Weight of the common factor in ETH and SOL, 0..1 over the default. Default 1. */
  correlationScale?: number;
}

export interface SimulatedMarket {
  series: Bars[];
  funding: { symbol: string; times: Float64Array; rates: Float64Array }[];
  /** What reports print: always begins with SIMULATED. */
  label: string;
}

interface SymbolModel {
  symbol: string;
  price: number;
  tick: number;
  step: number;
  /** Standard deviation of one minute at calm volatility. */
  sigma: number;
  /** Loading on the common factor. */
  common: number;
  /** Typical base volume a minute. */
  volume: number;
}

const MODELS: readonly SymbolModel[] = [
  {
    symbol: 'BTCUSDT',
    price: 60_000,
    tick: 0.1,
    step: 0.001,
    sigma: 0.00048,
    common: 0.96,
    volume: 90,
  },
  {
    symbol: 'ETHUSDT',
    price: 3_000,
    tick: 0.01,
    step: 0.001,
    sigma: 0.00098,
    common: 0.92,
    volume: 1_100,
  },
  {
    symbol: 'SOLUSDT',
    price: 150,
    tick: 0.01,
    step: 0.01,
    sigma: 0.00098,
    common: 0.92,
    volume: 9_000,
  },
];

/**
 * Three correlated perpetuals, a minute at a time, from one seed. Log volatility is the sum of a
 * fast and a slow mean-reverting process (clustering at hours and days) and an intraday season; steps
 * inside a minute are normal with shared and own parts; rare jumps hit all three. Volume rises with
 * the square root of the move, taker flow leans with it, funding follows the recent trend. An
 * invented market: SIMULATED wherever it is shown. `docs/SIMULATED-MARKET.md` has its moments.
 */
export function simulateMarket(options: SimulatedMarketOptions): SimulatedMarket {
  const { seed, days } = options;
  const startMs = options.startMs ?? Date.UTC(2024, 0, 1);
  const timeframeMs = options.timeframeMs ?? MINUTE_MS;
  const length = Math.round(days * DAY_MINUTES);
  const label = `SIMULATED market, seed ${seed}, ${days} days`;
  const source = { kind: 'simulated' as const, names: [label] };
  const series = MODELS.map(({ symbol }) =>
    createBars({ symbol, timeframeMs: MINUTE_MS, length, source }),
  );
  const random = new SeededRandom(seed);
  const volatility = new VolatilityProcess(random);
  const walkers = MODELS.map((model, i) => new SymbolWalk(model, series[i], options));
  for (let i = 0; i < length; i++) {
    const openMs = startMs + i * MINUTE_MS;
    const level = volatility.next(i % DAY_MINUTES);
    const jump = random.uniform() < 0.000_2 ? random.normal() * 7 : 0;
    const shared = new Float64Array(STEPS);
    for (let step = 0; step < STEPS; step++) shared[step] = random.normal();
    shared[Math.floor(random.uniform() * STEPS)] += jump;
    for (const walker of walkers) walker.minute({ index: i, openMs, level, shared, random });
  }
  const funding = walkers.map((walker) => walker.funding());
  const coarse = series.map((bars) => resampleBars(bars, timeframeMs));
  return { series: coarse, funding, label };
}

/** Common volatility level around 1: two time scales plus the season of the UTC day. */
class VolatilityProcess {
  private readonly random: SeededRandom;
  private fast = 0;
  private slow = 0;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  next(minuteOfDay: number): number {
    // Half-lives of about one hour and two days.
    this.fast += -0.012 * this.fast + 0.053 * this.random.normal();
    this.slow += -0.000_24 * this.slow + 0.009 * this.random.normal();
    // Busiest around 14:30 UTC, quietest around 05:00.
    const angle = (2 * Math.PI * (minuteOfDay - 870)) / DAY_MINUTES;
    const season = 0.22 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
    return Math.exp(this.fast + this.slow + season - 0.12);
  }
}

class SymbolWalk {
  private readonly model: SymbolModel;
  private readonly bars: Bars;
  private readonly sigma: number;
  private readonly common: number;
  private readonly own: number;
  private price: number;
  private trend = 0;
  private readonly fundingTimes: number[] = [];
  private readonly fundingRates: number[] = [];

  constructor(model: SymbolModel, bars: Bars, options: SimulatedMarketOptions) {
    this.model = model;
    this.bars = bars;
    this.sigma = (model.sigma * (options.volatilityScale ?? 1)) / Math.sqrt(STEPS);
    this.common = Math.min(0.999, model.common * (options.correlationScale ?? 1));
    this.own = Math.sqrt(1 - this.common * this.common);
    this.price = model.price;
  }

  minute(at: {
    index: number;
    openMs: number;
    level: number;
    shared: Float64Array;
    random: SeededRandom;
  }): void {
    const { index, level, shared, random } = at;
    const { bars, model } = this;
    const open = this.onTick(this.price);
    let high = open;
    let low = open;
    // A minute of its own: without it ranges would follow the level too closely.
    const burst = level * Math.exp(0.36 * random.normal() - 0.065);
    for (let step = 0; step < STEPS; step++) {
      const shock = this.common * shared[step] + this.own * random.normal();
      this.price *= Math.exp(this.sigma * burst * shock);
      const price = this.onTick(this.price);
      if (price > high) high = price;
      if (price < low) low = price;
    }
    const close = this.onTick(this.price);
    const move = close / open - 1;
    const size = Math.abs(move) / (this.sigma * Math.sqrt(STEPS));
    // Trading follows volatility and the move itself; the rest is noise with a long right tail.
    const busy =
      model.volume * level * (0.45 + 0.55 * size) * Math.exp(0.55 * random.normal() - 0.15);
    const volume = Math.max(model.step, this.onStep(busy));
    const lean = 0.5 + 0.22 * Math.tanh((1.1 * move) / (this.sigma * Math.sqrt(STEPS) * level));
    const share = Math.min(0.98, Math.max(0.02, lean + 0.07 * random.normal()));
    bars.openTime[index] = at.openMs;
    bars.open[index] = open;
    bars.high[index] = high;
    bars.low[index] = low;
    bars.close[index] = close;
    bars.volume[index] = volume;
    bars.takerBuyVolume[index] = this.onStep(volume * share);
    this.trend += (move - this.trend) / DAY_MINUTES;
    if ((at.openMs + MINUTE_MS) % FUNDING_MS === 0) this.settle(at.openMs + MINUTE_MS, random);
  }

  funding() {
    return {
      symbol: this.model.symbol,
      times: Float64Array.from(this.fundingTimes),
      rates: Float64Array.from(this.fundingRates),
    };
  }

  /** The usual 0.01 % in 8 h, more after rises, less (and negative) after falls. */
  private settle(atMs: number, random: SeededRandom): void {
    const rate = 0.0001 + 1.5 * this.trend + 0.000_02 * random.normal();
    this.fundingTimes.push(atMs);
    this.fundingRates.push(Math.round(Math.max(-0.003, Math.min(0.003, rate)) * 1e8) / 1e8);
  }

  private onTick(price: number): number {
    const scale = Math.round(1 / this.model.tick);
    return Math.max(1, Math.round(price * scale)) / scale;
  }

  private onStep(quantity: number): number {
    const scale = Math.round(1 / this.model.step);
    return Math.round(quantity * scale) / scale;
  }
}
