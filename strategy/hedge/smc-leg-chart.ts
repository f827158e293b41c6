import { Atr } from '../../indicators/basic/atr.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';
import { loadState, type State, saveState } from '../../indicators/state.ts';
import type { BarClosed } from '../../src/engine/event.ts';
import type { Direction } from '../../src/engine/units.ts';
import type { LegChart } from './hedge-planner.ts';

/** A hedge leg's own chart: ATR14 and the internal SMC blocks of the signal timeframe. */
export class SmcLegChart implements LegChart {
  declare private readonly timeframeMs: number;
  declare private readonly structure: SmartMoneyConcepts;
  declare private readonly atr14: Atr;

  constructor(options: { timeframeMs: number }) {
    this.timeframeMs = options.timeframeMs;
    this.structure = new SmartMoneyConcepts({
      swingBlocks: false,
      equalLevels: false,
      fairValueGaps: false,
      mitigation: 'close',
    });
    this.atr14 = new Atr(14);
  }

  get atr(): number {
    return this.atr14.value;
  }

  onBar(bar: BarClosed): void {
    if (bar.timeframeMs !== this.timeframeMs) return;
    this.structure.update(bar);
    this.atr14.update(bar.high, bar.low, bar.close);
  }

  /** A long leg leans on demand below it, a short one on supply above it. */
  opposingEdge(direction: Direction): number {
    const blocks = this.structure.internalBlocks;
    let edge = Number.NaN;
    if (blocks === null) return edge;
    for (let at = 0; at < blocks.count; at++) {
      if (blocks.bias[at] !== direction) continue;
      const far = direction === 1 ? blocks.low[at] : blocks.high[at];
      if (Number.isNaN(edge) || (far - edge) * direction > 0) edge = far;
    }
    return edge;
  }

  save(): unknown {
    return { structure: saveState(this.structure), atr14: saveState(this.atr14) };
  }

  load(state: unknown): void {
    const saved = state as Record<string, State>;
    loadState(this.structure, saved.structure);
    loadState(this.atr14, saved.atr14);
  }
}
