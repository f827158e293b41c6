import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { ALLOW, type RiskRule } from '../../engine/risk-gate.ts';
import { type RunSettings, runOn } from '../market-run.ts';
import type { ResearchInput } from '../research-input.ts';
import { type RunFigures, runFigures } from './run-figures.ts';

/** How an order fares on its way: each run of the noise draws one of these. */
export interface Execution {
  name: string;
  orderLatencyMs: number;
  /** Factor of the square-root impact. */
  slippageK: number;
  /** Share of entries that never come about. */
  missedShare: number;
  makerPercent: number;
  takerPercent: number;
}

const USUAL: Execution = {
  name: 'as in the backtest',
  orderLatencyMs: 50,
  slippageK: 1,
  missedShare: 0,
  makerPercent: 0.02,
  takerPercent: 0.05,
};

/** One thing changed at a time. Fee tiers: regular, regular with BNB, VIP 3, VIP 9 of USD-M futures. */
export const EXECUTION_ARMS: readonly Execution[] = [
  USUAL,
  { ...USUAL, name: 'latency 150 ms', orderLatencyMs: 150 },
  { ...USUAL, name: 'latency 500 ms', orderLatencyMs: 500 },
  { ...USUAL, name: 'latency 2 s', orderLatencyMs: 2_000 },
  { ...USUAL, name: 'slippage x 0', slippageK: 0 },
  { ...USUAL, name: 'slippage x 2', slippageK: 2 },
  { ...USUAL, name: 'slippage x 4', slippageK: 4 },
  { ...USUAL, name: '10 % of fills missed', missedShare: 0.1 },
  { ...USUAL, name: '30 % of fills missed', missedShare: 0.3 },
  { ...USUAL, name: 'fees with BNB', makerPercent: 0.018, takerPercent: 0.045 },
  { ...USUAL, name: 'fees of VIP 3', makerPercent: 0.012, takerPercent: 0.032 },
  { ...USUAL, name: 'fees of VIP 9', makerPercent: 0, takerPercent: 0.017 },
];

export interface ExecutionRow {
  execution: Execution;
  figures: RunFigures;
}

/** Whole backtests, one change each; fees of the table replace those of the preset. */
export function executionArms(input: ResearchInput, seed: number): ExecutionRow[] {
  return EXECUTION_ARMS.map((execution) => run(input, execution, seed));
}

/**
 * Whole backtests with everything drawn at once: latency log-uniform 25 ms to 1 s, slippage 0.5 to 3
 * times, up to 30 % of fills missed, fees of a random tier.
 */
export function executionNoise(
  input: ResearchInput,
  options: { runs: number; seed: number; onProgress?: (done: number, total: number) => void },
): ExecutionRow[] {
  const random = mulberry32(options.seed);
  const tiers = EXECUTION_ARMS.filter(({ name }) => name.startsWith('fees')).concat(USUAL);
  return Array.from({ length: options.runs }, (_, i) => {
    const tier = tiers[Math.floor(random() * tiers.length)];
    const execution: Execution = {
      ...tier,
      name: `draw ${i + 1}`,
      orderLatencyMs: Math.round(25 * Math.exp(random() * Math.log(40))),
      slippageK: 0.5 + 2.5 * random(),
      missedShare: 0.3 * random(),
    };
    options.onProgress?.(i + 1, options.runs);
    return run(input, execution, options.seed + i + 1);
  });
}

function run(input: ResearchInput, execution: Execution, seed: number): ExecutionRow {
  const { orderLatencyMs, slippageK, missedShare, makerPercent, takerPercent } = execution;
  const settings: RunSettings = {
    base: input.base,
    sets: [
      `simulation.orderLatencyMs=${orderLatencyMs}`,
      `simulation.responseLatencyMs=${orderLatencyMs}`,
      `simulation.slippageK=${slippageK}`,
      `fees.makerPercent=${makerPercent}`,
      `fees.takerPercent=${takerPercent}`,
    ],
    toMs: input.span.searchEndMs,
    alter: (options) =>
      missedShare === 0
        ? options
        : { ...options, rules: [...options.rules, missedFills(missedShare, seed)] },
  };
  return { execution, figures: runFigures(runOn(input.data, settings)) };
}

/** Refuses entries at random, as if their order had not been filled; asked last. */
export function missedFills(share: number, seed: number): RiskRule {
  const random = mulberry32(seed);
  return {
    id: 'missedFill',
    check: () => (random() < share ? { outcome: 'refuse', reason: 'made to miss' } : ALLOW),
  };
}
