import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { BarGaps } from './bar-gaps.ts';
import { confluenceLower, confluenceMeter, confluenceUpper } from './confluence.ts';
import { type DivergenceMode, Divergences } from './divergences.ts';
import { Hyperwave, type HyperwaveForm } from './hyperwave.ts';
import { MoneyFlow } from './money-flow.ts';
import { Reversals } from './reversals.ts';

/** Defaults are the preset `chart`. */
export interface OscillatorMatrixOptions {
  /** Default 35. */
  moneyFlowLength?: number;
  /** Default 6. */
  smooth?: number;
  /** Default 7. */
  hyperwaveLength?: number;
  /** Default 3. */
  signalLength?: number;
  /** Default A. */
  form?: HyperwaveForm;
  /** Default 20. */
  divergenceSensitivity?: number;
  /** Default confirmed. */
  divergenceMode?: DivergenceMode;
  /** Default 5. */
  reversalFactor?: number;
  /** `signals`: only Hyperwave and money flow are computed; the rest stays NaN. Default all. */
  reads?: 'all' | 'signals';
  /** Length of a bar; without it the smallest distance of two bars seen so far. */
  barMs?: number;
}

/**
 * Oscillator Matrix (equivalent of the LuxAlgo toolkit of that name): Hyperwave, smart money flow,
 * divergences, reversals and confluence on one bar stream; the formulas are in the docstrings of
 * the parts, the evidence behind them in `docs/FIDELITY.md`.
 *
 * Oscillators 0..100, events and states 0 / 1, all NaN until warm: money flow from bar index 150,
 * Hyperwave from max(150, 22 x length), reversals and confluence when both are, divergences 200
 * bars after Hyperwave. For 5 bars after a gap events are muted while states and the meter go on;
 * after more than 200 missing bars everything starts anew. O(log span) amortised a bar.
 */
export class OscillatorMatrix implements Indicator {
  declare readonly warmUpBars: number;
  declare parts: OscillatorParts;
  declare private readonly options: OscillatorMatrixOptions;
  declare private readonly readsAll: boolean;
  declare readonly gaps: BarGaps;
  declare private lastOpenTime: number;

  /** @throws RangeError for options outside their range */
  constructor(options: OscillatorMatrixOptions = {}) {
    this.parts = new OscillatorParts(options);
    this.warmUpBars = Math.min(this.parts.wave.warmUpIndex, this.parts.flow.warmUpIndex) + 1;
    this.options = { ...options };
    this.readsAll = options.reads !== 'signals';
    this.gaps = new BarGaps(options.barMs);
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const { gaps } = this;
    gaps.update(bar);
    if (gaps.restart === 1) this.parts = new OscillatorParts(this.options);
    const { wave, flow, divergences } = this.parts;
    wave.update(bar);
    flow.update(bar);
    if (this.readsAll) divergences.update(wave, bar);
  }

  // Read through to the parts: copying twenty numbers a bar would cost more than Hyperwave does,
  // and what is only looked at (reversals, confluence) is judged when asked for.
  // Events are multiplied by `shown`, which mutes them and leaves NaN, "not warm", as it is.

  get hw(): number {
    return this.parts.wave.hw;
  }
  get hwSignal(): number {
    return this.parts.wave.hwSignal;
  }
  get hwUp(): number {
    return this.parts.wave.hwUp * this.gaps.shown;
  }
  get hwDown(): number {
    return this.parts.wave.hwDown * this.gaps.shown;
  }
  get hwOversoldUp(): number {
    return this.parts.wave.hwOversoldUp * this.gaps.shown;
  }
  get hwOverboughtDown(): number {
    return this.parts.wave.hwOverboughtDown * this.gaps.shown;
  }
  get mf(): number {
    return this.parts.flow.mf;
  }
  get mfUpper(): number {
    return this.parts.flow.mfUpper;
  }
  get mfLower(): number {
    return this.parts.flow.mfLower;
  }
  get bullOverflow(): number {
    return this.parts.flow.bullOverflow;
  }
  get bearOverflow(): number {
    return this.parts.flow.bearOverflow;
  }
  get bullDivergence(): number {
    return this.parts.divergences.bullDivergence * this.gaps.shown;
  }
  get bearDivergence(): number {
    return this.parts.divergences.bearDivergence * this.gaps.shown;
  }
  get reversalUpMinor(): number {
    return atLeast(1, this.reversalUp());
  }
  get reversalUpMajor(): number {
    return atLeast(2, this.reversalUp());
  }
  get reversalDownMinor(): number {
    return atLeast(1, this.reversalDown());
  }
  get reversalDownMajor(): number {
    return atLeast(2, this.reversalDown());
  }
  get confluenceUpper(): number {
    return confluenceUpper(this.parts.wave, this.parts.flow);
  }
  get confluenceLower(): number {
    return confluenceLower(this.parts.wave, this.parts.flow);
  }
  get confluenceMeter(): number {
    const { wave, flow, divergences } = this.parts;
    return confluenceMeter(wave, flow, divergences);
  }

  private reversalUp(): number {
    const { wave, flow, divergences, reversals } = this.parts;
    return reversals.up(wave, flow, divergences) * this.gaps.shown;
  }

  private reversalDown(): number {
    const { wave, flow, divergences, reversals } = this.parts;
    return reversals.down(wave, flow, divergences) * this.gaps.shown;
  }
}

/** Keeps NaN, "not warm". */
function atLeast(grade: number, reversal: number): number {
  return Number.isNaN(reversal) ? Number.NaN : reversal >= grade ? 1 : 0;
}

/** Everything that a gap too long to bridge starts anew. */
class OscillatorParts {
  declare readonly wave: Hyperwave;
  declare readonly flow: MoneyFlow;
  declare readonly divergences: Divergences;
  declare readonly reversals: Reversals;

  constructor(options: OscillatorMatrixOptions) {
    const { hyperwaveLength: length, signalLength, form, moneyFlowLength, smooth } = options;
    const { divergenceSensitivity: sensitivity, divergenceMode: mode } = options;
    this.wave = new Hyperwave({ length, signalLength, form });
    this.flow = new MoneyFlow({ length: moneyFlowLength, smooth });
    this.divergences = new Divergences({ sensitivity, mode });
    this.reversals = new Reversals({ factor: options.reversalFactor });
  }
}
