import type { Kernel } from './kernel.ts';
import type { TradePlan } from './plan.ts';
import { sizeOrder } from './sizer.ts';
import { worstEntryPrice } from './trade-entry.ts';

/** Tells the world of a plan, with the size it would have now; no risk rule is asked. */
export function raiseAlert(kernel: Kernel, plan: TradePlan, tags: readonly string[]): void {
  const worst = worstEntryPrice({ plan });
  const instrument = kernel.instrument(plan.symbol);
  const size = sizeOrder({
    instrument,
    direction: plan.direction,
    riskBudget: (kernel.portfolio.equity() * plan.riskPercent) / 100,
    worstPrice: worst,
    stopPrice: plan.stopPrice,
    entryFee: kernel.takerFee(plan.symbol),
    exitFee: kernel.takerFee(plan.symbol),
    slippage: kernel.costs.slippageFraction(plan.symbol, 0),
    leverage: kernel.leverage,
    freeMargin: kernel.portfolio.freeMargin(kernel.leverage),
    brackets: kernel.brackets.get(plan.symbol) ?? [],
  });
  kernel.effects.push({
    kind: 'alert.raise',
    strategyId: plan.strategyId,
    symbol: plan.symbol,
    side: plan.direction === 1 ? 'BUY' : 'SELL',
    quantity: instrument.quantity(size.lots),
    stopPrice: plan.stopPrice,
    firstTargetPrice: worst + (plan.targets[0]?.atR ?? 1) * (worst - plan.stopPrice),
    price: plan.entry.decisionPrice,
    tags,
    reasons: plan.reasons,
  });
}
