import type { Proposal, RiskRule, RiskView } from '../../src/engine/risk-gate.ts';

/** What one rule says about a proposal, in the order the rules are asked. */
export interface RuleOpinion {
  id: string;
  outcome: 'allow' | 'shrink' | 'refuse';
  reason: string;
  /** Risk in percent after this rule, had every refusal before it been none. */
  riskPercent: number;
  /** What the rule has to do without; undefined when it has all it needs. */
  degraded: string | undefined;
  /** Why it would close everything that is open now. */
  flattens: string | undefined;
}

/**
 * Asks every rule, also those after the first refusal, which the gate would not ask any more. The
 * proposal is left as it was. Rules may remember that they were asked, so explain on a state of its
 * own or at the moment of the decision.
 */
export function explainRules(
  rules: readonly RiskRule[],
  proposal: Proposal,
  view: RiskView,
): RuleOpinion[] {
  const asked = { ...proposal };
  const opinions: RuleOpinion[] = [];
  for (const rule of rules) {
    const verdict = rule.check(asked, view);
    if (verdict.outcome === 'shrink') {
      asked.riskPercent *= verdict.factor;
      asked.notional *= verdict.factor;
    }
    opinions.push({
      id: rule.id,
      outcome: verdict.outcome,
      reason: verdict.outcome === 'allow' ? '' : verdict.reason,
      riskPercent: asked.riskPercent,
      degraded: rule.degraded?.(view),
      flattens: rule.mustFlatten?.(view),
    });
  }
  return opinions;
}

/** The account as the rules saw it; the view itself goes on changing. */
export type AccountFacts = Pick<
  RiskView,
  'nowMs' | 'equity' | 'equityAtMidnight' | 'equityPeak' | 'openRisk' | 'leverage'
>;

export function accountFacts(view: RiskView): AccountFacts {
  const { nowMs, equity, equityAtMidnight, equityPeak, openRisk, leverage } = view;
  return { nowMs, equity, equityAtMidnight, equityPeak, openRisk, leverage };
}

/** Put before the rules of a run: notes what all of them say at the decisions of one instant. */
export class ExplainProbe implements RiskRule {
  readonly id = 'explainProbe';
  /** Undefined while no decision came at that instant. */
  seen: { proposal: Proposal; opinions: RuleOpinion[]; account: AccountFacts } | undefined;
  declare private readonly rules: readonly RiskRule[];
  declare private readonly atMs: number;

  constructor(options: { rules: readonly RiskRule[]; atMs: number }) {
    this.rules = options.rules;
    this.atMs = options.atMs;
  }

  check(proposal: Proposal, view: RiskView): { outcome: 'allow' } {
    if (view.nowMs === this.atMs && this.seen === undefined) {
      const opinions = explainRules(this.rules, proposal, view);
      this.seen = { proposal: { ...proposal }, opinions, account: accountFacts(view) };
    }
    return { outcome: 'allow' };
  }
}
