import type { BarClosed, MarkChanged } from './event.ts';
import type { OrderRequest } from './order.ts';
import type { TradePlan } from './plan.ts';
import type { Direction } from './units.ts';

declare const approvedBrand: unique symbol;

/** A request that went through the gate. Nothing outside this file can make one. */
export type RiskApproved<T> = T & { readonly [approvedBrand]: true };

/** Every object that `approve` made; what is not in here never leaves the process. */
const APPROVED = new WeakSet<object>();

/** Whether the gate made this very object. The dispatcher's last check, whatever types say. */
export function isApproved(request: object): boolean {
  return APPROVED.has(request);
}

/** A plan on its way through the rules; only `riskPercent` may change, and only downwards. */
export interface Proposal {
  plan: TradePlan;
  /** Risk of this trade in percent of equity, as left by the rules so far. */
  riskPercent: number;
  /** |worst entry - stop| as a fraction of the worst entry. */
  stopFraction: number;
  /** Notional at the current risk: risk / stop distance. Quote currency. */
  notional: number;
  /** Loss in R if the stops of the main leg and of every hedge leg are hit; 1 without a hedge. */
  packageR: number;
  /** Expected costs of the whole package in R, maker entry as planned. */
  costRPlanned: number;
  /** The same with taker fills everywhere. */
  costRWorst: number;
}

export type RiskVerdict =
  | { outcome: 'allow' }
  /** Multiply the risk by this factor, in (0, 1). */
  | { outcome: 'shrink'; factor: number; reason: string }
  | { outcome: 'refuse'; reason: string };

export const ALLOW: RiskVerdict = Object.freeze({ outcome: 'allow' });

/**
 * One pure rule, a file of its own in `strategy/risk/`. Rules run in a fixed order; each may shrink
 * or refuse. A rule that lacks the data it needs says so in `degraded` and falls back.
 */
export interface RiskRule {
  readonly id: string;
  /** What the rule runs without, for the report; undefined when it has all it needs. */
  degraded?(view: RiskView): string | undefined;
  check(proposal: Proposal, view: RiskView): RiskVerdict;
  /** Asked on every bar of a traded symbol: a reason here closes everything (flash, circuit). */
  mustFlatten?(view: RiskView): string | undefined;
  onBar?(bar: BarClosed): void;
  onMark?(mark: MarkChanged): void;
  save?(): unknown;
  load?(state: unknown): void;
}

/** What the rules may know. Quote currency unless said otherwise. */
export interface RiskView {
  readonly nowMs: number;
  readonly mode: 'backtest' | 'paper' | 'demo' | 'live';
  /** Cash plus open profit and loss at the last marks. */
  readonly equity: number;
  /** Equity at 00:00 UTC, transfers since then added. */
  readonly equityAtMidnight: number;
  /** Highest equity so far, transfers adjusted. */
  readonly equityPeak: number;
  /** Highest equity of the last 20 days. */
  readonly equityPeak20d: number;
  readonly freeMargin: number;
  readonly leverage: number;
  /** Loss if every open stop is hit, costs included. */
  readonly openRisk: number;
  readonly openPackages: number;
  readonly closedTrades: number;
  /** Realised net R of this direction's trades closed since 00:00 UTC. */
  dayTradeR(direction: Direction): number;
  /** Direction of the open position on the symbol, 0 when flat. */
  positionDirection(symbol: string): Direction | 0;
  readonly openSymbols: readonly string[];
  lastPrice(symbol: string): number;
  /** NaN when unknown. Positive: longs pay. Per interval. */
  fundingRate(symbol: string): number;
  fundingIntervalHours(symbol: string): number;
  /** p95 of order latency over the last ten minutes in ms; NaN under 30 samples. */
  readonly latencyP95Ms: number;
}

export interface GateResult {
  approved: boolean;
  proposal: Proposal;
  /** `<rule id>: <reason>` for each rule that shrank or refused, in order. */
  reasons: string[];
  refusedBy: string | undefined;
}

/** Runs the rules and makes approved requests; counts every refusal by rule. */
export class RiskGate {
  readonly refusals: Record<string, number> = {};
  declare private readonly rules: readonly RiskRule[];
  /** Rules that learn from bars; the others cost nothing per bar. */
  declare private readonly barRules: readonly Required<Pick<RiskRule, 'onBar'>>[];

  constructor(rules: readonly RiskRule[]) {
    this.rules = rules;
    this.barRules = rules.filter(hasOnBar);
  }

  /** All rules in order; the first refusal ends it. */
  judge(proposal: Proposal, view: RiskView): GateResult {
    const reasons: string[] = [];
    for (const rule of this.rules) {
      const verdict = rule.check(proposal, view);
      if (verdict.outcome === 'allow') continue;
      reasons.push(`${rule.id}: ${verdict.reason}`);
      if (verdict.outcome === 'refuse') {
        this.count(rule.id);
        return { approved: false, proposal, reasons, refusedBy: rule.id };
      }
      proposal.riskPercent *= verdict.factor;
      proposal.notional *= verdict.factor;
    }
    return { approved: true, proposal, reasons, refusedBy: undefined };
  }

  /** Counts a refusal made outside the rules (lease, sizing), under the same roof. */
  count(ruleId: string): void {
    this.refusals[ruleId] = (this.refusals[ruleId] ?? 0) + 1;
  }

  /** Stamps a request of an approved trade. Callers have checked lease, caps and the position. */
  approve(request: OrderRequest): RiskApproved<OrderRequest> {
    const approved = Object.freeze(request) as RiskApproved<OrderRequest>;
    APPROVED.add(approved);
    return approved;
  }

  degraded(view: RiskView): string[] {
    const out: string[] = [];
    for (const rule of this.rules) {
      const text = rule.degraded?.(view);
      if (text !== undefined) out.push(`${rule.id}: ${text}`);
    }
    return out;
  }

  mustFlatten(view: RiskView): string | undefined {
    for (const rule of this.rules) {
      const reason = rule.mustFlatten?.(view);
      if (reason !== undefined) return `${rule.id}: ${reason}`;
    }
    return undefined;
  }

  onBar(bar: BarClosed): void {
    const { barRules } = this;
    for (let i = 0; i < barRules.length; i++) barRules[i].onBar(bar);
  }

  onMark(mark: MarkChanged): void {
    for (const rule of this.rules) rule.onMark?.(mark);
  }

  save(): unknown {
    const rules = this.rules.map((rule) => ({ id: rule.id, state: rule.save?.() }));
    return { refusals: { ...this.refusals }, rules };
  }

  load(state: unknown): void {
    const saved = state as {
      refusals: Record<string, number>;
      rules: { id: string; state: unknown }[];
    };
    Object.assign(this.refusals, saved.refusals);
    for (const rule of this.rules) {
      const own = saved.rules.find((entry) => entry.id === rule.id);
      if (own?.state !== undefined) rule.load?.(own.state);
    }
  }
}

function hasOnBar(rule: RiskRule): rule is RiskRule & Required<Pick<RiskRule, 'onBar'>> {
  return rule.onBar !== undefined;
}
