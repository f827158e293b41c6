import { Atr } from '../../indicators/basic/atr.ts';
import { loadState, type State, saveState } from '../../indicators/state.ts';
import {
  SuperTrendAi,
  type SuperTrendAiOptions,
} from '../../indicators/supertrend-ai/supertrend-ai.ts';
import type { BarClosed } from '../../src/engine/event.ts';
import type { Direction } from '../../src/engine/units.ts';
import { CONDITIONS, conditionBit } from '../tags/conditions.ts';
import { TagPipeline, type TagPipelineOptions } from '../tags/tag-pipeline.ts';
import {
  type Alert,
  SideTrigger,
  type TriggerOptions,
  triggerConditions,
} from '../tags/triggers.ts';
import type { EntrySignal, SignalSource } from './signal-source.ts';

const ATR_LENGTH = 14;
/** A block raises at most one trade signal; under `coincidence` the expression holds on many bars. */
const COOL_DOWN_BLOCKS = 64;

/** The full composite tags as a signal source: pipeline, one trigger a side, trail and ATR. */
export class TagSource implements SignalSource {
  declare readonly pipeline: TagPipeline;
  declare readonly long: SideTrigger;
  declare readonly short: SideTrigger;
  declare private readonly trail: SuperTrendAi;
  declare private readonly atr14: Atr;
  declare private readonly fundingLimit: number;
  declare private readonly fundingMode: 'signed' | 'unsigned';
  declare private readonly tag: string;
  private readonly alerted: number[] = [];

  constructor(options: {
    pipeline: TagPipelineOptions;
    trigger: TriggerOptions;
    /** Of the SuperTrend AI that trails; default: its own. */
    trail?: SuperTrendAiOptions;
    fundingMaxPercent8h: number;
    /** `unsigned`: a high rate stops both sides. */
    fundingMode: 'signed' | 'unsigned';
  }) {
    const conditions = triggerConditions(options.trigger);
    this.pipeline = new TagPipeline({ ...options.pipeline, conditions });
    this.long = new SideTrigger({ ...options.trigger, direction: 1 });
    this.short = new SideTrigger({ ...options.trigger, direction: -1 });
    this.trail = new SuperTrendAi(options.trail);
    this.atr14 = new Atr(ATR_LENGTH);
    this.fundingLimit = options.fundingMaxPercent8h;
    this.fundingMode = options.fundingMode;
    this.tag = options.trigger.trigger;
  }

  get atr(): number {
    return this.atr14.value;
  }

  tags(): readonly string[] {
    const { bits, known } = this.pipeline;
    return CONDITIONS.filter((name) => (bits & known & conditionBit(name)) !== 0);
  }

  setFunding(percent8h: number): void {
    this.pipeline.setFunding(percent8h, this.fundingLimit, this.fundingMode);
  }

  onBar(bar: BarClosed): EntrySignal | undefined {
    const { pipeline } = this;
    pipeline.update(bar);
    this.trail.update(bar);
    this.atr14.update(bar.high, bar.low, bar.close);
    const long = this.long.update(pipeline, bar);
    const short = this.short.update(pipeline, bar);
    const alert = long ?? short;
    if (alert === undefined || this.alerted.includes(alert.blockCreatedBar * alert.direction)) {
      return undefined;
    }
    this.alerted.push(alert.blockCreatedBar * alert.direction);
    if (this.alerted.length > COOL_DOWN_BLOCKS) this.alerted.shift();
    return this.signal(alert);
  }

  trailPrice(direction: Direction): number {
    const isOurs = this.trail.side === (direction === 1 ? 1 : 0);
    return isOurs ? this.trail.stop : Number.NaN;
  }

  hasOppositeChoch(direction: Direction): boolean {
    const { iChoch, iChochPlus } = this.pipeline.priceAction;
    return iChoch === -direction || iChochPlus === -direction;
  }

  save(): unknown {
    return {
      pipeline: this.pipeline.save(),
      long: this.long.save(),
      short: this.short.save(),
      trail: saveState(this.trail),
      atr14: saveState(this.atr14),
      alerted: [...this.alerted],
    };
  }

  load(state: unknown): void {
    const saved = state as Record<string, State> & { alerted: number[] };
    this.pipeline.load(saved.pipeline);
    this.long.load(saved.long);
    this.short.load(saved.short);
    loadState(this.trail, saved.trail);
    loadState(this.atr14, saved.atr14);
    this.alerted.length = 0;
    this.alerted.push(...saved.alerted);
  }

  private signal(alert: Alert): EntrySignal {
    return {
      direction: alert.direction,
      tag: this.tag,
      blockTop: alert.blockTop,
      blockBottom: alert.blockBottom,
      tags: alert.tags,
      reasons: alert.reasons,
      missingContext: alert.missingContext,
      facts: {
        blockId: alert.blockId,
        blockAgeBars: alert.tapBar + alert.tapAgeBars - alert.blockCreatedBar,
        blockVolume: alert.blockVolume,
        blockDominance: alert.blockDominance,
        blockStrength: alert.blockStrength,
        tapAgeBars: alert.tapAgeBars,
      },
    };
  }
}
