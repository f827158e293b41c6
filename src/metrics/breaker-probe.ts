import { explainRules } from '../../strategy/risk/explain.ts';
import { probePlan } from '../../strategy/risk/probe-plan.ts';
import type { Engine } from '../engine/engine.ts';
import { type Proposal, RiskGate, type RiskRule } from '../engine/risk-gate.ts';
import type { Direction } from '../engine/units.ts';

/** Rules that judge the account or the market, not the trade at hand. */
export const GUARDS: readonly string[] = [
  'circuitBreaker',
  'equityStop',
  'maxPackages',
  'directionBreaker',
  'flashGuard',
  'volatilityGuard',
  'eventGuard',
  'fundingFilter',
  'latencyGuard',
  'drawdownThrottle',
];

export interface BreakerState {
  rule: string;
  side: 'long' | 'short';
  outcome: 'allow' | 'shrink' | 'refuse' | 'flatten';
  /** Empty when it allows. */
  reason: string;
}

/**
 * What each guard would say to an entry now. The engine's own rules remember that they were asked,
 * and a question that is not in the journal could change a decision: a second set is asked, on a
 * copy of their state.
 */
export class BreakerProbe {
  declare private readonly symbol: string;
  declare private readonly riskPercent: number;
  declare private readonly gate: RiskGate;
  declare private readonly guards: readonly RiskRule[];

  /** @param options.rules a set of its own, made like the engine's */
  constructor(options: { rules: readonly RiskRule[]; symbol: string; riskPercent: number }) {
    this.symbol = options.symbol;
    this.riskPercent = options.riskPercent;
    this.gate = new RiskGate(options.rules);
    this.guards = options.rules.filter(({ id }) => GUARDS.includes(id));
  }

  read(engine: Pick<Engine, 'inspect' | 'riskView'>): BreakerState[] {
    const { kernel } = engine.inspect();
    this.gate.load(structuredClone(kernel.gate.save()));
    const view = engine.riskView();
    const price = kernel.market.of(this.symbol).last;
    return ([1, -1] as const).flatMap((direction) => {
      const proposal = this.proposal(direction, price);
      return explainRules(this.guards, proposal, view).map((opinion) => ({
        rule: opinion.id,
        side: direction === 1 ? ('long' as const) : ('short' as const),
        outcome: opinion.flattens === undefined ? opinion.outcome : ('flatten' as const),
        reason: opinion.flattens ?? opinion.reason,
      }));
    });
  }

  private proposal(direction: Direction, price: number): Proposal {
    const { symbol, riskPercent } = this;
    const plan = probePlan({
      ...{ id: 'probe', symbol, direction, price, stopPrice: price, riskPercent },
    });
    const sizes = { stopFraction: 0, notional: 0, packageR: 1, costRPlanned: 0, costRWorst: 0 };
    return { plan, riskPercent, ...sizes };
  }
}
