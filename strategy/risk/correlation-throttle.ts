import type { BarClosed } from '../../src/engine/event.ts';
import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { correlation, ReturnHistory } from './return-history.ts';

/**
 * Refuses a new position in the same direction as an open one whose returns correlate with it by
 * more than the limit (decision 44). Positions of the same package do not count against it.
 */
export class CorrelationThrottle implements RiskRule {
  readonly id = 'correlationThrottle';
  declare private readonly limit: number;
  declare private readonly bars: number;
  declare private readonly history: ReturnHistory;

  constructor(options: {
    symbols: readonly string[];
    timeframeMs: number;
    bars: number;
    correlationMax: number;
  }) {
    this.limit = options.correlationMax;
    this.bars = options.bars;
    this.history = new ReturnHistory({
      symbols: options.symbols,
      timeframeMs: options.timeframeMs,
      bars: options.bars + 2,
    });
  }

  onBar(bar: BarClosed): void {
    this.history.onBar(bar);
  }

  check(proposal: Proposal, view: RiskView): RiskVerdict {
    const { symbol, direction } = proposal.plan;
    const window = { span: 1, count: this.bars };
    for (const other of view.openSymbols) {
      if (other === symbol || view.positionDirection(other) !== direction) continue;
      const rho = correlation(
        this.history.returns(symbol, window),
        this.history.returns(other, window),
      );
      if (rho > this.limit) {
        return { outcome: 'refuse', reason: `correlation ${rho.toFixed(2)} with open ${other}` };
      }
    }
    return ALLOW;
  }

  save(): unknown {
    return this.history.save();
  }

  load(state: unknown): void {
    this.history.load(state);
  }
}
