import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';

/** One step of the ramp: up to this leverage until the evidence of the next step is there. */
export interface RampStep {
  leverage: number;
  /** Closed trades needed to leave this step. */
  untilTrades: number;
}

export const DOCUMENT_RAMP: readonly RampStep[] = [
  { leverage: 5, untilTrades: 50 },
  { leverage: 10, untilTrades: 150 },
  { leverage: 20, untilTrades: Number.POSITIVE_INFINITY },
];

/** Leverage that the number of closed trades allows (decision 31); only applied when flat. */
export function rampLeverage(steps: readonly RampStep[], closedTrades: number): number {
  for (const step of steps) if (closedTrades < step.untilTrades) return step.leverage;
  return steps[steps.length - 1].leverage;
}

/** Refuses entries while the account's leverage is above what the ramp allows yet. */
export class LeverageRamp implements RiskRule {
  readonly id = 'leverageRamp';
  declare private readonly steps: readonly RampStep[];

  constructor(options: { steps: readonly RampStep[] }) {
    this.steps = options.steps;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    const allowed = rampLeverage(this.steps, view.closedTrades);
    if (view.leverage <= allowed) return ALLOW;
    return { outcome: 'refuse', reason: `leverage ${view.leverage} x, ramp allows ${allowed} x` };
  }
}
