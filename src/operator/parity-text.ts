import type { TradeRecord } from '../engine/trade-record.ts';
import type { ParityReport, PnlParts, TradeParity } from './parity.ts';

/** `qcm parity` for people; `--json` has every field. */
export function parityText(report: ParityReport): string {
  const { day, configHash, trades, parts, liveNet, backtestNet, notes } = report;
  const count = (kind: TradeParity['kind']) => trades.filter((each) => each.kind === kind).length;
  const lines = [
    `${day} (UTC), configuration ${configHash.slice(0, 12)}: journal against backtest, same bars`,
    '',
    ...trades.flatMap(tradeLines),
    ...(trades.length === 0 ? ['no trades on either side'] : []),
    '',
    `trades    ${count('both')} on both sides, ${count('onlyLive')} only live, ` +
      `${count('onlyBacktest')} only in the backtest`,
    `net       live ${money(liveNet)}, backtest ${money(backtestNet)}, ` +
      `difference ${signed(liveNet - backtestNet)}`,
    `on both   ${partsText(parts)}`,
    ...notes.map((text) => `note      ${text}`),
  ];
  return lines.join('\n');
}

function tradeLines(each: TradeParity): string[] {
  if (each.kind !== 'both') {
    const where = each.kind === 'onlyLive' ? 'ONLY LIVE    ' : 'ONLY BACKTEST';
    return [`${where} ${head(each.trade)} net ${money(each.trade.netPnl)}`, `    ${each.why}`];
  }
  const { live, backtest, parts, notes } = each;
  const net = `net ${money(live.netPnl)} against ${money(backtest.netPnl)}`;
  const lines = [`both          ${head(live)} ${net}`];
  if (Math.abs(parts.total) > 0.005) lines.push(`    ${partsText(parts)}`);
  if (notes.length > 0) lines.push(`    ${notes.join('; ')}`);
  return lines;
}

function head({ decidedMs, symbol, direction, tag, exitReason }: TradeRecord): string {
  const at = new Date(decidedMs).toISOString().slice(11, 19);
  return `${at} ${symbol} ${direction === 1 ? 'long' : 'short'} ${tag} (${exitReason})`;
}

function partsText({ size, prices, fees, funding, total }: PnlParts): string {
  return (
    `difference ${signed(total)} = size ${signed(size)}, prices ${signed(prices)}, ` +
    `fees ${signed(fees)}, funding ${signed(funding)}`
  );
}

function money(value: number): string {
  return value.toFixed(2);
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`;
}
