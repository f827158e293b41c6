import { resampleBars } from '../../data/bars/resample.ts';
import type { TradeRecord } from '../../src/engine/trade-record.ts';
import { MINUTE_MS } from '../../src/engine/units.ts';
import { BacktestRun } from '../run.ts';
import type { BacktestResult } from '../run-options.ts';
import { DecisionTrace } from './decision-trace.ts';
import type { ComposeRun, MarketInput } from './lookahead.ts';

/** One signal under both resolutions. R of each side's own plan; parts add up to the difference. */
export interface ResolutionRow {
  decidedMs: number;
  direction: 1 | -1;
  coarseR: number | undefined;
  fineR: number | undefined;
  /** Fine minus coarse; a trade that one side did not make counts as zero there. */
  difference: number;
  parts: { price: number; hedge: number; fees: number; funding: number };
  why: string;
}

export interface ResolutionResult {
  coarseMs: number;
  fineMs: number;
  /** What fills were taken from, e.g. `3m bars` and `recorded trades over 1m bars`. */
  coarseName: string;
  fineName: string;
  coarse: ResolutionSide;
  fine: ResolutionSide;
  same: number;
  rows: ResolutionRow[];
  /** Sum of the differences minus the difference of the sums: zero but for rounding. */
  unexplainedR: number;
}

export interface ResolutionSide {
  trades: number;
  sumR: number;
  ambiguousTrades: number;
}

interface Side {
  result: BacktestResult;
  /** Why a plan of an instant was not traded. */
  declined: Map<number, string>;
}

const SLICE_INSTANTS = 50_000;
/** Below this a difference is rounding of lots. */
const SAME_R = 1e-9;

/** One side of a comparison: bars of this length at least, with or without what was recorded. */
interface Level {
  ms: number;
  isRecorded: boolean;
}

/**
 * From coarse to fine, one step at a time: signal bars alone, 1m bars inside them, what is finer
 * than 1m where the data has it (1s bars), and recorded trades and books where there are any.
 * @throws RangeError when the data is no finer than the signal bars, and nothing was recorded
 */
export function resolutionLadder(compose: ComposeRun, market: MarketInput): ResolutionResult[] {
  const { signalTimeframeMs } = compose(market);
  const finestMs = Math.min(...market.feeds.map((bars) => bars.timeframeMs));
  const hasTapes = (market.tapes?.length ?? 0) > 0;
  if (finestMs >= signalTimeframeMs && !hasTapes) {
    throw new RangeError('the data has nothing finer than the signal bars');
  }
  const lengths = [signalTimeframeMs, MINUTE_MS, finestMs].filter(
    (ms, i, all) => ms <= (all[i - 1] ?? ms) && all.indexOf(ms) === i && ms >= finestMs,
  );
  const levels: Level[] = lengths.map((ms) => ({ ms, isRecorded: false }));
  if (hasTapes) levels.push({ ms: finestMs, isRecorded: true });
  return levels
    .slice(1)
    .map((fine, i) => checkResolution(compose, market, { coarse: levels[i], fine }));
}

/**
 * The same strategy on coarser and on finer data inside its signal bars. Signals come from the same
 * bars, so trades pair by their decision; every pair that ends differently is explained.
 */
function checkResolution(
  compose: ComposeRun,
  market: MarketInput,
  level: { coarse: Level; fine: Level },
): ResolutionResult {
  const at = ({ ms, isRecorded }: Level): MarketInput => ({
    ...market,
    feeds: market.feeds.map((bars) => (bars.timeframeMs >= ms ? bars : resampleBars(bars, ms))),
    tapes: isRecorded ? market.tapes : undefined,
  });
  const fine = sideOf(compose, at(level.fine));
  const coarse = sideOf(compose, at(level.coarse));
  const keys = new Set([...fine.result.trades, ...coarse.result.trades].map(keyOf));
  const rows: ResolutionRow[] = [];
  for (const key of [...keys].sort((a, b) => a - b)) {
    rows.push(rowOf(find(coarse, key), find(fine, key), { coarse, fine }));
  }
  const total = (side: Side) => side.result.trades.reduce((sum, trade) => sum + trade.tradeR, 0);
  const explained = rows.reduce((sum, row) => sum + row.difference, 0);
  return {
    coarseMs: level.coarse.ms,
    fineMs: level.fine.ms,
    coarseName: nameOf(level.coarse),
    fineName: nameOf(level.fine),
    coarse: summaryOf(coarse),
    fine: summaryOf(fine),
    same: rows.filter((row) => row.why === 'same').length,
    rows,
    unexplainedR: explained - (total(fine) - total(coarse)),
  };
}

