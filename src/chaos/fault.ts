import type { ChaosWorld } from './chaos-world.ts';

/** One thing that goes wrong. Plain numbers: a schedule prints, replays and shrinks. */
export interface Fault {
  kind: string;
  /** Since the start of the run. */
  atMs: number;
  lengthMs: number;
  /** In [0, 1): which variant of the kind. */
  dice: number;
}

export type FaultGroup =
  | 'requests'
  | 'refusals'
  | 'limits'
  | 'stream'
  | 'process'
  | 'store'
  | 'clock'
  | 'market'
  | 'venue'
  | 'by hand';

export interface FaultRule {
  group: FaultGroup;
  about: string;
  /** Shortest and longest, where it has a length. */
  lengthMs?: readonly [shortest: number, longest: number];
  /** How often it is drawn; 1 when left out. */
  weight?: number;
  /**
   * No event but a trait of the whole run, there before the first start, in this share of all runs.
   */
  share?: number;
  inject(world: ChaosWorld, fault: Fault): void;
}

/** The variant that the dice of a fault choose. */
export function choose<T>(dice: number, list: readonly T[]): T {
  return list[Math.min(list.length - 1, Math.floor(dice * list.length))];
}

/** A second, independent choice of the same fault. */
export function chooseNext<T>(dice: number, list: readonly T[]): T {
  const next = dice * 7919;
  return choose(next - Math.floor(next), list);
}

/** Looks each second until what the fault needs is there, and then does it once. */
export function whenThereIs<T>(
  world: ChaosWorld,
  find: () => T | undefined,
  act: (found: T) => void,
): void {
  const endMs = world.minutesMs(25);
  const look = (): void => {
    const found = find();
    if (found !== undefined) act(found);
    else if (world.nowMs() < endMs) world.time.wake(world.nowMs() + 1_000, look, 0);
  };
  look();
}
