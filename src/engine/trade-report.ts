import type { Kernel } from './kernel.ts';
import { type Leg, mainLeg, type Trade } from './trade.ts';
import type { LegRecord, TradeRecord } from './trade-record.ts';
import { CASH_SCALE } from './units.ts';

/** The record of a package that is over. Sums come from fills; nothing is estimated. */
export function tradeRecord(kernel: Kernel, trade: Trade): TradeRecord {
  const { plan } = trade;
  const main = mainLeg(trade);
  const instrument = kernel.instrument(plan.symbol);
  const entryPrice = price(kernel, main, main.filledTicksLots, main.filledLots);
  const quantity = instrument.quantity(main.filledLots);
  let hedgePnl = 0;
  let feeUnits = 0;
  let fundingUnits = 0;
  let makerNotional = 0;
  let allNotional = 0;
  for (const leg of trade.legs) {
    if (leg.hedge !== undefined) hedgePnl += leg.flowUnits / CASH_SCALE;
    feeUnits += leg.feeUnits;
    fundingUnits += leg.fundingUnits;
    // Lots of different symbols do not add up; money does.
    const notional = tradedNotional(kernel, leg);
    const lots = leg.filledLots + leg.exitLots;
    allNotional += notional;
    if (lots > 0) makerNotional += (notional * leg.makerLots) / lots;
  }
  const grossPnl = main.flowUnits / CASH_SCALE;
  const fees = feeUnits / CASH_SCALE;
  const funding = fundingUnits / CASH_SCALE;
  const netPnl = grossPnl + hedgePnl - fees + funding;
  const initialStop = instrument.price(main.initialStopTicks);
  const actualR = quantity * Math.abs(entryPrice - initialStop);
  const distance = Math.abs(entryPrice - initialStop);
  return {
    tradeId: trade.tradeId,
    strategyId: trade.strategyId,
    tag: plan.tag,
    symbol: plan.symbol,
    direction: plan.direction,
    decidedMs: trade.decidedMs,
    firstFillMs: trade.firstFillMs,
    closedMs: kernel.nowMs,
    quantity,
    decisionPrice: plan.entry.decisionPrice,
    midPrice: plan.entry.midPrice,
    entryPrice,
    exitPrice: price(kernel, main, main.exitTicksLots, main.exitLots),
    initialStop,
    finalStop: instrument.price(main.stopTicks),
    plannedR: trade.plannedR,
    actualR,
    riskPercent: trade.riskPercent,
    tradeR: netPnl / trade.plannedR,
    grossPnl,
    hedgePnl,
    fees,
    funding,
    slippage: trade.slippage,
    netPnl,
    makerShare: allNotional > 0 ? makerNotional / allNotional : 0,
    costRPlanned: trade.costRPlanned,
    costRWorst: trade.costRWorst,
    targetsFilled: trade.targetsFilled,
    exitReason: trade.exitReason,
    maeR: trade.maePrice / distance,
    mfeR: trade.mfePrice / distance,
    legs: trade.legs
      .filter((leg) => leg.hedge !== undefined)
      .map((leg) => legRecord(kernel, leg, main)),
    reasons: [...plan.reasons, ...trade.gateReasons],
    context: plan.context,
  };
}

function legRecord(kernel: Kernel, leg: Leg, main: Leg): LegRecord {
  const { hedge } = leg;
  const mainNotional =
    (main.filledTicksLots * kernel.instrument(main.symbol).unitValue) / CASH_SCALE;
  const legNotional = (leg.filledTicksLots * kernel.instrument(leg.symbol).unitValue) / CASH_SCALE;
  const net = (leg.flowUnits - leg.feeUnits + leg.fundingUnits) / CASH_SCALE;
  return {
    symbol: leg.symbol,
    direction: leg.direction,
    quantity: kernel.instrument(leg.symbol).quantity(leg.filledLots),
    entryPrice: price(kernel, leg, leg.filledTicksLots, leg.filledLots),
    exitPrice: price(kernel, leg, leg.exitTicksLots, leg.exitLots),
    beta: hedge?.beta ?? Number.NaN,
    correlation: hedge?.correlation ?? Number.NaN,
    plannedRatio: hedge?.plannedRatio ?? 0,
    realisedRatio: mainNotional > 0 ? legNotional / mainNotional : 0,
    netPnl: net,
    outcome: hedge?.stage === 'failed' ? 'failed' : leg.filledLots === 0 ? 'skipped' : 'closed',
  };
}

function price(kernel: Kernel, leg: Leg, ticksLots: number, lots: number): number {
  return lots === 0 ? Number.NaN : (ticksLots / lots) * kernel.instrument(leg.symbol).tick;
}

/** Entries and exits, quote currency. */
function tradedNotional(kernel: Kernel, leg: Leg): number {
  const { unitValue } = kernel.instrument(leg.symbol);
  return ((leg.filledTicksLots + leg.exitTicksLots) * unitValue) / CASH_SCALE;
}
