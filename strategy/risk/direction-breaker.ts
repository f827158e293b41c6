import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';

/**
 * Realised net trade-R of one side's trades closed in the UTC day <= -limit pauses that side to
 * 00:00 UTC; wins count, open trades stay, the other side goes on (decision 38).
 */
export class DirectionBreaker implements RiskRule {
  readonly id = 'directionBreaker';
  declare private readonly limitR: number;

  constructor(options: { limitR: number }) {
    this.limitR = options.limitR;
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const { direction } = proposal.plan;
    const dayR = view.dayTradeR(direction);
    if (dayR > -this.limitR) return ALLOW;
    const side = direction === 1 ? 'longs' : 'shorts';
    return { outcome: 'refuse', reason: `${side} lost ${(-dayR).toFixed(2)} R today` };
  }
}
