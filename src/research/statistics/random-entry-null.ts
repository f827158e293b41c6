import type { Intent, TradePlan } from '../../engine/plan.ts';
import type { Strategy } from '../../engine/strategy.ts';
import type { TradeRecord } from '../../engine/trade-record.ts';
import { MINUTE_MS } from '../../engine/units.ts';
import { runOn } from '../market-run.ts';
import type { ResearchInput } from '../research-input.ts';
import { RandomEntry, randomSchedule, templateOf } from './random-entry.ts';

export interface RandomEntryNull {
  trades: number;
  meanR: number;
  /** Mean R of each run of random entries. */
  nulls: number[];
  nullMeanR: number;
  nullTrades: number;
  /** Share of random runs at least as good, the real one counted in; undefined without trades. */
  pValue: number | undefined;
}

/**
 * Are the entries better than random ones of the same kind? Whole backtests, costs and exits as
 * they are, no hedge on either side; entries at random moments with the resampled stop / ATR, block /
 * ATR, side and hour of the week of real trades, non-overlapping. p = (1 + #{null >= real}) / (1 + runs).
 */
export function randomEntryNull(
  input: ResearchInput,
  options: { runs: number; seed: number; onProgress?: (done: number, total: number) => void },
): RandomEntryNull {
  const { data, base, span } = input;
  const settings = { base, sets: ['hedge.mode=off'], toMs: span.searchEndMs, isPathFree: true };
  const { trades, plans } = recordedRun(input);
  const templates = trades.flatMap((trade) => {
    const plan = plans.get(trade.decidedMs);
    return plan === undefined ? [] : [templateOf(plan, trade.decidedMs)];
  });
  const nulls: number[] = [];
  let count = trades.length;
  let nullTrades = 0;
  for (let i = 0; i < options.runs && templates.length > 0; i++) {
    const result = runOn(data, {
      ...settings,
      alter: (composed) => {
        const schedule = randomSchedule(templates, {
          count,
          fromMs: span.startMs,
          toMs: span.searchEndMs,
          gapMs: templates[0].plan.timeoutMs + 5 * MINUTE_MS,
          seed: options.seed + i,
        });
        const { mainSymbol: symbol, signalTimeframeMs } = composed;
        const [inner] = composed.strategies;
        const random = new RandomEntry({ inner, symbol, signalTimeframeMs, schedule });
        return { ...composed, strategies: [random] };
      },
    });
    options.onProgress?.(i + 1, options.runs);
    if (result.trades.length === 0) continue;
    // The gate refuses part of them: the first run tells how many to schedule for as many trades.
    if (i === 0) count = Math.round((count * count) / result.trades.length);
    nulls.push(meanOf(result.trades));
    nullTrades += result.trades.length;
  }
  const meanR = meanOf(trades);
  const better = nulls.filter((each) => each >= meanR).length;
  return {
    trades: trades.length,
    meanR,
    nulls,
    nullMeanR: nulls.reduce((total, each) => total + each, 0) / Math.max(1, nulls.length),
    nullTrades: nullTrades / Math.max(1, nulls.length),
    pValue: nulls.length > 0 ? (1 + better) / (1 + nulls.length) : undefined,
  };
}

/** A run with the plan of every entry it asked for, by the moment of the decision. */
function recordedRun(input: ResearchInput): {
  trades: TradeRecord[];
  plans: Map<number, TradePlan>;
} {
  const plans = new Map<number, TradePlan>();
  const { trades } = runOn(input.data, {
    base: input.base,
    sets: ['hedge.mode=off'],
    toMs: input.span.searchEndMs,
    isPathFree: true,
    alter: (composed) => ({
      ...composed,
      strategies: composed.strategies.map((strategy) => recording(strategy, plans)),
    }),
  });
  return { trades, plans };
}

function recording(strategy: Strategy, plans: Map<number, TradePlan>): Strategy {
  const noted = (intents: readonly Intent[], atMs: number) => {
    for (const intent of intents) if (intent.kind === 'enter') plans.set(atMs, intent.plan);
    return intents;
  };
  return {
    id: strategy.id,
    symbols: strategy.symbols,
    onBar: (bar, view) => noted(strategy.onBar(bar, view), view.nowMs),
    onFlow: (flow, view) => strategy.onFlow?.(flow, view) ?? [],
    onMark: (mark, view) => strategy.onMark?.(mark, view) ?? [],
    save: () => strategy.save(),
    load: (state) => strategy.load(state),
  };
}

function meanOf(trades: readonly TradeRecord[]): number {
  return trades.reduce((total, trade) => total + trade.tradeR, 0) / Math.max(1, trades.length);
}
