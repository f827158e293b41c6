import type { Kernel } from './kernel.ts';
import { nextPairState } from './pair-saga.ts';
import type { TradePlan } from './plan.ts';
import type { Proposal, RiskView } from './risk-gate.ts';
import { createLeg, type Leg, mainLeg, type Trade } from './trade.ts';
import { sizeRemainder, startEntry, worstEntryPrice } from './trade-entry.ts';
import { openingSide } from './units.ts';

/**
 * Plan -> lease -> risk rules -> size -> first order. Returns the trade, or the reasons why there
 * is none; every refusal is recorded and counted under the rule that made it.
 */
export function approvePlan(
  kernel: Kernel,
  view: RiskView,
  plan: TradePlan,
): Trade | { refusedBy: string; reasons: string[] } {
  const symbols = [plan.symbol];
  for (const leg of plan.hedge?.legs ?? []) symbols.push(leg.symbol);
  if (symbols.some((symbol) => kernel.leases.ownerOf(symbol) !== undefined)) {
    return refuse(kernel, 'symbolOwned', [`one of ${symbols.join(', ')} belongs to a trade`]);
  }
  const proposal = propose(kernel, plan);
  if (!(proposal.stopFraction > 0)) {
    return refuse(kernel, 'stopSide', ['the stop is not beyond the entry']);
  }
  const verdict = kernel.gate.judge(withNotional(proposal, view.equity), view);
  if (!verdict.approved) {
    return { refusedBy: verdict.refusedBy ?? 'unknown', reasons: verdict.reasons };
  }
  const trade = createTrade(kernel, plan, proposal, verdict.reasons, view.equity);
  const size = sizeRemainder(kernel, trade, worstEntryPrice(trade), kernel.takerFee(plan.symbol));
  if (size.lots === 0) return refuse(kernel, `size.${size.cappedBy}`, ['no quantity is possible']);
  const instrument = kernel.instrument(plan.symbol);
  const stopPrice = instrument.price(mainLeg(trade).stopTicks);
  trade.plannedR = instrument.quantity(size.lots) * Math.abs(worstEntryPrice(trade) - stopPrice);

  kernel.leases.grant(symbols, { strategyId: plan.strategyId, tradeId: trade.tradeId });
  trade.pair = nextPairState(trade.pair, 'approved');
  if (!startEntry(kernel, trade)) {
    for (const symbol of symbols) kernel.leases.release(symbol, trade.tradeId);
    return refuse(kernel, 'size.entry', ['no quantity is possible at the entry price']);
  }
  kernel.record(trade, 'enter', [...plan.reasons, ...verdict.reasons]);
  return trade;
}

function refuse(kernel: Kernel, rule: string, reasons: string[]) {
  kernel.gate.count(rule);
  return { refusedBy: rule, reasons: reasons.map((reason) => `${rule}: ${reason}`) };
}

/** What the rules judge: costs and distances as fractions, before any quantity exists. */
function propose(kernel: Kernel, plan: TradePlan): Proposal {
  const worst = worstEntryPrice({ plan });
  const stopFraction = ((worst - plan.stopPrice) * plan.direction) / worst;
  const makerFee = kernel.makerFee(plan.symbol);
  const takerFee = kernel.takerFee(plan.symbol);
  const slip = kernel.costs.slippageFraction(plan.symbol, 0);
  const entryFee = plan.entry.mode === 'taker' ? takerFee + slip : makerFee;
  let planned = entryFee + takerFee + slip;
  let worstCosts = 2 * (takerFee + slip);
  let legRisk = 0;
  for (const leg of plan.hedge?.legs ?? []) {
    const legTaker = kernel.takerFee(leg.symbol);
    const legSlip = kernel.costs.slippageFraction(leg.symbol, 0);
    planned += leg.notionalRatio * (kernel.makerFee(leg.symbol) + legTaker + legSlip);
    worstCosts += leg.notionalRatio * 2 * (legTaker + legSlip);
    legRisk += (leg.notionalRatio * Math.abs(leg.stopPrice - leg.price)) / leg.price;
  }
  return {
    plan,
    riskPercent: plan.riskPercent,
    stopFraction,
    notional: 0,
    packageR: 1 + legRisk / stopFraction,
    costRPlanned: planned / stopFraction,
    costRWorst: worstCosts / stopFraction,
  };
}

function withNotional(proposal: Proposal, equity: number): Proposal {
  proposal.notional = (equity * proposal.riskPercent) / 100 / proposal.stopFraction;
  return proposal;
}

function createTrade(
  kernel: Kernel,
  plan: TradePlan,
  proposal: Proposal,
  gateReasons: readonly string[],
  equity: number,
): Trade {
  return {
    tradeId: kernel.nextTradeId(),
    strategyId: plan.strategyId,
    plan,
    decidedMs: kernel.nowMs,
    phase: 'entering',
    pair: 'flat',
    entry: { stage: 'maker', orderId: '', reprices: 0 },
    riskBudget: (equity * proposal.riskPercent) / 100,
    riskPercent: proposal.riskPercent,
    plannedR: Number.NaN,
    costRPlanned: proposal.costRPlanned,
    costRWorst: proposal.costRWorst,
    gateReasons,
    legs: createLegs(kernel, plan),
    targets: [],
    targetsFilled: 0,
    isTrailing: false,
    stopReason: 'stop',
    isRebalanced: false,
    firstFillMs: Number.NaN,
    deadlineMs: Number.NaN,
    deadlineReason: 'timeout',
    exitReason: '',
    maePrice: 0,
    mfePrice: 0,
    slippage: 0,
    nextOrderIndex: 0,
    exitRetries: 0,
  };
}

function createLegs(kernel: Kernel, plan: TradePlan): Leg[] {
  // Stops are rounded away from the entry, so that rounding never tightens them.
  const stopTicks = (symbol: string, price: number, direction: 1 | -1) =>
    kernel.instrument(symbol).toTicks(price, openingSide(direction) === 'buy' ? 'down' : 'up');
  const legs = [
    createLeg({
      symbol: plan.symbol,
      direction: plan.direction,
      stopTicks: stopTicks(plan.symbol, plan.stopPrice, plan.direction),
      hedge: undefined,
    }),
  ];
  for (const leg of plan.hedge?.legs ?? []) {
    legs.push(
      createLeg({
        symbol: leg.symbol,
        direction: leg.direction,
        stopTicks: stopTicks(leg.symbol, leg.stopPrice, leg.direction),
        hedge: {
          ratio: leg.notionalRatio,
          plannedRatio: leg.notionalRatio,
          beta: leg.beta,
          correlation: leg.correlation,
          planPrice: leg.price,
          stage: 'waiting',
          orderId: '',
          targetLots: 0,
          reprices: 0,
        },
      }),
    );
  }
  return legs;
}
