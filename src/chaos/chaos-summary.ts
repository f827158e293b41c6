import type { RunResult } from './chaos-run.ts';
import { FAULTS } from './fault-catalog.ts';

/** Sums over many runs, and the failures among them. */
export class ChaosSummary {
  runs = 0;
  held = 0;
  hedged = 0;
  boots = 0;
  trades = 0;
  steps = 0;
  worstNakedMs = 0;
  readonly failed: RunResult[] = [];
  private readonly faults = new Map<string, { runs: number; failed: number }>();

  add(result: RunResult): void {
    this.runs++;
    if (result.hasHeld) this.held++;
    if (result.hasHedged) this.hedged++;
    this.boots += result.boots;
    this.trades += result.trades;
    this.steps += result.steps;
    this.worstNakedMs = Math.max(this.worstNakedMs, result.worstNakedMs);
    const isFailed = result.violations.length > 0;
    if (isFailed) this.failed.push(result);
    for (const { kind } of result.faults) {
      const count = this.faults.get(kind) ?? { runs: 0, failed: 0 };
      count.runs++;
      if (isFailed) count.failed++;
      this.faults.set(kind, count);
    }
  }

  /** One line a fault: how often it was injected, and how often its run failed. */
  table(): string[] {
    const width = Math.max(...Object.keys(FAULTS).map((name) => name.length));
    const lines = [`${'fault'.padEnd(width)}  group      injected  failed  what it is`];
    for (const [name, { group, about }] of Object.entries(FAULTS)) {
      const { runs, failed } = this.faults.get(name) ?? { runs: 0, failed: 0 };
      const counts = `${String(runs).padStart(8)}  ${String(failed).padStart(6)}`;
      lines.push(`${name.padEnd(width)}  ${group.padEnd(9)}  ${counts}  ${about}`);
    }
    return lines;
  }

  totals(): string[] {
    const { runs, held, hedged, boots, trades, steps, worstNakedMs, failed } = this;
    return [
      `${runs} runs of 30 market minutes, ${held} held a position and count, ${hedged} a hedged one`,
      `${boots} starts of the daemon, ${trades} fills, ${steps} steps, each followed by a look`,
      `longest time without any stop while both sides could see each other: ${worstNakedMs} ms`,
      `${failed.length} of ${runs} runs violated an invariant`,
    ];
  }
}
