/** What one kind of trade is assumed to be. Percent and basis points as their names say. */
export interface TradeAssumptions {
  /** Quote currency. */
  equity: number;
  riskPercent: number;
  /** Distance of the stop from the entry. */
  stopBps: number;
  /** Share of trades that win, 0..1. */
  winRate: number;
  /** Gross result of a winner and of a loser in R; the loser's as a positive number. */
  winR: number;
  lossR: number;
  makerPercent: number;
  takerPercent: number;
  /** Part of the entry quantity filled as maker, 0..1; exits are taken as taker. */
  makerShare: number;
  /** Per taker fill. */
  slippageBps: number;
  leverage: number;
  tradesPerDay: number;
}

export interface ExpectedValue {
  /** Money at risk: one R. */
  risk: number;
  /** risk / stop distance: what the position really is. */
  notional: number;
  /** notional / leverage. */
  margin: number;
  /** Whether the account holds that margin. */
  isAffordable: boolean;
  feesPerTrade: number;
  slippagePerTrade: number;
  /** Fees and slippage over R. */
  costR: number;
  grossPerTrade: number;
  netPerTrade: number;
  grossR: number;
  netR: number;
  /** Of net results; undefined when nothing is lost or nothing won. */
  profitFactor: number | undefined;
  /** Win rate at which the net expectation is zero; above 1 means never. */
  breakEvenWinRate: number;
  perDay: number;
  /** 22 days without compounding, over equity: the documents' own way to count a month. */
  monthFraction: number;
}

/** Days of a month in the documents' table. */
export const MONTH_DAYS = 22;

/**
 * Expected value of a trade: risk = equity x risk %, notional = risk / stop distance, costs on that
 * notional for entry and exit, net R = p x winR - (1 - p) x lossR - costR. Source: definition; the
 * documents use risk x leverage as notional, which is off by stop distance x leverage.
 */
export function expectedValue(trade: TradeAssumptions): ExpectedValue {
  const { equity, winRate, winR, lossR, makerShare } = trade;
  const risk = (equity * trade.riskPercent) / 100;
  const notional = risk / (trade.stopBps / 1e4);
  const takerFills = 2 - makerShare;
  const fees =
    (notional * (makerShare * trade.makerPercent + takerFills * trade.takerPercent)) / 100;
  const slippage = (notional * takerFills * trade.slippageBps) / 1e4;
  const costR = (fees + slippage) / risk;
  const grossR = winRate * winR - (1 - winRate) * lossR;
  const netR = grossR - costR;
  const gains = winRate * Math.max(0, winR - costR);
  const losses = (1 - winRate) * (lossR + costR) + winRate * Math.max(0, costR - winR);
  const margin = notional / trade.leverage;
  return {
    risk,
    notional,
    margin,
    isAffordable: margin <= equity,
    feesPerTrade: fees,
    slippagePerTrade: slippage,
    costR,
    grossPerTrade: grossR * risk,
    netPerTrade: netR * risk,
    grossR,
    netR,
    profitFactor: gains > 0 && losses > 0 ? gains / losses : undefined,
    breakEvenWinRate: (lossR + costR) / (winR + lossR),
    perDay: netR * risk * trade.tradesPerDay,
    monthFraction: (netR * risk * trade.tradesPerDay * MONTH_DAYS) / equity,
  };
}

/** The documents' example, number for number: 1,000 USDT, 65 %, 7 trades a day. */
export const DOCUMENT_CLAIM = Object.freeze({
  notional: 150,
  feesPerTrade: 0.18,
  winNet: 7.32,
  lossNet: 7.68,
  netPerTrade: 2.07,
  perDay: 14.49,
  monthFraction: 0.3188,
  yearFraction: 3.8256,
});
