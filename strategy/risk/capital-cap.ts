import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';

/** Sizes as if the account held no more than `capital`: risk x capital / equity. */
export class CapitalCap implements RiskRule {
  readonly id = 'capitalCap';
  declare private readonly capital: number;

  /** `capital` in quote currency, above 0. */
  constructor(options: { capital: number }) {
    this.capital = options.capital;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    const { capital } = this;
    if (view.equity <= capital) return ALLOW;
    const reason = `sized from ${capital} of ${view.equity.toFixed(2)}`;
    return { outcome: 'shrink', factor: capital / view.equity, reason };
  }
}
