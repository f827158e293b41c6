import type { Bar } from '../../indicators/indicator.ts';
import type { Direction } from '../../src/engine/units.ts';
import { CONDITION_NOTES, CONDITIONS, conditionIndex } from './conditions.ts';
import { ConditionExpression, mirrorExpression } from './expression.ts';
import { SequenceMachine, type TrackedBlock } from './sequence.ts';
import type { TagPipeline } from './tag-pipeline.ts';

/** An alert of one side on one bar, with the block a plan would use. */
export interface Alert {
  direction: Direction;
  hasContext: boolean;
  blockId: number;
  blockTop: number;
  blockBottom: number;
  /** Bars since the tap it belongs to; 0 for coincidence. */
  tapAgeBars: number;
  missingContext: string[];
}

export interface TriggerOptions {
  trigger: 'sequence' | 'coincidence';
  /** For longs; shorts use the mirror. */
  alertExpression: string;
  /** Empty for none. */
  contextExpression: string;
  windowBars: number;
  crossWithinBars: number;
  tapMemoryBars: number;
  crossMemoryBars: number;
}

/** Conditions that the sequence replaces by the stages of the block. */
const STAGES = ['OB_DEMAND_HIT', 'OB_SUPPLY_HIT', 'HW_CROSS_UP', 'HW_CROSS_DOWN'].map(
  conditionIndex,
);
/** Conditions that differ by side where the pipeline holds one flag. */
const FUNDING = conditionIndex('FUNDING_OK');
const OVERFLOW = conditionIndex('NO_OVERFLOW');
/** Spent blocks kept before the dead among them are swept out. */
const SPENT_MAX = 256;
const LATCHED = CONDITION_NOTES.flatMap((note, i) => (note.isContext ? [i] : []));

/** Turns the conditions of a pipeline into alerts of one side. */
export class SideTrigger {
  /** Alerts on this bar's expression, for the per-bar file. */
  declare alert: Alert | undefined;
  declare readonly direction: Direction;
  declare readonly sequence: SequenceMachine;
  declare private readonly options: TriggerOptions;
  declare private readonly alertRule: ConditionExpression;
  declare private readonly contextRule: ConditionExpression | undefined;
  private readonly merged = new Uint8Array(CONDITIONS.length);
  private readonly current = new Uint8Array(CONDITIONS.length);
  private readonly lastTrueBar = new Float64Array(CONDITIONS.length).fill(Number.NEGATIVE_INFINITY);

  constructor(options: TriggerOptions & { direction: Direction }) {
    const { direction } = options;
    this.direction = direction;
    this.options = options;
    const mine = (text: string) => (direction === 1 ? text : mirrorExpression(text));
    this.alertRule = ConditionExpression.parse(mine(options.alertExpression), CONDITIONS);
    this.contextRule =
      options.contextExpression === ''
        ? undefined
        : ConditionExpression.parse(mine(options.contextExpression), CONDITIONS);
    this.sequence = new SequenceMachine({
      direction,
      windowBars: options.windowBars,
      crossWithinBars: options.crossWithinBars,
    });
  }

  /** After the pipeline has seen the bar. */
  update(pipeline: TagPipeline, bar: Bar): Alert | undefined {
    this.current.set(pipeline.flags);
    this.current[FUNDING] = pipeline.isFundingOk(this.direction) ? 1 : 0;
    this.current[OVERFLOW] = pipeline.isOverflowClear(this.direction) ? 1 : 0;
    this.alert =
      this.options.trigger === 'sequence'
        ? this.bySequence(pipeline, bar)
        : this.byCoincidence(pipeline);
    return this.alert;
  }

  save(): unknown {
    return { sequence: this.sequence.save(), lastTrueBar: [...this.lastTrueBar] };
  }

  load(state: unknown): void {
    const saved = state as { sequence: unknown; lastTrueBar: number[] };
    this.sequence.load(saved.sequence);
    this.lastTrueBar.set(saved.lastTrueBar);
  }

  private bySequence(pipeline: TagPipeline, bar: Bar): Alert | undefined {
    const { sequence, direction, current } = this;
    const index = pipeline.bars - 1;
    const against = direction === 1 ? -1 : 1;
    const isTurned = pipeline.bias === against && pipeline.previousBias !== against;
    if (sequence.tracked.length > 0) sequence.cancel(index, bar.close, isTurned);
    const hit = direction === 1 ? 'OB_DEMAND_HIT' : 'OB_SUPPLY_HIT';
    const cross = direction === 1 ? 'HW_CROSS_UP' : 'HW_CROSS_DOWN';
    if (current[conditionIndex(hit)] === 1) this.tap(pipeline, index);
    if (current[conditionIndex(cross)] === 1) sequence.cross(index);
    if (pipeline.isMuted || !sequence.hasCrossed) return undefined;
    const fired = sequence.fire(this.holds, this.hasContext);
    if (fired === undefined) return undefined;
    return {
      direction,
      hasContext: this.hasContext(fired),
      blockId: fired.id,
      blockTop: fired.top,
      blockBottom: fired.bottom,
      tapAgeBars: index - fired.lastTapBar,
      missingContext: this.missing(this.merge(fired)),
    };
  }

  private tap(pipeline: TagPipeline, index: number): void {
    for (const block of pipeline.readTaps(this.direction)) {
      this.sequence.tap(block, index, this.current);
    }
    if (this.sequence.spentCount <= SPENT_MAX) return;
    const blocks = pipeline.blocks(this.direction);
    this.sequence.forgetDead((id) => blocks.id.indexOf(id) >= 0);
  }

  private readonly holds = (block: TrackedBlock): boolean =>
    this.alertRule.evaluate(this.merge(block));

  private readonly hasContext = (block: TrackedBlock): boolean =>
    this.contextRule === undefined || this.contextRule.evaluate(this.merge(block));

  /** Stages count as reached, context as it was at the tap, all else as it is now. */
  private merge(block: TrackedBlock): Uint8Array {
    const { merged } = this;
    merged.set(this.current);
    for (const i of STAGES) merged[i] = 1;
    for (const i of LATCHED) merged[i] = block.context[i];
    return merged;
  }

  private byCoincidence(pipeline: TagPipeline): Alert | undefined {
    const { current, lastTrueBar, direction, options, merged } = this;
    const index = pipeline.bars - 1;
    merged.set(current);
    STAGES.forEach((condition, i) => {
      if (current[condition] === 1) lastTrueBar[condition] = index;
      const memory = i < 2 ? options.tapMemoryBars : options.crossMemoryBars;
      merged[condition] = index - lastTrueBar[condition] <= memory ? 1 : 0;
    });
    if (!this.alertRule.evaluate(merged)) return undefined;
    const block = pipeline.nearestBlock(this.direction);
    if (block === undefined) return undefined;
    const hasContext = this.contextRule === undefined || this.contextRule.evaluate(merged);
    return {
      direction,
      hasContext,
      blockId: block.id,
      blockTop: block.top,
      blockBottom: block.bottom,
      tapAgeBars: 0,
      missingContext: hasContext ? [] : this.missing(merged),
    };
  }

  private missing(flags: Uint8Array): string[] {
    const names = this.contextRule?.names ?? [];
    return names.filter((name) => flags[conditionIndex(name)] === 0);
  }
}
