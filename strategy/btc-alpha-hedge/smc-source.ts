import { Atr } from '../../indicators/basic/atr.ts';
import type { Bar } from '../../indicators/indicator.ts';
import type { OrderBlocks } from '../../indicators/smart-money-concepts/order-blocks.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';
import { CHOCH } from '../../indicators/smart-money-concepts/structure-breaks.ts';
import { loadState, type State, saveState } from '../../indicators/state.ts';
import { SuperTrendAi } from '../../indicators/supertrend-ai/supertrend-ai.ts';
import { BarAggregator } from '../../src/engine/bar-aggregator.ts';
import type { BarClosed } from '../../src/engine/event.ts';
import type { Direction } from '../../src/engine/units.ts';
import { ConditionExpression, mirrorExpression } from '../tags/expression.ts';
import type { EntrySignal, SignalSource } from './signal-source.ts';

/** Conditions of the stand-in, in the order of their flags. */
export const SMC_CONDITIONS = ['HTF_BULL', 'HTF_BEAR', 'OB_DEMAND_HIT', 'OB_SUPPLY_HIT'] as const;

/** The entry of the stand-in; shorts use its mirror. */
export const SMC_ENTRY = '{HTF_BULL} AND {OB_DEMAND_HIT}';

export interface SmcSourceOptions {
  signalTimeframeMs: number;
  biasTimeframeMs: number;
  /** Over `SMC_CONDITIONS`, for longs. */
  expression: string;
  /** Blocks expire this many signal bars after their creation; 0 never. */
  obMaxAgeBars: number;
}

const ATR_LENGTH = 14;
/** Mark of a block that has raised its alert. */
const SPENT = 1;

/**
 * The labelled stand-in for the full tags: HTF_BULL is the internal trend of the SMC structure on
 * the bias timeframe, OB_DEMAND_HIT a tap (decision 11: the bar's wick meets a block created before
 * the bar and not mitigated by its close) of an internal SMC block, mitigation by close, without
 * strength or dominance. One alert a block.
 */
export class SmcSource implements SignalSource {
  declare private readonly structure: SmartMoneyConcepts;
  declare private readonly bias: SmartMoneyConcepts;
  declare private readonly trail: SuperTrendAi;
  declare private readonly atr14: Atr;
  declare private readonly aggregator: BarAggregator;
  declare private readonly long: ConditionExpression;
  declare private readonly short: ConditionExpression;
  private readonly flags = new Uint8Array(SMC_CONDITIONS.length);
  private tappedDemand = -1;
  private tappedSupply = -1;
  /** Edges nearest to price over the live, unspent blocks; valid for one state of the list. */
  private readonly nearest = { created: -1, count: -1, demandTop: 0, supplyBottom: 0 };

  constructor(options: SmcSourceOptions) {
    const { signalTimeframeMs: fromMs, biasTimeframeMs: toMs, obMaxAgeBars } = options;
    const common = { swingBlocks: false, equalLevels: false, fairValueGaps: false } as const;
    this.structure = new SmartMoneyConcepts({ ...common, mitigation: 'close', obMaxAgeBars });
    this.bias = new SmartMoneyConcepts({ ...common, internalBlocks: false });
    this.trail = new SuperTrendAi();
    this.atr14 = new Atr(ATR_LENGTH);
    this.aggregator = new BarAggregator({ fromMs, toMs });
    this.long = ConditionExpression.parse(options.expression, SMC_CONDITIONS);
    this.short = ConditionExpression.parse(mirrorExpression(options.expression), SMC_CONDITIONS);
  }

  get atr(): number {
    return this.atr14.value;
  }

  onBar(bar: BarClosed): EntrySignal | undefined {
    // The bias bar that closes with this bar is visible to it: both are closed.
    if (this.aggregator.add(bar, this.onStaleBias)) this.bias.update(this.aggregator.done);
    this.structure.update(bar);
    this.trail.update(bar);
    this.atr14.update(bar.high, bar.low, bar.close);
    this.readConditions(bar);
    if (this.tappedDemand < 0 && this.tappedSupply < 0) return undefined;
    if (this.tappedDemand >= 0 && this.long.evaluate(this.flags)) return this.raise(1);
    if (this.tappedSupply >= 0 && this.short.evaluate(this.flags)) return this.raise(-1);
    return undefined;
  }

