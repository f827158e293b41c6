import type { EngineEvent } from '../../src/engine/event.ts';

/** Orders of a generation; two of them are kept for queries, beside those that rest. */
const ORDERS_MAX = 500;

/**
 * What was told about each order, for those who ask again. Two generations, so that nothing has to
 * be looked up to be forgotten; what rests is carried over.
 */
export class FactHistory {
  private young = new Map<string, EngineEvent[]>();
  private old = new Map<string, EngineEvent[]>();

  of(orderId: string): EngineEvent[] | undefined {
    return this.young.get(orderId) ?? this.old.get(orderId);
  }

  /** `resting` is asked for the ids of resting orders when a generation ends. */
  add(orderId: string, fact: EngineEvent, resting: () => Iterable<string>): void {
    const facts = this.of(orderId);
    if (facts !== undefined) {
      facts.push(fact);
      return;
    }
    if (this.young.size >= ORDERS_MAX) this.startGeneration(resting());
    this.young.set(orderId, [fact]);
  }

  save(): unknown {
    return structuredClone({ young: [...this.young], old: [...this.old] });
  }

  load(state: unknown): void {
    const saved = structuredClone(state) as Record<'young' | 'old', [string, EngineEvent[]][]>;
    this.young = new Map(saved.young);
    this.old = new Map(saved.old);
  }

  private startGeneration(resting: Iterable<string>): void {
    const kept = new Map<string, EngineEvent[]>();
    for (const orderId of resting) {
      const facts = this.of(orderId);
      if (facts !== undefined) kept.set(orderId, facts);
    }
    this.old = this.young;
    this.young = kept;
  }
}
