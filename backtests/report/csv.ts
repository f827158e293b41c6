import type { TradeRecord } from '../../src/engine/trade-record.ts';
import type { EquityPoint } from '../equity-curve.ts';

type Cell = string | number | undefined;

/** Columns of trades.csv, in order. Times are ISO UTC, money in quote currency. */
const TRADE_COLUMNS: readonly [title: string, cell: (trade: TradeRecord) => Cell][] = [
  ['trade_id', (t) => t.tradeId],
  ['strategy', (t) => t.strategyId],
  ['tag', (t) => t.tag],
  ['symbol', (t) => t.symbol],
  ['side', (t) => (t.direction === 1 ? 'long' : 'short')],
  ['decided', (t) => isoTime(t.decidedMs)],
  ['first_fill', (t) => isoTime(t.firstFillMs)],
  ['closed', (t) => isoTime(t.closedMs)],
  ['quantity', (t) => t.quantity],
  ['decision_price', (t) => t.decisionPrice],
  ['mid_price', (t) => t.midPrice],
  ['entry_price', (t) => t.entryPrice],
  ['exit_price', (t) => t.exitPrice],
  ['initial_stop', (t) => t.initialStop],
  ['final_stop', (t) => t.finalStop],
  ['planned_r', (t) => t.plannedR],
  ['actual_r', (t) => t.actualR],
  ['risk_percent', (t) => t.riskPercent],
  ['trade_r', (t) => t.tradeR],
  ['gross_pnl', (t) => t.grossPnl],
  ['hedge_pnl', (t) => t.hedgePnl],
  ['fees', (t) => t.fees],
  ['funding', (t) => t.funding],
  ['slippage', (t) => t.slippage],
  ['net_pnl', (t) => t.netPnl],
  ['maker_share', (t) => t.makerShare],
  ['cost_r_planned', (t) => t.costRPlanned],
  ['cost_r_worst', (t) => t.costRWorst],
  ['targets_filled', (t) => t.targetsFilled],
  ['exit_reason', (t) => t.exitReason],
  ['mae_r', (t) => t.maeR],
  ['mfe_r', (t) => t.mfeR],
  ['legs', (t) => t.legs.map((leg) => `${leg.symbol}:${leg.outcome}:${leg.netPnl}`).join(' ')],
  ['reasons', (t) => t.reasons.join('; ')],
  ['context', (t) => JSON.stringify(t.context)],
];

/** One row a trade, `ambiguous` saying whether a bar held both its stop and its target. */
export function tradesCsv(
  trades: readonly TradeRecord[],
  ambiguousIds: readonly string[] = [],
): string {
  const ambiguous = new Set(ambiguousIds);
  const rows = trades.map((trade) => [
    ...TRADE_COLUMNS.map(([, cell]) => cell(trade)),
    ambiguous.has(trade.tradeId) ? 1 : 0,
  ]);
  return csv([...TRADE_COLUMNS.map(([title]) => title), 'ambiguous'], rows);
}

export function equityCsv(points: readonly EquityPoint[]): string {
  return csv(
    ['time', 'equity'],
    points.map(({ atMs, equity }) => [isoTime(atMs), equity]),
  );
}

/** Without milliseconds when they are zero; empty for a time that does not exist. */
export function isoTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000Z', 'Z') : '';
}

function csv(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [titles.join(','), ...rows.map((row) => row.map(quote).join(','))];
  return `${lines.join('\n')}\n`;
}

/** RFC 4180; numbers as shortest decimals, NaN as an empty cell. */
function quote(cell: Cell): string {
  if (cell === undefined || Number.isNaN(cell)) return '';
  const text = String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