  trailPrice(direction: Direction): number {
    const isOurs = this.trail.side === (direction === 1 ? 1 : 0);
    return isOurs ? this.trail.stop : Number.NaN;
  }

  hasOppositeChoch(direction: Direction): boolean {
    const { internalBreaks } = this.structure;
    return (direction === 1 ? internalBreaks.bear : internalBreaks.bull) === CHOCH;
  }

  save(): unknown {
    return {
      structure: saveState(this.structure),
      bias: saveState(this.bias),
      trail: saveState(this.trail),
      atr14: saveState(this.atr14),
      aggregator: saveState(this.aggregator),
    };
  }

  load(state: unknown): void {
    const saved = state as Record<string, State>;
    loadState(this.structure, saved.structure);
    loadState(this.bias, saved.bias);
    loadState(this.trail, saved.trail);
    loadState(this.atr14, saved.atr14);
    loadState(this.aggregator, saved.aggregator);
    this.nearest.count = -1;
  }

  private readonly onStaleBias = (bucket: Bar): void => {
    this.bias.update(bucket);
  };

  private readConditions(bar: BarClosed): void {
    const { flags, structure } = this;
    const trend = this.bias.internalBreaks.bias;
    const blocks = structure.internalBlocks as OrderBlocks;
    this.tappedDemand = -1;
    this.tappedSupply = -1;
    flags[0] = trend === 1 ? 1 : 0;
    flags[1] = trend === -1 ? 1 : 0;
    flags[2] = 0;
    flags[3] = 0;
    this.measureNearest(blocks);
    const { demandTop, supplyBottom } = this.nearest;
    // Most bars touch nothing: the nearest edges tell without a walk of the list.
    if (bar.low > demandTop && bar.high < supplyBottom) return;
    const index = structure.bars - 1;
    for (let at = 0; at < blocks.count; at++) {
      if (blocks.createdBar[at] >= index) continue;
      if (bar.low > blocks.high[at] || bar.high < blocks.low[at]) continue;
      if (blocks.mark[at] === SPENT) continue;
      // The nearest block makes the plan: highest top for demand, lowest bottom for supply.
      if (blocks.bias[at] === 1) {
        const other = this.tappedDemand;
        if (other < 0 || blocks.high[at] >= blocks.high[other]) this.tappedDemand = at;
      } else {
        const other = this.tappedSupply;
        if (other < 0 || blocks.low[at] <= blocks.low[other]) this.tappedSupply = at;
      }
    }
    flags[2] = this.tappedDemand >= 0 ? 1 : 0;
    flags[3] = this.tappedSupply >= 0 ? 1 : 0;
  }

  private measureNearest(blocks: OrderBlocks): void {
    const { nearest } = this;
    if (nearest.created === blocks.created && nearest.count === blocks.count) return;
    const added = blocks.created - nearest.created;
    // When blocks only came, what is known of the others still holds.
    let from = nearest.count;
    if (nearest.count < 0 || nearest.count + added !== blocks.count) {
      from = 0;
      nearest.demandTop = Number.NEGATIVE_INFINITY;
      nearest.supplyBottom = Number.POSITIVE_INFINITY;
    }
    nearest.created = blocks.created;
    nearest.count = blocks.count;
    for (let at = from; at < blocks.count; at++) {
      if (blocks.mark[at] === SPENT) continue;
      if (blocks.bias[at] === 1) {
        if (blocks.high[at] > nearest.demandTop) nearest.demandTop = blocks.high[at];
      } else if (blocks.low[at] < nearest.supplyBottom) nearest.supplyBottom = blocks.low[at];
    }
  }

  private raise(direction: Direction): EntrySignal {
    const blocks = this.structure.internalBlocks as OrderBlocks;
    const at = direction === 1 ? this.tappedDemand : this.tappedSupply;
    blocks.mark[at] = SPENT;
    this.nearest.count = -1;
    const tags = SMC_CONDITIONS.filter((_, i) => this.flags[i] === 1);
    return {
      direction,
      tag: 'smc-stand-in',
      blockTop: blocks.high[at],
      blockBottom: blocks.low[at],
      tags,
      reasons: [`${tags.join(' and ')} (SMC stand-in)`],
      missingContext: [],
      facts: {
        blockId: blocks.id[at],
        blockAgeBars: this.structure.bars - 1 - blocks.createdBar[at],
      },
    };
  }
}
