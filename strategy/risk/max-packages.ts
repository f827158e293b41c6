import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';

/** At most this many packages open at once; a hedged trade is one package. */
export class MaxPackages implements RiskRule {
  readonly id = 'maxPackages';
  declare private readonly packagesMax: number;

  constructor(options: { packagesMax: number }) {
    this.packagesMax = options.packagesMax;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    if (view.openPackages < this.packagesMax) return ALLOW;
    return { outcome: 'refuse', reason: `${view.openPackages} packages are open already` };
  }
}
