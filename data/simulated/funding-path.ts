import type { FundingTable } from '../funding/funding.ts';
import type { SymbolModel } from './model.ts';
import type { Random } from './random.ts';

const INTERVAL_HOURS = 8;
const INTERVAL_MS = INTERVAL_HOURS * 3_600_000;
const MEMORY = 0.82;
/** Premiums within this of the interest rate settle at exactly the interest rate. */
const FLAT_BPS = 0.75;
const INTEREST_BPS = 1;
const LIMIT_BPS = 75;
/** How far the market's move of the interval pulls the premium, bps per unit of usual moves. */
const TREND_BPS = 0.15;

/**
 * Settlements of one simulated perpetual: a premium with memory, pulled by the market's moves, that
 * settles at the interest rate of 1 bp when it is near it, as a quarter of the real ones do.
 */
export class FundingPath {
  private readonly model: SymbolModel;
  private readonly random: Random;
  private readonly times: number[] = [];
  private readonly rates: number[] = [];
  private deviation: number;
  private moves = 0;
  private minutes = 0;

  constructor(model: SymbolModel, random: Random) {
    this.model = model;
    this.random = random;
    this.deviation = model.fundingSdBps * random.normal();
  }

  /** One minute has passed; `move` in units of usual 1m volatility. */
  step(openTime: number, move: number): void {
    if (openTime % INTERVAL_MS === 0) this.settle(openTime);
    this.moves += move;
    this.minutes++;
  }

  table(symbol: string): FundingTable {
    return {
      symbol,
      times: Float64Array.from(this.times),
      rates: Float64Array.from(this.rates),
      intervalHours: new Float64Array(this.times.length).fill(INTERVAL_HOURS),
      gaps: [],
      path: 'SIMULATED',
    };
  }

  private settle(time: number): void {
    const { fundingMeanBps, fundingSdBps } = this.model;
    const fresh = fundingSdBps * Math.sqrt(1 - MEMORY * MEMORY) * this.random.normal();
    const pull = this.minutes === 0 ? 0 : (TREND_BPS * this.moves) / Math.sqrt(this.minutes);
    this.deviation = MEMORY * this.deviation + fresh + pull;
    this.moves = 0;
    this.minutes = 0;
    const premium = fundingMeanBps + this.deviation;
    const beyond = premium - INTEREST_BPS;
    let bps = premium;
    if (beyond > 0) bps = beyond < FLAT_BPS ? INTEREST_BPS : premium - FLAT_BPS;
    const limited = Math.min(LIMIT_BPS, Math.max(-LIMIT_BPS, bps));
    this.times.push(time);
    // The exchange publishes eight decimals.
    this.rates.push(Math.round(limited * 1e4) / 1e8);
  }
}
