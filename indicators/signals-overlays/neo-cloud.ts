import { Ema } from '../basic/ema.ts';
import type { Bar } from '../indicator.ts';

const LEAD_LENGTH = 13;
const LAG_LENGTH = 34;
const WARM_UP_INDEX = 600;
const WARM_UP_LAGS = 9;

/**
 * Neo Cloud: a lead and a lag line, EMA(13 * setting) and EMA(34 * setting) of the close, in quote
 * currency; up while lead > lag. Documented by the original: the pair and the default setting 2;
 * lengths are our design. Shown from bar index 600, for settings above 2 from 9 lag lengths.
 * Mirrors exactly. O(1).
 */
export class NeoCloud {
  declare neoLead: number;
  declare neoLag: number;
  /** Sign of lead - lag; NaN until warm. */
  declare neoDir: number;
  declare private readonly lead: Ema;
  declare private readonly lag: Ema;
  declare private readonly warmUpIndex: number;
  declare private index: number;

  /** @throws RangeError for a setting that gives no length of at least 1 */
  constructor(options: { setting?: number } = {}) {
    const { setting = 2 } = options;
    const lag = Math.round(LAG_LENGTH * setting);
    this.neoLead = Number.NaN;
    this.neoLag = Number.NaN;
    this.neoDir = Number.NaN;
    this.lead = new Ema(Math.round(LEAD_LENGTH * setting));
    this.lag = new Ema(lag);
    this.warmUpIndex = setting <= 2 ? WARM_UP_INDEX : WARM_UP_LAGS * lag;
    this.index = -1;
  }

  update(bar: Bar): void {
    const { close } = bar;
    const lead = this.lead.update(close);
    const lag = this.lag.update(close);
    if (++this.index < this.warmUpIndex) return;
    this.neoLead = lead;
    this.neoLag = lag;
    this.neoDir = lead > lag ? 1 : lead < lag ? -1 : 0;
  }
}
