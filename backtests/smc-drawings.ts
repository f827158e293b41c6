import type { Bar } from '../indicators/indicator.ts';
import { SMC_EVENTS } from '../indicators/smart-money-concepts/event-sink.ts';
import { SmartMoneyConcepts } from '../indicators/smart-money-concepts/smart-money-concepts.ts';
import type { BlockDrawing, BreakDrawing } from './chart-drawings.ts';

/**
 * Internal order blocks of Smart Money Concepts as the strategy taps them (mitigation by close), and
 * breaks of both structures. Fed bar by bar.
 */
export class SmcDrawings {
  readonly blocks: BlockDrawing[] = [];
  readonly breaks: BreakDrawing[] = [];
  declare private readonly smc: SmartMoneyConcepts;
  declare private readonly times: Float64Array;
  /** Live blocks, oldest first, as the indicator keeps them: a removal names its place. */
  private readonly live: BlockDrawing[] = [];
  private now = 0;

  constructor(times: Float64Array, options: { obMaxAgeBars: number }) {
    this.times = times;
    this.smc = new SmartMoneyConcepts({
      swingBlocks: false,
      equalLevels: false,
      fairValueGaps: false,
      mitigation: 'close',
      obMaxAgeBars: options.obMaxAgeBars,
    });
  }

  update(bar: Bar, index: number): void {
    this.now = index;
    this.smc.update(bar, this);
  }

  /** Called by the indicator. */
  event(code: number, a: number, b: number, refBar: number, refTime: number): void {
    const [structure, sideName, kind] = SMC_EVENTS[code];
    const side = sideName === 'bull' ? 1 : -1;
    const toMs = this.times[this.now];
    if (kind === 'BOS' || kind === 'CHoCH') {
      const fromMs = this.times[refBar];
      const isSwing = structure === 'swing';
      this.breaks.push({ kind, isSwing, side, price: a, fromMs, toMs });
    } else if (kind === 'OB_CREATED') {
      const [top, bottom] = [Math.max(a, b), Math.min(a, b)];
      const block = { side, top, bottom, fromMs: refTime, toMs: Number.NaN } as const;
      const drawn: BlockDrawing = { ...block };
      this.live.push(drawn);
      this.blocks.push(drawn);
    } else if (kind.startsWith('OB_')) {
      const [gone] = this.live.splice(this.live.length - 1 - refBar, 1);
      if (gone !== undefined) gone.toMs = toMs;
    }
  }
}
