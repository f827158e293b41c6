import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { DAY_MS } from '../../src/engine/units.ts';
import { accountR, dayPnl } from './account-r.ts';

/**
 * Marked day profit and loss <= -limit account-R: everything is closed and no entry is allowed
 * until the next UTC day (decision 38). Needs only the account.
 */
export class CircuitBreaker implements RiskRule {
  readonly id = 'circuitBreaker';
  declare private readonly limitR: number;
  declare private readonly basePercent: number;
  private trippedDay = -1;

  constructor(options: { limitR: number; baseRiskPercent: number }) {
    this.limitR = options.limitR;
    this.basePercent = options.baseRiskPercent;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    this.watch(view);
    if (this.trippedDay !== day(view)) return ALLOW;
    return {
      outcome: 'refuse',
      reason: `day loss reached ${this.limitR} R, closed until 00:00 UTC`,
    };
  }

  mustFlatten(view: RiskView): string | undefined {
    this.watch(view);
    return this.trippedDay === day(view) ? `day loss reached ${this.limitR} R` : undefined;
  }

  save(): unknown {
    return this.trippedDay;
  }

  load(state: unknown): void {
    this.trippedDay = state as number;
  }

  private watch(view: RiskView): void {
    const limit = this.limitR * accountR(this.basePercent, view.equityAtMidnight);
    if (dayPnl(view) <= -limit) this.trippedDay = day(view);
  }
}

function day(view: RiskView): number {
  return Math.floor(view.nowMs / DAY_MS);
}
