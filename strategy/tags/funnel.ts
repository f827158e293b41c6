import { CONDITIONS, conditionsIn } from './conditions.ts';
import type { ConditionExpression } from './expression.ts';
import type { SequenceCounts } from './sequence.ts';
import type { TagPipeline } from './tag-pipeline.ts';
import type { Alert, SideTrigger, TriggerObserver } from './triggers.ts';

/** One condition of an expression, counted over the signals that waited. */
export interface ConditionRate {
  name: string;
  /** Bars on which it held, of all bars on which it was warm. */
  bars: number;
  barsWarm: number;
  /** Waiting signals for which it held. Under `sequence` one per crossed block and bar. */
  waiting: number;
  /** Waiting signals for which everything but this held. */
  missingAlone: number;
}

export interface FunnelReport {
  side: 'long' | 'short';
  bars: number;
  days: number;
  /** Blocks created; 0 with `obSource: smc`. */
  blocksCreated: number;
  /** Qualified taps, whether the block was idle or not. */
  taps: number;
  /** Steps of the sequence; all 0 under `coincidence`. */
  steps: Readonly<SequenceCounts>;
  /** Signals that were examined: crossed blocks by bar, or bars. */
  waiting: number;
  /** Bars with an alert; under `coincidence` one block may raise several. */
  alerts: number;
  entries: number;
  /** Blocks that raised one, and that raised one with its context. */
  alertBlocks: number;
  entryBlocks: number;
  alertConditions: ConditionRate[];
  /** Counted over alerts instead of waiting signals. */
  contextConditions: ConditionRate[];
}

interface Tally {
  held: Float64Array;
  alone: Float64Array;
  total: number;
}

/**
 * Counts how far signals of one side come and what stops them. Costs a few operations on bars where
 * a signal waits; a trigger without one costs nothing.
 */
export class Funnel implements TriggerObserver {
  private readonly trigger: SideTrigger;
  private readonly waitingTally = newTally();
  private readonly alertTally = newTally();
  private readonly bars = new Float64Array(CONDITIONS.length);
  private readonly barsWarm = new Float64Array(CONDITIONS.length);
  private barCount = 0;
  private blocksCreated = 0;
  private taps = 0;
  private alerts = 0;
  private entries = 0;
  private readonly alertBlocks = new Set<number>();
  private readonly entryBlocks = new Set<number>();
  private firstMs = Number.NaN;
  private lastMs = Number.NaN;

  constructor(trigger: SideTrigger) {
    this.trigger = trigger;
    trigger.observer = this;
  }

  /** Once a bar, after the pipeline and before the trigger. */
  bar(pipeline: TagPipeline, openTime: number): void {
    const { direction } = this.trigger;
    const blocks = pipeline.priceAction.parts.blocks;
    const list = direction === 1 ? blocks?.demand : blocks?.supply;
    const bits = pipeline.bitsFor(direction);
    this.barCount++;
    this.blocksCreated += list?.created ?? 0;
    this.taps += pipeline.tapsOf(direction).count;
    for (let i = 0; i < CONDITIONS.length; i++) {
      this.bars[i] += (bits >>> i) & (pipeline.known >>> i) & 1;
      this.barsWarm[i] += (pipeline.known >>> i) & 1;
    }
    if (Number.isNaN(this.firstMs)) this.firstMs = openTime;
    this.lastMs = openTime;
  }

  waiting(bits: number): void {
    count(this.waitingTally, bits, this.trigger.alertRule);
  }

  alerted(alert: Alert, bits: number): void {
    this.alerts++;
    this.alertBlocks.add(alert.blockCreatedBar);
    if (alert.hasContext) {
      this.entries++;
      this.entryBlocks.add(alert.blockCreatedBar);
    }
    if (this.trigger.contextRule !== undefined) {
      count(this.alertTally, bits, this.trigger.contextRule);
    }
  }

  report(): FunnelReport {
    const { trigger } = this;
    return {
      side: trigger.direction === 1 ? 'long' : 'short',
      bars: this.barCount,
      days: (this.lastMs - this.firstMs) / 86_400_000,
      blocksCreated: this.blocksCreated,
      taps: this.taps,
      steps: { ...trigger.sequence.counts },
      waiting: this.waitingTally.total,
      alerts: this.alerts,
      entries: this.entries,
      alertBlocks: this.alertBlocks.size,
      entryBlocks: this.entryBlocks.size,
      alertConditions: this.rates(trigger.alertRule, this.waitingTally),
      contextConditions: this.rates(trigger.contextRule, this.alertTally),
    };
  }

  private rates(rule: ConditionExpression | undefined, tally: Tally): ConditionRate[] {
    return (rule?.names ?? []).map((name) => {
      const i = CONDITIONS.indexOf(name);
      return {
        name,
        bars: this.bars[i],
        barsWarm: this.barsWarm[i],
        waiting: tally.held[i],
        missingAlone: tally.alone[i],
      };
    });
  }
}

/** A condition is missing alone when turning it round would make the expression true. */
function count(tally: Tally, bits: number, rule: ConditionExpression): void {
  const isTrue = rule.matches(bits);
  const holding = conditionsIn(bits);
  tally.total++;
  for (const name of rule.names) {
    const i = CONDITIONS.indexOf(name);
    if (holding.includes(name)) tally.held[i]++;
    if (!isTrue && rule.matches(bits ^ (1 << i))) tally.alone[i]++;
  }
}

function newTally(): Tally {
  const column = () => new Float64Array(CONDITIONS.length);
  return { held: column(), alone: column(), total: 0 };
}
