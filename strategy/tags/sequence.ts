import type { Direction } from '../../src/engine/units.ts';

/** A live block as the trigger needs it; edges in price. */
export interface TappedBlock {
  id: number;
  top: number;
  bottom: number;
}

/** Where a tapped block stands on its way to an alert. */
export type SequenceStage = 'armed' | 'crossed';

export interface TrackedBlock {
  id: number;
  top: number;
  bottom: number;
  stage: SequenceStage;
  lastTapBar: number;
  crossBar: number;
  /** Context flags as they were on the last tap. */
  context: Uint8Array;
}

/** How many blocks reached or left each step; for the funnel. */
export interface SequenceCounts {
  taps: number;
  armed: number;
  crossed: number;
  fired: number;
  cancelledByClose: number;
  cancelledByBias: number;
  cancelledByWindow: number;
}

/**
 * The sequence trigger of one side (decision 12): tap -> Hyperwave cross within `crossWithinBars` of
 * the last tap -> the first bar within `windowBars` of that tap on which the rest holds. One state a
 * block; order inside a bar is cancel, tap, cross, fire, and all may happen on one bar. A new tap
 * before the cross replaces the last and re-reads the context; after the cross taps are ignored. An
 * alert or a close beyond the far edge ends a block for good; the window and a turn of the bias
 * return it to idle.
 */
export class SequenceMachine {
  declare readonly direction: Direction;
  readonly counts: SequenceCounts = {
    taps: 0,
    armed: 0,
    crossed: 0,
    fired: 0,
    cancelledByClose: 0,
    cancelledByBias: 0,
    cancelledByWindow: 0,
  };
  /** Blocks under way, oldest first. */
  readonly tracked: TrackedBlock[] = [];
  declare private readonly windowBars: number;
  declare private readonly crossWithinBars: number;
  private readonly spent = new Set<number>();

  constructor(options: { direction: Direction; windowBars: number; crossWithinBars: number }) {
    this.direction = options.direction;
    this.windowBars = options.windowBars;
    this.crossWithinBars = options.crossWithinBars;
  }

  /** Step 1: drops what this bar ends. `isBiasAgainst`: it turned to the other side on this bar. */
  cancel(bar: number, close: number, isBiasAgainst: boolean): void {
    for (let i = this.tracked.length - 1; i >= 0; i--) {
      const block = this.tracked[i];
      const far = this.direction === 1 ? block.bottom : block.top;
      if ((close - far) * this.direction < 0) {
        this.counts.cancelledByClose++;
        this.tracked.splice(i, 1);
      } else if (isBiasAgainst) {
        this.counts.cancelledByBias++;
        this.tracked.splice(i, 1);
      } else if (bar - block.lastTapBar > this.windowBars) {
        this.counts.cancelledByWindow++;
        this.tracked.splice(i, 1);
      }
    }
  }

  /** Step 2: a qualified live block was touched. */
  tap(tapped: TappedBlock, bar: number, context: Uint8Array): void {
    const { id, top, bottom } = tapped;
    if (this.spent.has(id)) return;
    this.counts.taps++;
    let block = this.tracked.find((entry) => entry.id === id);
    if (block?.stage === 'crossed') return;
    if (block === undefined) {
      this.counts.armed++;
      block = {
        id,
        // Copied: a block that is mitigated later must not reach back into this decision.
        top,
        bottom,
        stage: 'armed',
        lastTapBar: bar,
        crossBar: -1,
        context: new Uint8Array(context.length),
      };
      this.tracked.push(block);
    }
    block.lastTapBar = bar;
    block.context.set(context);
  }

  /** Step 3: Hyperwave crossed our way on this bar. */
  cross(bar: number): void {
    for (const block of this.tracked) {
      if (block.stage !== 'armed' || bar - block.lastTapBar > this.crossWithinBars) continue;
      block.stage = 'crossed';
      block.crossBar = bar;
      this.counts.crossed++;
    }
  }

  /**
   * Step 4: fires every crossed block for which `holds` is true; returns the nearest one with
   * context, else the nearest, or undefined. All that fired are spent.
   */
  fire(
    holds: (block: TrackedBlock) => boolean,
    hasContext: (block: TrackedBlock) => boolean,
  ): TrackedBlock | undefined {
    let best: TrackedBlock | undefined;
    let bestHasContext = false;
    for (let i = this.tracked.length - 1; i >= 0; i--) {
      const block = this.tracked[i];
      if (block.stage !== 'crossed' || !holds(block)) continue;
      this.counts.fired++;
      this.tracked.splice(i, 1);
      this.spent.add(block.id);
      const contextHolds = hasContext(block);
      const isNearer = best === undefined || this.isNearer(block, best);
      if (best === undefined || (contextHolds && !bestHasContext)) {
        best = block;
        bestHasContext = contextHolds;
      } else if (contextHolds === bestHasContext && isNearer) best = block;
    }
    return best;
  }

  /** Forgets spent blocks that are not alive any more; call when `spentCount` has grown large. */
  forgetDead(isAlive: (id: number) => boolean): void {
    for (const id of this.spent) if (!isAlive(id)) this.spent.delete(id);
  }

  get spentCount(): number {
    return this.spent.size;
  }

  get hasCrossed(): boolean {
    return this.tracked.some((block) => block.stage === 'crossed');
  }

  save(): unknown {
    return {
      tracked: this.tracked.map((block) => ({ ...block, context: [...block.context] })),
      spent: [...this.spent],
      counts: { ...this.counts },
    };
  }

  load(state: unknown): void {
    const saved = state as {
      tracked: (Omit<TrackedBlock, 'context'> & { context: number[] })[];
      spent: number[];
      counts: SequenceCounts;
    };
    this.tracked.length = 0;
    for (const block of saved.tracked) {
      this.tracked.push({ ...block, context: Uint8Array.from(block.context) });
    }
    this.spent.clear();
    for (const id of saved.spent) this.spent.add(id);
    Object.assign(this.counts, saved.counts);
  }

  private isNearer(a: TrackedBlock, b: TrackedBlock): boolean {
    return this.direction === 1 ? a.top > b.top : a.bottom < b.bottom;
  }
}
