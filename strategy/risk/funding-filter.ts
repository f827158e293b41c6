import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';

/** Funding rate normalised to eight hours, in percent; positive: longs pay. NaN when unknown. */
export function fundingPercent8h(view: RiskView, symbol: string): number {
  return view.fundingRate(symbol) * (8 / view.fundingIntervalHours(symbol)) * 100;
}

/**
 * Refuses entries that would pay more than the limit (decision 41). `signed`: positive means we
 * pay, so shorts are refused at strongly negative rates; `unsigned` is the documents' literal rule.
 */
export class FundingFilter implements RiskRule {
  readonly id = 'fundingFilter';
  declare private readonly limitPercent: number;
  declare private readonly isSigned: boolean;

  constructor(options: { limitPercent8h: number; mode: 'signed' | 'unsigned' }) {
    this.limitPercent = options.limitPercent8h;
    this.isSigned = options.mode === 'signed';
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const { symbol, direction } = proposal.plan;
    const rate = fundingPercent8h(view, symbol);
    const paid = this.isSigned ? rate * direction : rate;
    // An unknown rate refuses nothing; `degraded` tells the report.
    if (!(paid > this.limitPercent)) return ALLOW;
    return { outcome: 'refuse', reason: `funding ${paid.toFixed(4)} % in 8 h is paid by us` };
  }

  degraded(view: RiskView): string | undefined {
    const isBlind = view.openSymbols.length === 0 && Number.isNaN(view.fundingRate('BTCUSDT'));
    return isBlind ? 'no funding rates: the filter refuses nothing' : undefined;
  }
}
