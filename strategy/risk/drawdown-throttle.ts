import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { drawdown } from './account-r.ts';

/** Risk x max(floor, 1 - drawdown / range), drawdown from the all-time peak (decision 40). */
export class DrawdownThrottle implements RiskRule {
  readonly id = 'drawdownThrottle';
  declare private readonly range: number;
  declare private readonly floor: number;

  constructor(options: { rangePercent: number; floor: number }) {
    this.range = options.rangePercent / 100;
    this.floor = options.floor;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    const depth = drawdown(view);
    const factor = Math.max(this.floor, 1 - depth / this.range);
    if (factor >= 1) return ALLOW;
    return { outcome: 'shrink', factor, reason: `drawdown ${(depth * 100).toFixed(2)} %` };
  }
}
