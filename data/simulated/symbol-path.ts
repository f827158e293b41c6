import type { Bars } from '../bars/bars.ts';
import { type CommonFactor, drawJump } from './common-factor.ts';
import { FundingPath } from './funding-path.ts';
import { JUMPS, type SymbolModel, VOLATILITY_SCALES, VOLUME } from './model.ts';
import { exp, ln, Random } from './random.ts';

const SCALES = VOLATILITY_SCALES.length;
/** Mean of |z| for a standard normal z. */
const MEAN_ABS_Z = 0.7978845608;
/** This share of bars opens one tick away from the last close, as perpetuals do. */
const ONE_TICK_OPEN_SHARE = 0.48;

/** Price, volume and taker flow of one symbol, a minute at a time. */
export class SymbolPath {
  readonly model: SymbolModel;
  readonly funding: FundingPath;
  private price: number;
  private lastCloseTicks: number;
  private volumeNoise: number;
  private readonly random: Random;
  private readonly loading: number;
  private readonly ownLoading: number;
  private readonly sigma: number;
  private readonly intrabarVolatility: number;
  private readonly centre: number;
  private readonly own: Float64Array;
  private readonly decay: Float64Array;
  private readonly innovation: Float64Array;
  private readonly volumeDecay: number;
  private readonly volumeInnovation: number;
  private readonly logVolumeMedian: number;
  private readonly jumpChance: number;

  constructor(
    model: SymbolModel,
    index: number,
    options: {
      seed: number;
      volatilityScale?: number;
      correlation?: number;
      jumpScale?: number;
      intrabarVolatility?: number;
    },
  ) {
    this.model = model;
    this.random = new Random(options.seed, 1 + index);
    this.funding = new FundingPath(model, new Random(options.seed, 101 + index));
    const { correlation } = options;
    this.loading = correlation === undefined ? model.loading : Math.sqrt(correlation);
    this.ownLoading = Math.sqrt(1 - this.loading * this.loading);
    this.intrabarVolatility = options.intrabarVolatility ?? model.intrabarVolatility;
    this.sigma = model.volatilityBps * 1e-4 * (options.volatilityScale ?? 1);
    const scales = VOLATILITY_SCALES;
    const variance = scales.reduce((sum, scale) => sum + scale.sd * scale.sd, 0);
    // E[exp(2 x)] = exp(2 variance): the centre keeps the root mean square at sigma.
    this.centre = -(variance + model.burstiness * model.burstiness);
    this.decay = Float64Array.from(scales, (scale) => exp(ln(0.5) / scale.halfLifeMinutes));
    this.innovation = Float64Array.from(scales, (scale, k) => {
      return scale.sd * Math.sqrt((1 - scale.shared) * (1 - this.decay[k] * this.decay[k]));
    });
    this.own = Float64Array.from(scales, (scale) => {
      return scale.sd * Math.sqrt(1 - scale.shared) * this.random.normal();
    });
    this.volumeDecay = exp(ln(0.5) / VOLUME.noiseHalfLifeMinutes);
    this.volumeInnovation = VOLUME.noiseSd * Math.sqrt(1 - this.volumeDecay * this.volumeDecay);
    this.volumeNoise = VOLUME.noiseSd * this.random.normal();
    this.logVolumeMedian = ln(model.volumeMedian);
    this.jumpChance = (JUMPS.ownPerDay * (options.jumpScale ?? 1)) / 1_440;
    this.price = model.startPrice;
    this.lastCloseTicks = Math.round(model.startPrice * model.ticksPerUnit);
  }

  /** Writes the bar of one minute into column position `at`. */
  step(minute: {
    common: CommonFactor;
    planted: number;
    openTime: number;
    into: Bars;
    at: number;
  }): void {
    const { random, intrabarVolatility } = this;
    const { common, into, at } = minute;
    const z = this.loading * common.shock + this.ownLoading * random.normal();
    const logVolatility = this.stepVolatility(common);
    const sigma = this.sigma * exp(logVolatility);
    const jump = this.drawJumps(common);
    // The half variance makes the price, not its logarithm, a fair game.
    const move = sigma * z - (sigma * sigma) / 2 + jump * this.sigma + minute.planted;
    const spread = 2 * sigma * sigma * intrabarVolatility * intrabarVolatility;
    // Extremes of a Brownian bridge that ends at `move`, drawn from their exact marginal laws.
    const up = (move + Math.sqrt(move * move + spread * random.exponential())) / 2;
    const down = (move - Math.sqrt(move * move + spread * random.exponential())) / 2;

    const ticks = this.model.ticksPerUnit;
    const start = this.price;
    this.price = start * exp(move);
    const nudge = random.uniform();
    const open = Math.max(1, this.lastCloseTicks + this.openOffset(nudge));
    const close = Math.max(1, Math.round(this.price * ticks));
    const high = Math.max(open, close, Math.round(start * exp(up) * ticks));
    const low = Math.max(1, Math.min(open, close, Math.round(start * exp(down) * ticks)));
    this.lastCloseTicks = close;
    into.openTime[at] = minute.openTime;
    into.open[at] = open / ticks;
    into.high[at] = high / ticks;
    into.low[at] = low / ticks;
    into.close[at] = close / ticks;
    const standardised = z + (jump * this.sigma) / Math.max(sigma, 1e-12);
    this.writeVolume(into, at, { logVolatility, standardised });
    this.funding.step(minute.openTime, move / Math.max(this.sigma, 1e-12));
  }

  private stepVolatility(common: CommonFactor): number {
    const { own, decay, innovation, random, model } = this;
    let sum = this.centre + model.seasonality * common.season;
    for (let k = 0; k < SCALES; k++) {
      own[k] = own[k] * decay[k] + innovation[k] * random.normal();
      sum += own[k] + common.logVolatility[k];
    }
    return sum + model.burstiness * random.normal();
  }

  private drawJumps(common: CommonFactor): number {
    const { random } = this;
    let jump = common.jump === 0 ? 0 : common.jump * (0.8 + 0.4 * random.uniform());
    if (random.uniform() < this.jumpChance) jump += drawJump(random);
    if (jump !== 0) {
      this.own[SCALES - 1] += JUMPS.aftershock;
      this.own[SCALES - 2] += JUMPS.aftershock;
    }
    return jump;
  }

  private openOffset(nudge: number): number {
    if (nudge >= ONE_TICK_OPEN_SHARE) return 0;
    return nudge < ONE_TICK_OPEN_SHARE / 2 ? -1 : 1;
  }

  private writeVolume(
    into: Bars,
    at: number,
    minute: { logVolatility: number; standardised: number },
  ): void {
    const { random, model } = this;
    const z = minute.standardised;
    const absolute = Math.abs(z);
    this.volumeNoise =
      this.volumeNoise * this.volumeDecay + this.volumeInnovation * random.normal();
    const logVolume =
      this.logVolumeMedian +
      VOLUME.elasticity * (minute.logVolatility - this.centre) +
      VOLUME.perMove * (Math.min(absolute, 6) - MEAN_ABS_Z) +
      this.volumeNoise +
      VOLUME.freshNoiseSd * random.normal();
    const steps = Math.max(1, Math.round(exp(logVolume) * model.stepsPerUnit));
    const tilt = (VOLUME.takerSlope * z) / (1 + absolute / 2);
    const share = 0.5 + tilt + VOLUME.takerNoiseSd * random.normal();
    into.volume[at] = steps / model.stepsPerUnit;
    into.takerBuyVolume[at] =
      Math.round(steps * Math.min(0.98, Math.max(0.02, share))) / model.stepsPerUnit;
  }
}
