import type { Direction } from '../../src/engine/units.ts';
import type { TapBuffer, TappedBlock } from './tap-buffer.ts';

/** Where a tapped block stands on its way to an alert. */
export type SequenceStage = 'armed' | 'crossed';

export interface TrackedBlock extends TappedBlock {
  stage: SequenceStage;
  lastTapBar: number;
  /** -1 until crossed. */
  crossBar: number;
  /** Context bits as they were on the last tap. */
  context: number;
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

/** A step in the life of one block, told as it happens. */
export interface SequenceStep {
  blockId: number;
  step: 'armed' | 'tapped again' | 'crossed' | 'fired' | 'cancelled';
  /** For `cancelled`. */
  why: '' | 'close beyond the far edge' | 'bias turned' | 'window over';
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
  declare readonly counts: SequenceCounts;
  /** Blocks under way, in the order they were armed. */
  declare readonly tracked: TrackedBlock[];
  /** Blocks that crossed and have not fired or ended. */
  declare crossedCount: number;
  /** Gets every step, when set. */
  onStep: ((step: SequenceStep) => void) | undefined;
  declare private readonly windowBars: number;
  declare private readonly crossWithinBars: number;
  declare private readonly spent: Set<number>;

  constructor(options: { direction: Direction; windowBars: number; crossWithinBars: number }) {
    this.direction = options.direction;
    this.counts = noCounts();
    this.tracked = [];
    this.crossedCount = 0;
    this.windowBars = options.windowBars;
    this.crossWithinBars = options.crossWithinBars;
    this.spent = new Set();
  }

  /** Step 1: drops what this bar ends. `isBiasAgainst`: it turned to the other side on this bar. */
  cancel(bar: number, close: number, isBiasAgainst: boolean): void {
    const { tracked, counts } = this;
    for (let i = tracked.length - 1; i >= 0; i--) {
      const block = tracked[i];
      const far = this.direction === 1 ? block.bottom : block.top;
      if ((close - far) * this.direction < 0) {
        counts.cancelledByClose++;
        this.drop(i, 'close beyond the far edge');
      } else if (isBiasAgainst) {
        counts.cancelledByBias++;
        this.drop(i, 'bias turned');
      } else if (bar - block.lastTapBar > this.windowBars) {
        counts.cancelledByWindow++;
        this.drop(i, 'window over');
      }
    }
  }

  /** Step 2: a qualified live block was touched. */
  tap(taps: TapBuffer, at: number, now: { bar: number; context: number }): void {
    const id = taps.id[at];
    if (this.spent.has(id)) return;
    this.counts.taps++;
    let block = this.find(id);
    if (block === undefined) {
      this.counts.armed++;
      block = { ...taps.at(at), stage: 'armed', lastTapBar: now.bar, crossBar: -1, context: 0 };
      this.tracked.push(block);
      this.tell(id, 'armed');
    } else if (block.stage === 'crossed') return;
    else this.tell(id, 'tapped again');
    block.lastTapBar = now.bar;
    block.context = now.context;
  }

  /** Step 3: Hyperwave crossed our way on this bar. */
  cross(bar: number): void {
    for (const block of this.tracked) {
      if (block.stage !== 'armed' || bar - block.lastTapBar > this.crossWithinBars) continue;
      block.stage = 'crossed';
      block.crossBar = bar;
      this.crossedCount++;
      this.counts.crossed++;
      this.tell(block.id, 'crossed');
    }
  }

  /**
   * Step 4: fires every crossed block for which `holds` is true; returns the nearest one with
   * context, else the nearest (equal edges: the newer), or undefined. All that fired are spent.
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
      this.crossedCount--;
      this.tracked.splice(i, 1);
      this.spent.add(block.id);
      this.tell(block.id, 'fired');
      const contextHolds = hasContext(block);
      if (best !== undefined && bestHasContext && !contextHolds) continue;
      const isBetter = best === undefined || contextHolds !== bestHasContext;
      if (!isBetter && !this.isNearer(block, best as TrackedBlock)) continue;
      best = block;
      bestHasContext = contextHolds;
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
    return this.crossedCount > 0;
  }

  /** After a gap too long to bridge, when block ids begin anew. */
  clear(): void {
    this.tracked.length = 0;
    this.crossedCount = 0;
    this.spent.clear();
  }

  save(): unknown {
    return {
      tracked: this.tracked.map((block) => ({ ...block })),
      spent: [...this.spent],
      counts: { ...this.counts },
    };
  }

  load(state: unknown): void {
    const saved = state as { tracked: TrackedBlock[]; spent: number[]; counts: SequenceCounts };
    this.clear();
    for (const block of saved.tracked) {
      this.tracked.push({ ...block });
      if (block.stage === 'crossed') this.crossedCount++;
    }
    for (const id of saved.spent) this.spent.add(id);
    Object.assign(this.counts, saved.counts);
  }

  private find(id: number): TrackedBlock | undefined {
    for (const block of this.tracked) if (block.id === id) return block;
    return undefined;
  }

  private drop(at: number, why: SequenceStep['why']): void {
    const [block] = this.tracked.splice(at, 1);
    if (block.stage === 'crossed') this.crossedCount--;
    this.tell(block.id, 'cancelled', why);
  }

  private tell(blockId: number, step: SequenceStep['step'], why: SequenceStep['why'] = ''): void {
    this.onStep?.({ blockId, step, why });
  }

  private isNearer(a: TrackedBlock, b: TrackedBlock): boolean {
    const ahead = this.direction === 1 ? a.top - b.top : b.bottom - a.bottom;
    return ahead > 0 || (ahead === 0 && a.createdBar > b.createdBar);
  }
}

function noCounts(): SequenceCounts {
  return {
    taps: 0,
    armed: 0,
    crossed: 0,
    fired: 0,
    cancelledByClose: 0,
    cancelledByBias: 0,
    cancelledByWindow: 0,
  };
}
