import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { BarGaps } from '../oscillator-matrix/bar-gaps.ts';
import { type Autopilot, Confirmations, type SignalMode } from './confirmation.ts';
import { NeoCloud } from './neo-cloud.ts';
import { ReversalZones } from './reversal-zones.ts';
import { FIRST_TURN_INDEX, SmartTrail } from './smart-trail.ts';
import { TpSlLevels } from './tp-sl-levels.ts';
import { TrendCatcher } from './trend-catcher.ts';
import { TrendStrength } from './trend-strength.ts';
import { TrendTracer } from './trend-tracer.ts';

/** Defaults are the preset `chart`, with tick 0. */
export interface SignalsOverlaysOptions {
  /** Default 12. */
  sensitivity?: number;
  /** Default off. */
  autopilot?: Autopilot;
  /** Default confirmation. */
  mode?: SignalMode;
  /** Lowest rating for `buyConf` and `sellConf`. Default 1. */
  ratingMin?: number;
  /** Whether they also need Smart Trail, Tracer, Catcher and Neo Cloud on the side. Default yes. */
  activeNeeds?: 'rating' | 'ratingAndOverlays';
  /** Periods of the overlays. Defaults 3, Neo Cloud 2. */
  smartTrail?: number;
  trendCatcher?: number;
  trendTracer?: number;
  neoCloud?: number;
  /** Distance of the TP / SL levels. Default 2. */
  tpSlAtrs?: number;
  /** Smallest price step of the instrument. Default 0. */
  tickSize?: number;
  /**
   * `signals`: only signals, ratings, Smart Trail and what `activeNeeds` asks for are computed; the
   * rest stays NaN. Default all.
   */
  reads?: 'all' | 'signals';
  /** Length of a bar; without it the smallest distance of two bars seen so far. */
  barMs?: number;
}

/**
 * Signals & Overlays (equivalent of the LuxAlgo toolkit of that name): confirmation signals with
 * exits and ratings, Smart Trail, Trend Catcher, Trend Tracer, Neo Cloud, Reversal Zones, Trend
 * Strength and TP / SL levels on one bar stream; the formulas are in the docstrings of the parts,
 * the evidence behind them in `docs/FIDELITY.md`.
 *
 * Prices in quote currency, directions -1 / 0 / +1, events 0 / 1. NaN until warm: signals from bar
 * index 800 (1000 with autopilot), Catcher and Tracer 250, Trend Strength 270, Neo Cloud and zones
 * 600, Smart Trail from its first turn at 84 or later. For 5 bars after a gap events are muted
 * while states go on; after more than 200 missing bars everything starts anew. O(candidates) a bar.
 */
export class SignalsOverlays implements Indicator {
  declare readonly warmUpBars: number;
  declare parts: OverlayParts;
  declare private readonly options: SignalsOverlaysOptions;
  declare private readonly needsOverlays: boolean;
  declare private readonly readsAll: boolean;
  declare readonly gaps: BarGaps;
  declare private lastOpenTime: number;

  /** @throws RangeError for options outside their range */
  constructor(options: SignalsOverlaysOptions = {}) {
    const { activeNeeds = 'ratingAndOverlays' } = options;
    if (activeNeeds !== 'rating' && activeNeeds !== 'ratingAndOverlays') {
      throw new RangeError(`unknown activeNeeds "${activeNeeds}"`);
    }
    this.parts = new OverlayParts(options);
    this.warmUpBars = FIRST_TURN_INDEX + 1;
    this.options = { ...options };
    this.needsOverlays = activeNeeds === 'ratingAndOverlays';
    this.readsAll = options.reads !== 'signals';
    this.gaps = new BarGaps(options.barMs);
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const { gaps } = this;
    gaps.update(bar);
    if (gaps.restart === 1) this.parts = new OverlayParts(this.options);
    const { signals, trail, catcher, tracer, cloud, zones, strength, levels } = this.parts;
    trail.update(bar);
    catcher.update(bar);
    if (this.readsAll || this.needsOverlays) {
      tracer.update(bar);
      cloud.update(bar);
    }
    signals.update(bar, catcher);
    if (!this.readsAll) return;
    zones.update(bar);
    strength.update(bar);
    levels.update(bar, signals);
  }

  // Read through to the parts, as in `OscillatorMatrix`; `shown` mutes events and leaves NaN.

  get confirmation(): number {
    return this.parts.signals.confirmation * this.gaps.shown;
  }
  get strong(): number {
    return this.parts.signals.strong * this.gaps.shown;
  }
  get rating(): number {
    return this.gaps.shown === 1 ? this.parts.signals.rating : Number.NaN;
  }
  get exitBull(): number {
    return this.parts.signals.exitBull * this.gaps.shown;
  }
  get exitBear(): number {
    return this.parts.signals.exitBear * this.gaps.shown;
  }
  get sensitivity(): number {
    return this.parts.signals.sensitivity;
  }
  /** The tag BUY_CONF: 1 while a bullish signal is in force, see the options; NaN until warm. */
  get buyConf(): number {
    return this.isActive(1);
  }
  /** The tag SELL_CONF. */
  get sellConf(): number {
    return this.isActive(-1);
  }
  get smartTrail(): number {
    return this.parts.trail.smartTrail;
  }
  get smartTrailExtremity(): number {
    return this.parts.trail.smartTrailExtremity;
  }
  get smartTrailDir(): number {
    return this.parts.trail.smartTrailDir;
  }
  get catcherDir(): number {
    return this.parts.catcher.catcherDir;
  }
  get tracerDir(): number {
    return this.parts.tracer.tracerDir;
  }
  get neoLead(): number {
    return this.parts.cloud.neoLead;
  }
  get neoLag(): number {
    return this.parts.cloud.neoLag;
  }
  get trendStrength(): number {
    return this.parts.strength.trendStrength;
  }

  private isActive(side: number): number {
    const { signals, trail, catcher, tracer, cloud } = this.parts;
    if (Number.isNaN(signals.active)) return Number.NaN;
    if (signals.active !== side) return 0;
    if (!this.needsOverlays) return 1;
    const lines = trail.smartTrailDir === side && tracer.tracerDir === side;
    return lines && catcher.catcherDir === side && cloud.neoDir === side ? 1 : 0;
  }
}

/** Everything that a gap too long to bridge starts anew. */
class OverlayParts {
  declare readonly signals: Confirmations;
  declare readonly trail: SmartTrail;
  declare readonly catcher: TrendCatcher;
  declare readonly tracer: TrendTracer;
  declare readonly cloud: NeoCloud;
  declare readonly zones: ReversalZones;
  declare readonly strength: TrendStrength;
  declare readonly levels: TpSlLevels;

  constructor(options: SignalsOverlaysOptions) {
    const { sensitivity, autopilot, mode, ratingMin, tickSize } = options;
    this.signals = new Confirmations({ sensitivity, autopilot, mode, ratingMin });
    this.trail = new SmartTrail({ setting: options.smartTrail, tickSize });
    this.catcher = new TrendCatcher({ setting: options.trendCatcher });
    this.tracer = new TrendTracer({ setting: options.trendTracer });
    this.cloud = new NeoCloud({ setting: options.neoCloud });
    this.zones = new ReversalZones();
    this.strength = new TrendStrength();
    this.levels = new TpSlLevels({ distanceAtrs: options.tpSlAtrs });
  }
}