function nameOf({ ms, isRecorded }: Level): string {
  const bars = ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS}m bars` : `${ms / 1_000}s bars`;
  return isRecorded ? `recordings over ${bars}` : bars;
}

function sideOf(compose: ComposeRun, market: MarketInput): Side {
  const trace = new DecisionTrace();
  const run = new BacktestRun({ ...compose(market), observer: trace.observer });
  while (run.advance(SLICE_INSTANTS));
  const declined = new Map<number, string>();
  for (const { atMs, text } of trace.decisions) {
    const effect = JSON.parse(text) as { kind: string; decision?: string; reasons?: string[] };
    if (effect.kind !== 'decision.record' || !effect.decision?.startsWith('declined')) continue;
    declined.set(atMs, (effect.reasons ?? []).join('; '));
  }
  return { result: run.finish(), declined };
}

function keyOf(trade: TradeRecord): number {
  return trade.decidedMs;
}

function find(side: Side, key: number): TradeRecord | undefined {
  return side.result.trades.find((trade) => keyOf(trade) === key);
}

function summaryOf({ result }: Side): ResolutionSide {
  return {
    trades: result.trades.length,
    sumR: result.trades.reduce((sum, trade) => sum + trade.tradeR, 0),
    ambiguousTrades: result.ambiguousTradeIds.length,
  };
}

function rowOf(
  coarse: TradeRecord | undefined,
  fine: TradeRecord | undefined,
  sides: { coarse: Side; fine: Side },
): ResolutionRow {
  const some = (fine ?? coarse) as TradeRecord;
  const inCoarse = partsOf(coarse);
  const inFine = partsOf(fine);
  return {
    decidedMs: some.decidedMs,
    direction: some.direction,
    coarseR: coarse?.tradeR,
    fineR: fine?.tradeR,
    difference: (fine?.tradeR ?? 0) - (coarse?.tradeR ?? 0),
    parts: {
      price: inFine.price - inCoarse.price,
      hedge: inFine.hedge - inCoarse.hedge,
      fees: inFine.fees - inCoarse.fees,
      funding: inFine.funding - inCoarse.funding,
    },
    why: whyOf(coarse, fine, sides),
  };
}

/** Net R = price + hedge + fees + funding; hedge before its fees. */
function partsOf(trade: TradeRecord | undefined): ResolutionRow['parts'] {
  if (trade === undefined) return { price: 0, hedge: 0, fees: 0, funding: 0 };
  const { plannedR } = trade;
  return {
    price: (trade.netPnl + trade.fees - trade.funding - trade.hedgePnl) / plannedR,
    hedge: trade.hedgePnl / plannedR,
    fees: -trade.fees / plannedR,
    funding: trade.funding / plannedR,
  };
}

function whyOf(
  coarse: TradeRecord | undefined,
  fine: TradeRecord | undefined,
  sides: { coarse: Side; fine: Side },
): string {
  if (coarse === undefined) return `fine only: ${whyNot(sides.coarse, fine as TradeRecord)}`;
  if (fine === undefined) return `coarse only: ${whyNot(sides.fine, coarse)}`;
  const causes: string[] = [];
  if (coarse.entryPrice !== fine.entryPrice || coarse.firstFillMs !== fine.firstFillMs) {
    causes.push(`entry ${shown(coarse.entryPrice)} -> ${shown(fine.entryPrice)}`);
  }
  if (coarse.riskPercent !== fine.riskPercent) {
    causes.push(`risk ${coarse.riskPercent.toFixed(3)} -> ${fine.riskPercent.toFixed(3)} %`);
  }
  if (coarse.exitReason !== fine.exitReason || coarse.targetsFilled !== fine.targetsFilled) {
    const before = `${coarse.exitReason} after ${coarse.targetsFilled} targets`;
    const guess = sides.coarse.result.ambiguousTradeIds.includes(coarse.tradeId)
      ? ' (ambiguous bar, stop taken first)'
      : '';
    causes.push(`${before}${guess} -> ${fine.exitReason} after ${fine.targetsFilled}`);
  } else if (coarse.exitPrice !== fine.exitPrice) {
    causes.push(`exit ${shown(coarse.exitPrice)} -> ${shown(fine.exitPrice)}`);
  }
  if (causes.length > 0) return causes.join('; ');
  const isSame = Math.abs(coarse.tradeR - fine.tradeR) < SAME_R;
  return isSame ? 'same' : 'same orders, another size, slippage or hedge';
}

/** Why a side did not make the trade of the other. */
function whyNot(side: Side, other: TradeRecord): string {
  const reasons = side.declined.get(other.decidedMs);
  if (reasons !== undefined) return `refused, ${reasons}`;
  const { trades, unfilled } = side.result;
  if (unfilled.some((trade) => trade.decidedMs === other.decidedMs)) return 'not filled';
  const open = [...trades, ...unfilled].find(
    (trade) => trade.decidedMs < other.decidedMs && trade.closedMs >= other.decidedMs,
  );
  if (open !== undefined) return 'another trade was still open';
  return 'no signal, or the data ended';
}

function shown(price: number): string {
  return String(Math.round(price * 100) / 100);
}
