import type { NotFilled } from '../metrics/not-filled.ts';
import { type Metrics, summarise } from '../metrics/summarise.ts';
import type { PriceResolution } from '../price-resolution.ts';
import type { BacktestResult, Fingerprints } from '../run-options.ts';
import { isoTime } from './csv.ts';

/** The same run under one other assumption, in one line. */
export interface Variant {
  name: string;
  trades: number;
  winRate: number | undefined;
  profitFactor: number | undefined;
  sumR: number;
  netPnl: number;
  endEquity: number;
}

/** When the equity stop would have ended a run that only observed it. */
export interface EquityStopNote {
  onBreach: string;
  breaches: number;
  /** ISO time; undefined when it never would have. */
  firstBreach: string | undefined;
  tradesBefore: number;
  /** Equity of a run that had stopped there. */
  equityThen: number | undefined;
}

export interface DataManifest {
  kind: 'file' | 'simulated';
  label: string;
  files: readonly { name: string; bytes: number; sha256: string }[];
  series: readonly { symbol: string; timeframe: string; bars: number; from: string; to: string }[];
  findings: readonly string[];
  notes: readonly string[];
}

/** Everything in summary.json. Only `timestamps` differ between two runs of the same inputs. */
export interface RunSummary {
  format: 'qcm-backtest-1';
  label: string;
  timestamps: { generatedAt: string; elapsedMs: number };
  fingerprints: Fingerprints;
  config: unknown;
  data: DataManifest;
  /** What fills were taken from: recorded book, recorded trades or bars, period by period. */
  resolution: PriceResolution[];
  span: {
    from: string;
    to: string;
    signalMinutes: number;
    signalBars: number;
    fineBars: number;
    isInterrupted: boolean;
    openAtEnd: number;
  };
  metrics: Metrics;
  variants: Variant[];
  /** What unfilled signals would have made; undefined when all were filled or no rerun was made. */
  notFilled: NotFilled | undefined;
  equityStop: EquityStopNote;
  alerts: number;
  refusals: Record<string, number>;
  degradedRules: string[];
  fundingPayments: number;
  notices: Record<string, number>;
  effectDigest: string;
}

export interface SummaryInput {
  result: BacktestResult;
  variants: Variant[];
  notFilled?: NotFilled;
  fingerprints: Fingerprints;
  config: unknown;
  data: DataManifest;
  signalTimeframeMs: number;
  /** Base risk of a trade in percent: one account-R. */
  riskPercent: number;
  equityStop: { onBreach: string; breaches: number; firstBreachMs: number };
  timestamps: { generatedAt: string; elapsedMs: number };
}

export function runSummary(input: SummaryInput): RunSummary {
  const { result } = input;
  const notices: Record<string, number> = {};
  for (const { code } of result.notices) notices[code] = (notices[code] ?? 0) + 1;
  return {
    format: 'qcm-backtest-1',
    label: input.data.label,
    timestamps: input.timestamps,
    fingerprints: input.fingerprints,
    config: input.config,
    data: input.data,
    resolution: result.resolution,
    span: {
      from: isoTime(result.startMs),
      to: isoTime(result.endMs),
      signalMinutes: input.signalTimeframeMs / 60_000,
      signalBars: result.signalBars,
      fineBars: result.fineBars,
      isInterrupted: result.isInterrupted,
      openAtEnd: result.openAtEnd,
    },
    metrics: summarise(result, { riskPercent: input.riskPercent }),
    variants: input.variants,
    notFilled: input.notFilled,
    equityStop: equityStopNote(result, input.equityStop),
    alerts: result.alerts.length,
    refusals: result.refusals,
    degradedRules: result.degradedRules,
    fundingPayments: result.fundingPayments,
    notices,
    effectDigest: result.effectDigest,
  };
}

export function variantOf(name: string, result: BacktestResult): Variant {
  const { stats } = summarise(result, { riskPercent: 1 });
  return {
    name,
    trades: stats.trades,
    winRate: stats.winRate,
    profitFactor: stats.profitFactor,
    sumR: stats.sumR,
    netPnl: stats.netPnl,
    endEquity: result.endEquity,
  };
}

function equityStopNote(result: BacktestResult, stop: SummaryInput['equityStop']): EquityStopNote {
  const { firstBreachMs } = stop;
  const isBreached = Number.isFinite(firstBreachMs);
  const before = result.trades.filter((trade) => trade.closedMs <= firstBreachMs);
  return {
    onBreach: stop.onBreach,
    breaches: stop.breaches,
    firstBreach: isBreached ? isoTime(firstBreachMs) : undefined,
    tradesBefore: isBreached ? before.length : result.trades.length,
    equityThen: isBreached
      ? result.equity.findLast((point) => point.atMs <= firstBreachMs)?.equity
      : undefined,
  };
}
