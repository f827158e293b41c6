import { existsSync, readFileSync } from 'node:fs';
import { probePlan } from '../../strategy/risk/probe-plan.ts';
import { AppError, closestNames } from '../engine/error.ts';
import type { Proposal, RiskView } from '../engine/risk-gate.ts';
import type { Direction } from '../engine/units.ts';

/** A state of the account and a trade to judge, flat, as a JSON file or flags give it. */
export interface StateInput {
  /** ISO time, UTC. */
  at: string;
  equity: number;
  equityAtMidnight: number;
  equityPeak: number;
  equityPeak20d: number;
  freeMargin: number;
  leverage: number;
  /** Loss if every open stop is hit, money. */
  openRisk: number;
  openPackages: number;
  closedTrades: number;
  /** Net R of the longs, of the shorts closed since 00:00 UTC. */
  dayLongR: number;
  dayShortR: number;
  /** Open positions, e.g. "ETHUSDT:long"; comma-separated. */
  openPositions: string;
  /** Last known funding per interval in percent; positive: longs pay. */
  fundingPercent: number;
  fundingIntervalHours: number;
  /** p95 of order latency; NaN or left out: fewer than 30 samples. */
  latencyP95Ms: number;
  side: string;
  price: number;
  /** Distance of the stop from the worst entry. */
  stopBps: number;
  riskPercent: number;
  /** Expected costs in R with taker fills everywhere; NaN: taker fee and 1 bps, twice. */
  costR: number;
  /** Loss of the whole package in R when every stop is hit; 1 without a hedge. */
  packageR: number;
}

/** A quiet account of 10,000 USDT at its peak; what is not given follows from what is. */
export function completeState(
  given: Partial<StateInput>,
  preset: { riskPercent: number; takerPercent: number; leverage: number },
): StateInput {
  const equity = given.equity ?? 10_000;
  const stopBps = given.stopBps ?? 35;
  const equityPeak = given.equityPeak ?? Math.max(equity, given.equityAtMidnight ?? equity);
  return {
    at: '2025-01-06T12:00:00Z',
    equity,
    equityAtMidnight: equity,
    equityPeak,
    equityPeak20d: equityPeak,
    freeMargin: equity,
    leverage: preset.leverage,
    openRisk: 0,
    openPackages: 0,
    closedTrades: 0,
    dayLongR: 0,
    dayShortR: 0,
    openPositions: '',
    fundingPercent: 0.01,
    fundingIntervalHours: 8,
    latencyP95Ms: Number.NaN,
    side: 'long',
    price: 100_000,
    stopBps,
    riskPercent: preset.riskPercent,
    costR: (2 * (preset.takerPercent * 100 + 1)) / stopBps,
    packageR: 1,
    ...given,
  };
}

const WORDS = ['at', 'side', 'openPositions'];
const KEYS = Object.keys(
  completeState({}, { riskPercent: 1, takerPercent: 0.05, leverage: 5 }),
) as (keyof StateInput)[];

/** @throws AppError DATA_NO_FILE, DATA_JSON, USAGE_STATE */
export function readState(path: string): Partial<StateInput> {
  if (!existsSync(path)) throw new AppError('DATA_NO_FILE', `${path} does not exist`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('DATA_JSON', `${path} is not valid JSON: ${why}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new AppError('DATA_JSON', `${path} must hold one JSON object`);
  }
  for (const [key, value] of Object.entries(parsed)) checkEntry(key, value);
  return parsed as Partial<StateInput>;
}

/** `key=value` as given after --state. @throws AppError USAGE_STATE */
export function parseStateEntry(text: string): Partial<StateInput> {
  const at = text.indexOf('=');
  const key = at < 0 ? text : text.slice(0, at);
  const raw = text.slice(at + 1);
  if (at < 0) throw new AppError('USAGE_STATE', `"${text}" is not key=value`, known());
  const value = WORDS.includes(key) || raw.trim() === '' ? raw : Number(raw);
  checkEntry(key, value);
  return { [key]: value };
}

function checkEntry(key: string, value: unknown): void {
  if (!KEYS.includes(key as keyof StateInput)) {
    const near = closestNames(key, KEYS);
    const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : known();
    throw new AppError('USAGE_STATE', `a state has no "${key}"`, hint);
  }
  const isFine = WORDS.includes(key) ? typeof value === 'string' : Number.isFinite(value);
  if (!isFine) throw new AppError('USAGE_STATE', `${key}: ${JSON.stringify(value)} does not fit`);
}

function known(): string {
  return `known: ${KEYS.join(', ')}`;
}

export function viewOfState(state: StateInput): RiskView {
  const nowMs = Date.parse(state.at);
  if (Number.isNaN(nowMs)) {
    throw new AppError('USAGE_DATE', `at: "${state.at}" is not a time`, 'write 2025-01-06T12:00Z');
  }
  const open = new Map(state.openPositions.split(',').filter(Boolean).map(openPosition));
  return {
    nowMs,
    mode: 'paper',
    equity: state.equity,
    equityAtMidnight: state.equityAtMidnight,
    equityPeak: state.equityPeak,
    equityPeak20d: state.equityPeak20d,
    freeMargin: state.freeMargin,
    leverage: state.leverage,
    openRisk: state.openRisk,
    openPackages: state.openPackages,
    closedTrades: state.closedTrades,
    dayTradeR: (direction) => (direction === 1 ? state.dayLongR : state.dayShortR),
    positionDirection: (symbol) => open.get(symbol) ?? 0,
    openSymbols: [...open.keys()],
    lastPrice: () => state.price,
    fundingRate: () => state.fundingPercent / 100,
    fundingIntervalHours: () => state.fundingIntervalHours,
    latencyP95Ms: state.latencyP95Ms,
  };
}

function openPosition(text: string): [string, Direction] {
  const [symbol, side] = text.trim().split(':');
  return [symbol, directionOf(side ?? '')];
}

export function directionOf(side: string): Direction {
  if (side === 'long') return 1;
  if (side === 'short') return -1;
  throw new AppError('USAGE_STATE', `"${side}" is neither long nor short`);
}

export function proposalOf(symbol: string, state: StateInput): Proposal {
  const direction = directionOf(state.side);
  const { price, stopBps, equity, riskPercent } = state;
  const stopPrice = price * (1 - (direction * stopBps) / 1e4);
  const plan = probePlan({ id: 'explain', symbol, direction, price, stopPrice, riskPercent });
  return {
    plan,
    riskPercent,
    stopFraction: stopBps / 1e4,
    notional: ((equity * riskPercent) / 100 / stopBps) * 1e4,
    packageR: state.packageR,
    costRPlanned: state.costR,
    costRWorst: state.costR,
  };
}
