import type { OperatorNotify } from '../engine/effect.ts';
import type { Engine } from '../engine/engine.ts';
import { fromCash } from '../engine/money.ts';
import { averageEntryTicks, type Leg, type Trade } from '../engine/trade.ts';
import { CASH_SCALE } from '../engine/units.ts';

/** Everything `qcm status` shows; money in quote currency, times in ms UTC. */
export interface StatusReport {
  daemon: DaemonInfo & { nowMs: number };
  entries: EntriesStatus;
  account: AccountStatus;
  packages: PackageStatus[];
  /** Orders that rest or are on their way. */
  openOrders: number;
  feeds: FeedStatus[];
  /** Newest last. */
  notices: NoticeStatus[];
  /** Why parts of it are missing. */
  incomplete?: string;
}

export interface DaemonInfo {
  pid: number;
  mode: string;
  codeVersion: string;
  configHash: string;
  preset: string;
  startedMs: number;
}

export interface EntriesStatus {
  isAllowed: boolean;
  /** Why not; empty when they are. */
  reasons: string[];
  isReady: boolean;
  isProtectOnly: boolean;
  poisonedEvents: number;
  /** Refusals since the books began, by rule. */
  refusals: Record<string, number>;
  withheld: Record<string, number>;
}

export interface AccountStatus {
  equity: number;
  cash: number;
  quoteAsset: string;
  freeMargin: number;
  leverage: number;
  openRisk: number;
  equityAtMidnight: number;
  equityPeak: number;
  equityPeak20d: number;
  closedTrades: number;
}

export interface PackageStatus {
  tradeId: string;
  tag: string;
  phase: string;
  decidedMs: number;
  legs: LegStatus[];
}

export interface LegStatus {
  symbol: string;
  side: 'long' | 'short';
  quantity: number;
  entryPrice: number | null;
  lastPrice: number | null;
  stopPrice: number;
  isStopAcknowledged: boolean;
  openPnl: number | null;
}

export interface FeedStatus {
  symbol: string;
  /** 0 before the first. */
  lastBarMs: number;
  ageMs: number;
  fundingRate: number | null;
  fundingIntervalHours: number;
}

export interface NoticeStatus {
  atMs: number;
  level: OperatorNotify['level'];
  code: string;
  text: string;
}

export interface ReportedCore {
  readonly engine: Engine;
  readonly poisoned: number;
  readonly dispatcher: {
    readonly isProtectOnly: boolean;
    readonly withheld: Readonly<Record<string, number>>;
  };
}

/** The state of a session at this moment; reads only. */
export function statusReport(options: {
  core: ReportedCore;
  isReady: boolean;
  daemon: DaemonInfo;
  nowMs: number;
  notices: readonly NoticeStatus[];
}): StatusReport {
  const { core, isReady, daemon, nowMs, notices } = options;
  const { kernel, open } = core.engine.inspect();
  return {
    daemon: { ...daemon, nowMs },
    entries: entriesStatus(core, isReady),
    account: accountStatus(core.engine),
    packages: [...open.values()].map((trade) => packageStatus(core.engine, trade)),
    openOrders: kernel.store.openOrders().length,
    feeds: [...kernel.instruments.keys()].map((symbol) => {
      const { lastBarMs, fundingRate, fundingIntervalHours } = kernel.market.of(symbol);
      const ageMs = lastBarMs === 0 ? 0 : nowMs - lastBarMs;
      return { symbol, lastBarMs, ageMs, fundingRate: known(fundingRate), fundingIntervalHours };
    }),
    notices: [...notices],
  };
}

function entriesStatus(core: ReportedCore, isReady: boolean): EntriesStatus {
  const { isProtectOnly, withheld } = core.dispatcher;
  const reasons = [...core.engine.inspect().halts];
  if (!isReady) reasons.push('the start is not complete');
  if (isProtectOnly) reasons.push('an event could not be handled: protects and closes only');
  return {
    isAllowed: reasons.length === 0,
    reasons,
    isReady,
    isProtectOnly,
    poisonedEvents: core.poisoned,
    refusals: { ...core.engine.gate.refusals },
    withheld: { ...withheld },
  };
}

function accountStatus(engine: Engine): AccountStatus {
  const view = engine.riskView();
  const { portfolio } = engine.inspect().kernel;
  return {
    equity: view.equity,
    cash: fromCash(portfolio.cashUnits()),
    quoteAsset: portfolio.quote,
    freeMargin: view.freeMargin,
    leverage: view.leverage,
    openRisk: view.openRisk,
    equityAtMidnight: view.equityAtMidnight,
    equityPeak: view.equityPeak,
    equityPeak20d: view.equityPeak20d,
    closedTrades: view.closedTrades,
  };
}

export function packageStatus(engine: Engine, trade: Trade): PackageStatus {
  const { tradeId, plan, phase, decidedMs } = trade;
  const legs = trade.legs.map((leg) => legStatus(engine, leg));
  return { tradeId, tag: plan.tag, phase, decidedMs, legs };
}

function legStatus(engine: Engine, leg: Leg): LegStatus {
  const { kernel } = engine.inspect();
  const instrument = kernel.instrument(leg.symbol);
  const openPnl = leg.lots === 0 ? 0 : kernel.portfolio.openUnits(leg.symbol) / CASH_SCALE;
  return {
    symbol: leg.symbol,
    side: leg.direction === 1 ? 'long' : 'short',
    quantity: instrument.quantity(leg.lots),
    entryPrice: known(averageEntryTicks(leg) * instrument.tick),
    lastPrice: known(kernel.market.valuation(leg.symbol)),
    stopPrice: instrument.price(leg.stopTicks),
    isStopAcknowledged: leg.stopIsAcked,
    openPnl: known(openPnl),
  };
}

/** JSON has no NaN. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
