import { HOUR_ACTIVITY, JUMPS, VOLATILITY_SCALES } from './model.ts';
import { exp, ln, Random } from './random.ts';

const MINUTES_A_DAY = 1_440;

/** What all symbols share in a minute: shock, volatility, jump, hour of the day. */
export class CommonFactor {
  shock = 0;
  /** Season of log volatility, before a symbol's own strength of it. */
  season = 0;
  /** Joint jump in units of usual volatility; 0 in most minutes. */
  jump = 0;
  readonly logVolatility: Float64Array;
  private readonly random: Random;
  private readonly decay: Float64Array;
  private readonly innovation: Float64Array;
  private readonly seasons: Float64Array;
  private readonly jumpChance: number;

  constructor(options: { seed: number; jumpScale?: number }) {
    this.random = new Random(options.seed, 0);
    const scales = VOLATILITY_SCALES;
    this.decay = Float64Array.from(scales, (scale) => exp(ln(0.5) / scale.halfLifeMinutes));
    this.innovation = Float64Array.from(scales, (scale, k) => {
      return scale.sd * Math.sqrt(scale.shared * (1 - this.decay[k] * this.decay[k]));
    });
    // Starting from the stationary law: the first day is as any other.
    this.logVolatility = Float64Array.from(scales, (scale) => {
      return scale.sd * Math.sqrt(scale.shared) * this.random.normal();
    });
    this.seasons = seasonByMinute();
    this.jumpChance = (JUMPS.jointPerDay * (options.jumpScale ?? 1)) / MINUTES_A_DAY;
  }

  step(minuteOfDay: number): void {
    const { logVolatility, decay, innovation, random } = this;
    for (let k = 0; k < decay.length; k++) {
      logVolatility[k] = logVolatility[k] * decay[k] + innovation[k] * random.normal();
    }
    this.season = this.seasons[minuteOfDay];
    this.shock = random.normal();
    this.jump = random.uniform() < this.jumpChance ? drawJump(random) : 0;
  }
}

/** A signed jump in units of usual volatility. */
export function drawJump(random: Random): number {
  const size = JUMPS.sizeMin + JUMPS.sizeMean * random.exponential();
  const isCrash = random.uniform() * JUMPS.crashOneIn < 1;
  const sign = random.uniform() < 0.5 ? -1 : 1;
  return sign * size * (isCrash ? JUMPS.crashFactor : 1);
}

/** Log activity of each minute of the UTC day, linear between the middles of the hours. */
function seasonByMinute(): Float64Array {
  const logs = HOUR_ACTIVITY.map((activity) => ln(activity));
  return Float64Array.from({ length: MINUTES_A_DAY }, (_, minute) => {
    const hours = minute / 60 + 23.5;
    const hour = Math.floor(hours);
    const share = hours - hour;
    return logs[hour % 24] * (1 - share) + logs[(hour + 1) % 24] * share;
  });
}
