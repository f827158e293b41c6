import type { Bar } from '../../indicators/indicator.ts';
import type { Direction } from '../../src/engine/units.ts';
import { CONDITIONS, CONTEXT_BITS, conditionBit, conditionsIn } from './conditions.ts';
import { ConditionExpression, mirrorExpression } from './expression.ts';
import { SequenceMachine, type TrackedBlock } from './sequence.ts';
import type { TagPipeline } from './tag-pipeline.ts';
import type { TapBuffer, TappedBlock } from './tap-buffer.ts';

/** An alert of one side on one bar, with the block a plan would use. */
export interface Alert {
  direction: Direction;
  /** The entry rule beyond the alert expression. */
  hasContext: boolean;
  missingContext: string[];
  blockId: number;
  blockTop: number;
  blockBottom: number;
  blockMiddle: number;
  /** Bars count from the start of the pipeline. */
  blockCreatedBar: number;
  /** Base volume, dominance and strength in percent; NaN for blocks that do not measure them. */
  blockVolume: number;
  blockDominance: number;
  blockStrength: number;
  /** The tap it belongs to. */
  tapBar: number;
  tapAgeBars: number;
  /** Bar of the Hyperwave cross; -1 for coincidence. */
  crossBar: number;
  /** Conditions as the rule saw them: stages reached, context of the tap, the rest of this bar. */
  tags: string[];
  /** Why it fired, in words. */
  reasons: string[];
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

/** What a funnel wants to see of a trigger. */
export interface TriggerObserver {
  /** A signal that lacks something, or not: a crossed block under `sequence`, else each bar. */
  waiting(bits: number): void;
  alerted(alert: Alert, bits: number): void;
}

/** Names that the expressions of both sides read: what a pipeline has to compute. */
export function triggerConditions(options: TriggerOptions): string[] {
  const texts = [options.alertExpression, options.contextExpression].filter((text) => text !== '');
  const both = texts.flatMap((text) => [text, mirrorExpression(text)]);
  return [...new Set(both.flatMap((text) => ConditionExpression.parse(text, CONDITIONS).names))];
}

const DEMAND_HIT = conditionBit('OB_DEMAND_HIT');
const SUPPLY_HIT = conditionBit('OB_SUPPLY_HIT');
const CROSS_UP = conditionBit('HW_CROSS_UP');
const CROSS_DOWN = conditionBit('HW_CROSS_DOWN');
const REMEMBERED = DEMAND_HIT | SUPPLY_HIT | CROSS_UP | CROSS_DOWN;
const REFINED = conditionBit('OB_EDGE_REFINED');
/** Spent blocks kept before the dead among them are swept out. */
const SPENT_MAX = 256;

/** Turns the conditions of a pipeline into alerts of one side. */
export class SideTrigger {
  declare readonly direction: Direction;
  declare readonly sequence: SequenceMachine;
  declare readonly alertRule: ConditionExpression;
  declare readonly contextRule: ConditionExpression | undefined;
  observer: TriggerObserver | undefined;
  declare private readonly options: TriggerOptions;
  declare private readonly hit: number;
  declare private readonly cross: number;
  declare private current: number;
  declare private restarts: number;
  /** Coincidence: the newest tap of this side, and when things last were true. */
  declare private memory: Memory;

  /** @throws AppError CONFIG_EXPRESSION */
  constructor(options: TriggerOptions & { direction: Direction }) {
    const { direction } = options;
    const mine = (text: string) => (direction === 1 ? text : mirrorExpression(text));
    const parse = (text: string) => ConditionExpression.parse(mine(text), CONDITIONS);
    this.direction = direction;
    this.options = options;
    this.alertRule = parse(options.alertExpression);
    this.contextRule =
      options.contextExpression === '' ? undefined : parse(options.contextExpression);
    this.sequence = new SequenceMachine({
      direction,
      windowBars: options.windowBars,
      crossWithinBars: options.crossWithinBars,
    });
    this.hit = direction === 1 ? DEMAND_HIT : SUPPLY_HIT;
    this.cross = direction === 1 ? CROSS_UP : CROSS_DOWN;
    this.current = 0;
    this.restarts = 0;
    this.memory = noMemory();
  }

