import { type Bars, emptyBarRow, readBarInto } from '../data/bars/bars.ts';
import type { Bar } from '../indicators/indicator.ts';
import type { PriceActionConcepts } from '../indicators/price-action-concepts/price-action-concepts.ts';
import type { BlockList } from '../indicators/price-action-concepts/volumetric-order-blocks.ts';
import type { SignalSettings } from '../strategy/presets/signal-presets.ts';
import { TagRun } from './series/tags.ts';
import { SmcDrawings } from './smc-drawings.ts';

/** An order block from its origin to its end; NaN while it lives. */
export interface BlockDrawing {
  side: 1 | -1;
  top: number;
  bottom: number;
  fromMs: number;
  toMs: number;
}

/** A break of structure: a level from its pivot to the bar that closed beyond it. */
export interface BreakDrawing {
  kind: 'BOS' | 'CHoCH' | 'CHoCH+';
  isSwing: boolean;
  side: 1 | -1;
  price: number;
  fromMs: number;
  toMs: number;
}

/** An alert of the composite tags; `isEntry` when the trading context held as well. */
export interface AlertDrawing {
  side: 1 | -1;
  atMs: number;
  price: number;
  isEntry: boolean;
  tags: readonly string[];
}

export interface ChartDrawings {
  blocks: BlockDrawing[];
  breaks: BreakDrawing[];
  alerts: AlertDrawing[];
}

export interface DrawingOptions {
  signal: SignalSettings;
  biasTimeframeMs: number;
  tickSize: number;
  /** Only what ends or happens within is kept; earlier bars warm up. */
  fromMs: number;
  toMs: number;
}

type BreakKind = readonly [BreakDrawing['kind'], boolean];
const KINDS: readonly BreakKind[] = [
  ['BOS', false],
  ['CHoCH', false],
  ['CHoCH+', false],
  ['BOS', true],
  ['CHoCH', true],
  ['CHoCH+', true],
];

/**
 * What a chart of the strategy shows: the order blocks that its signals tap, breaks of the structure
 * that it exits on, and alerts, as they were known at each bar's close. One pass over the bars.
 */
export function collectDrawings(bars: Bars, options: DrawingOptions): ChartDrawings {
  const { fromMs, toMs } = options;
  const run = new TagRun({ ...options, signalTimeframeMs: bars.timeframeMs });
  const collector = new DrawingCollector(bars.openTime, options);
  const alerts: AlertDrawing[] = [];
  const bar = emptyBarRow();
  const times = bars.openTime;
  for (let i = 0; i < bars.length && times[i] < toMs; i++) {
    readBarInto(bar, bars, i);
    run.update(bar);
    collector.look(run, bar, i);
    if (times[i] < fromMs) continue;
    for (const alert of [run.alertLong, run.alertShort]) {
      if (alert === undefined) continue;
      const { direction: side, hasContext: isEntry, tags } = alert;
      alerts.push({ side, atMs: times[i], price: bar.close, isEntry, tags });
    }
  }
  return { ...collector.done(), alerts };
}

/** Whose blocks the signals of these settings tap, and whose structure they exit on. */
export function drawnIndicators({ trigger, obSource }: SignalSettings) {
  const isStandIn = trigger === 'smc';
  return {
    hasPacBlocks: !isStandIn && obSource !== 'smc',
    hasSmcBlocks: isStandIn || obSource !== 'pac',
    hasSmcBreaks: isStandIn,
  };
}

/** Collects blocks and breaks while someone else walks the pipeline over the bars. */
export class DrawingCollector {
  declare private readonly drawn: ReturnType<typeof drawnIndicators>;
  declare private readonly fromMs: number;
  declare private readonly times: Float64Array;
  declare private readonly smc: SmcDrawings | undefined;
  private readonly breaks: BreakDrawing[] = [];
  private readonly demand = new BlockWatch(1);
  private readonly supply = new BlockWatch(-1);

