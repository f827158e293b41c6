import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
} from '../../src/engine/risk-gate.ts';

/** Refuses a plan whose worst-case costs (taker everywhere, hedge included) exceed a part of R. */
export class CostGate implements RiskRule {
  readonly id = 'costGate';
  declare private readonly costRMax: number;

  constructor(options: { costRMax: number }) {
    this.costRMax = options.costRMax;
  }

  check(proposal: Proposal): RiskVerdict {
    if (proposal.costRWorst <= this.costRMax) return ALLOW;
    const cost = proposal.costRWorst.toFixed(2);
    return { outcome: 'refuse', reason: `costs of ${cost} R are over ${this.costRMax} R` };
  }
}
