import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { accountR, dayPnl } from './account-r.ts';

/** A trade smaller than this part of the base risk is not worth its costs. */
const SHARE_MIN = 0.1;

/**
 * Prospective day budget (decision 37): an entry is allowed only if
 * day PnL - open risk - (package R + costR) x size >= -limit account-R; the size shrinks to fit.
 */
export class DayBudget implements RiskRule {
  readonly id = 'dayBudget';
  declare private readonly limitR: number;
  declare private readonly basePercent: number;

  constructor(options: { limitR: number; baseRiskPercent: number }) {
    this.limitR = options.limitR;
    this.basePercent = options.baseRiskPercent;
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const unit = accountR(this.basePercent, view.equityAtMidnight);
    const left = this.limitR * unit + dayPnl(view) - view.openRisk;
    const perRisk = proposal.packageR + proposal.costRWorst;
    const asked = (proposal.riskPercent / 100) * view.equity;
    const allowed = left / perRisk;
    if (allowed >= asked) return ALLOW;
    if (allowed < SHARE_MIN * unit) {
      return { outcome: 'refuse', reason: `day budget of ${this.limitR} R is used up` };
    }
    return {
      outcome: 'shrink',
      factor: allowed / asked,
      reason: `day budget leaves ${(allowed / unit).toFixed(2)} R`,
    };
  }
}
