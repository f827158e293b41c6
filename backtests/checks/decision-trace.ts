import type { Effect } from '../../src/engine/effect.ts';
import type { Envelope } from '../../src/engine/event.ts';

export interface Decision {
  atMs: number;
  text: string;
}

/** Everything a run decided, in order: orders, alerts and recorded decisions with their reasons. */
export class DecisionTrace {
  readonly decisions: Decision[] = [];

  readonly observer = (envelope: Envelope, effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'timer.set' || effect.kind === 'timer.clear') continue;
      this.decisions.push({ atMs: envelope.atMs, text: JSON.stringify(effect) });
    }
  };

  /** Decisions up to and including this time. */
  until(atMs: number): Decision[] {
    return this.decisions.filter((decision) => decision.atMs <= atMs);
  }
}

/** The first decision that differs between two traces; undefined when they are the same. */
export function firstDifference(
  a: readonly Decision[],
  b: readonly Decision[],
): { atMs: number; inFirst: string; inSecond: string } | undefined {
  const count = Math.max(a.length, b.length);
  for (let i = 0; i < count; i++) {
    if (a[i]?.atMs === b[i]?.atMs && a[i]?.text === b[i]?.text) continue;
    return {
      atMs: Math.min(
        a[i]?.atMs ?? Number.POSITIVE_INFINITY,
        b[i]?.atMs ?? Number.POSITIVE_INFINITY,
      ),
      inFirst: a[i]?.text ?? 'nothing',
      inSecond: b[i]?.text ?? 'nothing',
    };
  }
  return undefined;
}