  /** After the pipeline has seen the bar; the alert that it raises, if any. */
  update(pipeline: TagPipeline, bar: Bar): Alert | undefined {
    if (pipeline.restarts !== this.restarts) this.restart(pipeline.restarts);
    return this.options.trigger === 'sequence'
      ? this.bySequence(pipeline, bar)
      : this.byCoincidence(pipeline);
  }

  save(): unknown {
    const { restarts, memory } = this;
    return { sequence: this.sequence.save(), restarts, memory: structuredClone(memory) };
  }

  load(state: unknown): void {
    const saved = state as { sequence: unknown; restarts: number; memory: Memory };
    this.sequence.load(saved.sequence);
    this.restarts = saved.restarts;
    this.memory = structuredClone(saved.memory);
  }

  /** Block ids begin anew. */
  private restart(restarts: number): void {
    this.restarts = restarts;
    this.sequence.clear();
    this.memory = noMemory();
  }

  private bySequence(pipeline: TagPipeline, bar: Bar): Alert | undefined {
    const { sequence } = this;
    const index = pipeline.bars - 1;
    const taps = pipeline.tapsOf(this.direction);
    if (sequence.tracked.length > 0) {
      const against = 0 - this.direction;
      const { trend, previousTrend } = pipeline.bias;
      sequence.cancel(index, bar.close, trend === against && previousTrend !== against);
    }
    if (taps.count > 0) this.tap(pipeline, taps, index);
    if (sequence.tracked.length === 0) return undefined;
    if ((pipeline.bits & this.cross) !== 0) sequence.cross(index);
    if (sequence.crossedCount === 0) return undefined;
    this.current = pipeline.bitsFor(this.direction);
    if (this.observer !== undefined) this.observe(this.observer);
    if (pipeline.isMuted) return undefined;
    const fired = sequence.fire(this.#holds, this.#hasContext);
    if (fired === undefined) return undefined;
    const { crossBar, lastTapBar: tapBar } = fired;
    return this.alert(fired, this.merged(fired), { bar: index, tapBar, crossBar });
  }

  private tap(pipeline: TagPipeline, taps: TapBuffer, bar: number): void {
    const { sequence } = this;
    const context = pipeline.bitsFor(this.direction) & CONTEXT_BITS & ~REFINED;
    for (let at = 0; at < taps.count; at++) {
      const refined = taps.refined[at] === 1 ? REFINED : 0;
      sequence.tap(taps, at, { bar, context: context | refined });
    }
    if (sequence.spentCount <= SPENT_MAX) return;
    const live = pipeline.taps.liveIds(pipeline.priceAction, this.direction);
    sequence.forgetDead((id) => live.has(id));
  }

  private observe(observer: TriggerObserver): void {
    for (const block of this.sequence.tracked) {
      if (block.stage === 'crossed') observer.waiting(this.merged(block));
    }
  }

  // Private names, so that they are made once and are no part of a saved state.
  readonly #holds = (block: TrackedBlock): boolean => this.alertRule.matches(this.merged(block));
  readonly #hasContext = (block: TrackedBlock): boolean =>
    this.contextRule === undefined || this.contextRule.matches(this.merged(block));

  /** Stages count as reached, context as it was at the tap, all else as it is now. */
  private merged(block: TrackedBlock): number {
    return (this.current & ~CONTEXT_BITS) | this.hit | this.cross | block.context;
  }

  private byCoincidence(pipeline: TagPipeline): Alert | undefined {
    const { memory, options } = this;
    const index = pipeline.bars - 1;
    this.remember(pipeline, index);
    const now = pipeline.bitsFor(this.direction);
    let bits = now & ~(REMEMBERED | REFINED);
    if (index - memory.demandBar <= options.tapMemoryBars) bits |= DEMAND_HIT;
    if (index - memory.supplyBar <= options.tapMemoryBars) bits |= SUPPLY_HIT;
    if (index - memory.upBar <= options.crossMemoryBars) bits |= CROSS_UP;
    if (index - memory.downBar <= options.crossMemoryBars) bits |= CROSS_DOWN;
    const hasTapped = (bits & this.hit) !== 0;
    if (hasTapped && memory.isRefined) bits |= REFINED;
    this.observer?.waiting(bits);
    if (pipeline.isMuted || !this.alertRule.matches(bits)) return undefined;
    const block = hasTapped ? memory.block : pipeline.nearestBlock(this.direction);
    // Without any block of the side there is nothing to place a stop behind.
    if (block === null) return undefined;
    const tapBar = hasTapped ? memory.tapBar : index;
    return this.alert(block, bits, { bar: index, tapBar, crossBar: -1 });
  }

  private remember(pipeline: TagPipeline, bar: number): void {
    const { memory } = this;
    const { bits } = pipeline;
    if ((bits & REMEMBERED) === 0) return;
    if ((bits & DEMAND_HIT) !== 0) memory.demandBar = bar;
    if ((bits & SUPPLY_HIT) !== 0) memory.supplyBar = bar;
    if ((bits & CROSS_UP) !== 0) memory.upBar = bar;
    if ((bits & CROSS_DOWN) !== 0) memory.downBar = bar;
    const taps = pipeline.tapsOf(this.direction);
    if (taps.count === 0) return;
    memory.block = taps.at(nearest(taps, this.direction));
    memory.isRefined = taps.hasRefined;
    memory.tapBar = bar;
  }

  private alert(
    block: TappedBlock,
    bits: number,
    at: { bar: number; tapBar: number; crossBar: number },
  ): Alert {
    const { contextRule, direction } = this;
    const hasContext = contextRule === undefined || contextRule.matches(bits);
    const tags = conditionsIn(bits);
    const missingContext = hasContext
      ? []
      : (contextRule as ConditionExpression).names.filter((name) => !tags.includes(name));
    const alert: Alert = {
      direction,
      hasContext,
      missingContext,
      blockId: block.id,
      blockTop: block.top,
      blockBottom: block.bottom,
      blockMiddle: (block.top + block.bottom) / 2,
      blockCreatedBar: block.createdBar,
      blockVolume: block.volume,
      blockDominance: block.dominance,
      blockStrength: block.strength,
      tapBar: at.tapBar,
      tapAgeBars: at.bar - at.tapBar,
      crossBar: at.crossBar,
      tags,
      reasons: reasonsOf(block, at, direction),
    };
    this.observer?.alerted(alert, bits);
    return alert;
  }
}

interface Memory {
  block: TappedBlock | null;
  isRefined: boolean;
  tapBar: number;
  demandBar: number;
  supplyBar: number;
  upBar: number;
  downBar: number;
}

function noMemory(): Memory {
  const never = Number.NEGATIVE_INFINITY;
  return {
    block: null,
    isRefined: false,
    tapBar: never,
    demandBar: never,
    supplyBar: never,
    upBar: never,
    downBar: never,
  };
}

/** Of tapped blocks the nearest to price; of equal edges the newer. */
function nearest(taps: TapBuffer, direction: Direction): number {
  let best = 0;
  for (let at = 1; at < taps.count; at++) {
    const ahead =
      direction === 1 ? taps.top[at] - taps.top[best] : taps.bottom[best] - taps.bottom[at];
    const isNewer = taps.createdBar[at] > taps.createdBar[best];
    if (ahead > 0 || (ahead === 0 && isNewer)) best = at;
  }
  return best;
}

function reasonsOf(
  block: TappedBlock,
  at: { bar: number; tapBar: number; crossBar: number },
  direction: Direction,
): string[] {
  const kind = direction === 1 ? 'demand' : 'supply';
  const share = Number.isNaN(block.dominance)
    ? ''
    : `, dominance ${block.dominance.toFixed(0)} %, strength ${block.strength.toFixed(0)}`;
  const reasons = [
    `tapped ${kind} ${block.bottom} to ${block.top}${share}, ${ago(at.bar - at.tapBar)}`,
  ];
  if (at.crossBar >= 0) reasons.push(`Hyperwave crossed ${ago(at.bar - at.crossBar)}`);
  return reasons;
}

function ago(bars: number): string {
  if (bars === 0) return 'on this bar';
  return bars === 1 ? '1 bar ago' : `${bars} bars ago`;
}