  constructor(times: Float64Array, options: { signal: SignalSettings; fromMs: number }) {
    const { signal, fromMs } = options;
    this.times = times;
    this.fromMs = fromMs;
    this.drawn = drawnIndicators(signal);
    const needsSmc = this.drawn.hasSmcBlocks || this.drawn.hasSmcBreaks;
    this.smc = needsSmc ? new SmcDrawings(times, signal) : undefined;
  }

  /** After the pipeline has seen the bar. */
  look(run: TagRun, bar: Bar, index: number): void {
    const { drawn, times } = this;
    const { priceAction } = run.pipeline;
    this.smc?.update(bar, index);
    const { blocks } = priceAction.parts;
    if (drawn.hasPacBlocks && blocks !== null) {
      this.demand.look(blocks.demand, times[index]);
      this.supply.look(blocks.supply, times[index]);
    }
    if (!drawn.hasSmcBreaks && times[index] >= this.fromMs) {
      tellBreaks(priceAction, times, index, this.breaks);
    }
  }

  /** Blocks that lived into the span, by their start, and the breaks in it. */
  done(): Omit<ChartDrawings, 'alerts'> {
    const { drawn, smc, fromMs } = this;
    const ours = drawn.hasSmcBlocks ? (smc?.blocks ?? []) : [];
    const blocks = [...this.demand.all(), ...this.supply.all(), ...ours]
      .filter((block) => !(block.toMs < fromMs))
      .sort((a, b) => a.fromMs - b.fromMs || a.top - b.top);
    const others = drawn.hasSmcBreaks ? (smc?.breaks ?? []) : [];
    return { blocks, breaks: [...this.breaks, ...others.filter((each) => each.toMs >= fromMs)] };
  }
}

function tellBreaks(
  pac: PriceActionConcepts,
  times: Float64Array,
  index: number,
  out: BreakDrawing[],
): void {
  const values = [pac.iBos, pac.iChoch, pac.iChochPlus, pac.sBos, pac.sChoch, pac.sChochPlus];
  // After a restart the module counts its bars anew.
  const first = index + 1 - pac.bars;
  values.forEach((value, k) => {
    if (Math.abs(value) !== 1) return;
    const [kind, isSwing] = KINDS[k];
    const structure = isSwing ? pac.parts.swing : pac.parts.internal;
    if (structure === null) return;
    const { pivots } = structure;
    const side = value === 1 ? 1 : -1;
    const price = side === 1 ? pivots.highLevel : pivots.lowLevel;
    const pivot = first + (side === 1 ? pivots.highBar : pivots.lowBar);
    const fromMs = times[Math.max(0, pivot)];
    out.push({ kind, isSwing, side, price, fromMs, toMs: times[index] });
  });
}

/** Notices when blocks of one side come and go, by their ids. */
class BlockWatch {
  declare private readonly side: 1 | -1;
  private readonly live = new Map<number, BlockDrawing>();
  private readonly ended: BlockDrawing[] = [];
  private count = 0;

  constructor(side: 1 | -1) {
    this.side = side;
  }

  look(list: BlockList, nowMs: number): void {
    const isSame = list.created + list.mitigated + list.expired === 0 && list.count === this.count;
    if (isSame) return;
    this.count = list.count;
    const seen = new Set<number>();
    for (let at = 0; at < list.count; at++) {
      const id = list.id[at];
      seen.add(id);
      if (this.live.has(id)) continue;
      const [top, bottom] = [list.top(at), list.bottom(at)];
      const fromMs = list.originTime[at];
      this.live.set(id, { side: this.side, top, bottom, fromMs, toMs: Number.NaN });
    }
    for (const [id, block] of this.live) {
      if (seen.has(id)) continue;
      this.live.delete(id);
      this.ended.push({ ...block, toMs: nowMs });
    }
  }

  all(): BlockDrawing[] {
    return [...this.ended, ...this.live.values()];
  }
}
