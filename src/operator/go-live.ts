import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { liveDataHash } from '../compose-daemon.ts';
import { rampOf } from '../compose-rules.ts';
import type { Config } from '../config.ts';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { venueAddress } from '../exchanges/binance/venue-address.ts';
import { DATABASE_FILE, openForReading } from '../store/open-store.ts';
import { STORE_VERSION, storeVersion } from '../store/schema.ts';
import type { GoLiveEvidence } from './go-live-check.ts';

/** Decision 31: real money only after so long without a naked position, under the same settings. */
export const DRY_RUN_HOURS = 48;
const HOUR_MS = 3_600_000;

/** Notices that say a position was, or may have been, without its stop. */
const BREACHES = ['UNPROTECTED', 'START_UNPROTECTED', 'START_NO_PRICE', 'LIQUIDATED'];

/**
 * What decides trades: mode, account size and the simulation's own settings do not.
 * @returns SHA-256 of the rest
 */
export function tradingHash(config: Config): string {
  const { mode: _mode, account: _account, simulation: _simulation, ...rest } = config;
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** Highest leverage that the ramp ever allows. */
export function leverageMax(config: Config): number {
  return Math.max(...rampOf(config).map(({ leverage }) => leverage));
}

/** Markets a dry run may have run on: Binance's own servers, and the one of a rehearsal. */
export function dryRunMarkets(restUrl: string): string[] {
  const urls = (['live', 'demo'] as const).map(
    (mode) => venueAddress({ mode, env: {}, isFakeVenue: false }).restUrl,
  );
  return [...urls, restUrl].map((url) => liveDataHash(url));
}

/**
 * Evidence in state folders of paper and demo runs.
 * @param ask.dataHashes markets that count: bars of files and fakes are no dry run
 */
export function goLiveEvidence(
  folders: readonly string[],
  ask: { config: Config; dataHashes: readonly string[] },
): GoLiveEvidence {
  const spans: Span[] = [];
  const breaches: number[] = [];
  const trades: TradeRecord[] = [];
  for (const folder of folders) {
    if (!existsSync(join(folder, DATABASE_FILE))) continue;
    const db = openForReading(folder);
    try {
      // One that no daemon of this version has opened yet does not tell how long it ran.
      if (storeVersion(db) < STORE_VERSION) continue;
      const found = spansOf(db, ask);
      spans.push(...found);
      breaches.push(...breachesOf(db, found));
      trades.push(...tradesOf(db, found));
    } finally {
      db.close();
    }
  }
  const sinceMs = Math.max(Number.NEGATIVE_INFINITY, ...breaches);
  const hours = spans.reduce((sum, span) => sum + hoursAfter(span, sinceMs), 0);
  const counted = trades.filter(({ closedMs, quantity }) => closedMs > sinceMs && quantity > 0);
  return {
    hours,
    neededHours: DRY_RUN_HOURS,
    trades: counted.length,
    slippageP95Bps: percentile95(counted.map(slippageBps)),
    breaches: breaches.length,
    isEnough: hours >= DRY_RUN_HOURS,
  };
}

interface Span {
  fromMs: number;
  toMs: number;
}

function spansOf(db: DatabaseSync, ask: { config: Config; dataHashes: readonly string[] }): Span[] {
  const wanted = tradingHash(ask.config);
  const rows = db.prepare('SELECT started_ms, last_ms, text FROM sessions').all();
  return rows.flatMap((row) => {
    const session = decode(String(row.text)) as {
      mode: string;
      dataHash: string;
      config: { config?: Config } | undefined;
    };
    const { mode, dataHash, config } = session;
    if (mode !== 'paper' && mode !== 'demo') return [];
    if (!ask.dataHashes.includes(dataHash)) return [];
    if (config?.config === undefined || tradingHash(config.config) !== wanted) return [];
    return [{ fromMs: Number(row.started_ms), toMs: Number(row.last_ms) }];
  });
}

function breachesOf(db: DatabaseSync, spans: readonly Span[]): number[] {
  const marks = BREACHES.map(() => '?').join(', ');
  const rows = db.prepare(`SELECT at_ms FROM alerts WHERE code IN (${marks})`).all(...BREACHES);
  return rows.map(({ at_ms }) => Number(at_ms)).filter((atMs) => isIn(spans, atMs));
}

function tradesOf(db: DatabaseSync, spans: readonly Span[]): TradeRecord[] {
  const rows = db.prepare('SELECT closed_ms, text FROM trades').all();
  return rows
    .filter(({ closed_ms }) => isIn(spans, Number(closed_ms)))
    .map(({ text }) => decode(String(text)) as TradeRecord);
}

function isIn(spans: readonly Span[], atMs: number): boolean {
  // The last minute of a session may lie behind its last snapshot.
  return spans.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs + 60_000);
}

function hoursAfter({ fromMs, toMs }: Span, sinceMs: number): number {
  return Math.max(0, toMs - Math.max(fromMs, sinceMs)) / HOUR_MS;
}

/** Entries and exits of the main position. */
function slippageBps({ slippage, quantity, entryPrice, exitPrice }: TradeRecord): number {
  return (slippage / (quantity * (entryPrice + exitPrice))) * 1e4;
}

function percentile95(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}
