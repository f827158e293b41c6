import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS, MINUTE_MS } from '../engine/units.ts';
import type { GuardStatus } from './guard-status.ts';
import { green, note, type PreflightCheck, red } from './preflight-check.ts';
import type { StatusReport } from './status-report.ts';
import { duration } from './status-text.ts';

/** Decision 41: the limit of the funding filter, per 8 hours. */
const FUNDING_LIMIT = 0.0006;
/** Two signal bars of three minutes, and a little. */
const FEED_AGE_MAX_MS = 7 * MINUTE_MS;
const LATENCY_NOTE_MS = 350;
const JOURNAL_NOTE_BYTES = 8e9;
const BACKUP_AGE_MAX_MS = 26 * 3_600_000;
/** The equity stop is that near: worth a look before it trips. */
const ROOM_NOTE_R = 2;
const SAMPLES_SHOWN = 3;

export interface DailyInput {
  status: StatusReport & { guards?: GuardStatus };
  db: DatabaseSync;
  /** Size of the database with its log. */
  storeBytes: number;
  /** Time of the newest backup; undefined when none was found. */
  lastBackupMs: number | undefined;
}

/**
 * The documents' daily launch routine, as checks of what runs: indicators on (bars arrive), alert
 * active (entries allowed), funding, logs, latency, errors, equity curve, hedges.
 */
export function dailyChecks(input: DailyInput): PreflightCheck[] {
  const { status, db } = input;
  const { nowMs } = status.daemon;
  return [
    entriesCheck(status),
    ...status.feeds.map(feedCheck),
    ...status.feeds.map(fundingCheck),
    signalsCheck(db, nowMs),
    ...guardChecks(status.guards),
    ...protectionChecks(status),
    errorsCheck(db, nowMs),
    journalCheck(input),
    backupCheck(input),
    dayCheck(db, nowMs),
  ];
}

function entriesCheck({ entries }: StatusReport): PreflightCheck {
  if (entries.isAllowed) return green('entries', 'allowed');
  const found = `off: ${entries.reasons.join('; ')}`;
  return red('entries', found, 'qcm status says why; qcm resume lifts what the operator stopped');
}

function feedCheck({ symbol, ageMs, lastBarMs }: StatusReport['feeds'][number]): PreflightCheck {
  const name = `bars ${symbol}`;
  const fix = 'see the notices; a restart opens the streams anew';
  if (lastBarMs === 0) return red(name, 'none has come', fix);
  const found = `last one ${duration(ageMs)} ago`;
  return ageMs > FEED_AGE_MAX_MS ? red(name, found, fix) : green(name, found);
}

function fundingCheck(feed: StatusReport['feeds'][number]): PreflightCheck {
  const name = `funding ${feed.symbol}`;
  if (feed.fundingRate === null) return note(name, 'unknown');
  const per8h = (feed.fundingRate * 8) / feed.fundingIntervalHours;
  const found = `${(per8h * 100).toFixed(4)} % per 8 h, limit ${FUNDING_LIMIT * 100} %`;
  if (Math.abs(per8h) <= FUNDING_LIMIT) return green(name, found);
  return note(name, `${found}: entries on the side that pays are refused`);
}

/** A master alert that never fires is broken; how often it should is in the backtest's report. */
function signalsCheck(db: DatabaseSync, nowMs: number): PreflightCheck {
  const row = db
    .prepare('SELECT count(*) AS n, max(at_ms) AS last FROM signals WHERE at_ms >= ?')
    .get(nowMs - 7 * DAY_MS);
  const count = Number(row?.n ?? 0);
  if (count === 0) return note('alerts', 'none in 7 days; compare with qcm tags');
  return green('alerts', `${count} in 7 days, last ${duration(nowMs - Number(row?.last))} ago`);
}

function guardChecks(guards: GuardStatus | undefined): PreflightCheck[] {
  if (guards === undefined) return [];
  const { day, equityStop, latencyP95Ms, calendar, breakers } = guards;
  const checks = [
    equityCheck(equityStop),
    day.pnlR <= -day.budgetR
      ? note('day', `${day.pnlR.toFixed(2)} R: the budget of -${day.budgetR} R is used up`)
      : green('day', `${day.pnlR.toFixed(2)} R of -${day.budgetR} R`),
  ];
  if (latencyP95Ms === null) checks.push(note('latency', 'under 30 samples in ten minutes'));
  else {
    const found = `p95 ${latencyP95Ms.toFixed(0)} ms`;
    const isSlow = latencyP95Ms > LATENCY_NOTE_MS;
    checks.push(isSlow ? note('latency', `${found}: risk is halved`) : green('latency', found));
  }
  if (calendar.atMs === null) {
    checks.push(red('calendar', 'no release is known', 'qcm data calendar import FILE'));
  } else {
    const at = new Date(calendar.atMs).toISOString().slice(0, 16);
    checks.push(green('calendar', `${calendar.next} ${at}Z`));
  }
  for (const { rule, side, outcome, reason } of breakers) {
    checks.push(note(`breaker ${rule}`, `${side}: ${outcome}, ${reason}`));
  }
  return checks;
}

function equityCheck(stop: GuardStatus['equityStop']): PreflightCheck {
  const found = `${stop.roomR.toFixed(2)} R above the equity stop at ${stop.floor.toFixed(2)}`;
  if (stop.roomR <= 0) {
    const fix = 'review the trades; qcm resume --accept-drawdown starts anew';
    return red('equity curve', found, fix);
  }
  return stop.roomR < ROOM_NOTE_R ? note('equity curve', found) : green('equity curve', found);
}

function protectionChecks({ packages }: StatusReport): PreflightCheck[] {
  if (packages.length === 0) return [green('open trades', 'none')];
  return packages.map(({ tradeId, legs }) => {
    const held = legs.filter(({ quantity }) => quantity > 0);
    const naked = held.filter(({ isStopAcknowledged }) => !isStopAcknowledged);
    const names = held.map(({ symbol, side }) => `${symbol} ${side}`).join(', ');
    if (naked.length === 0) return green(`trade ${tradeId}`, `${names}: every stop acknowledged`);
    const which = naked.map(({ symbol }) => symbol).join(', ');
    const fix = 'look at the exchange now; qcm flatten closes it';
    return red(`trade ${tradeId}`, `no acknowledged stop on ${which}`, fix);
  });
}

function errorsCheck(db: DatabaseSync, nowMs: number): PreflightCheck {
  const rows = db
    .prepare(
      `SELECT code, level, count(*) AS n FROM alerts WHERE at_ms >= ? AND level <> 'info'
       GROUP BY code, level ORDER BY level, n DESC`,
    )
    .all(nowMs - DAY_MS);
  if (rows.length === 0) return green('notices', 'no warning and no alarm in 24 h');
  const shown = rows.slice(0, SAMPLES_SHOWN).map(({ code, n }) => `${code} ${n}`);
  const found = `${rows.length} kinds in 24 h: ${shown.join(', ')}`;
  const isAlarm = rows.some(({ level }) => level === 'alarm');
  if (isAlarm) return red('notices', found, 'docs/RUNBOOK.md says what each code means');
  return note('notices', found);
}

function journalCheck({ storeBytes }: DailyInput): PreflightCheck {
  const found = `${(storeBytes / 1e6).toFixed(0)} MB`;
  if (storeBytes < JOURNAL_NOTE_BYTES) return green('journal', found);
  return note('journal', found, 'qcm journal prune --days 7 with the daemon stopped');
}

function backupCheck({ lastBackupMs, status }: DailyInput): PreflightCheck {
  if (lastBackupMs === undefined) return note('backup', 'none found', 'qcm backup');
  const ageMs = status.daemon.nowMs - lastBackupMs;
  const found = `newest ${duration(ageMs)} old`;
  return ageMs > BACKUP_AGE_MAX_MS ? note('backup', found, 'qcm backup') : green('backup', found);
}

/** Trades of the last 24 hours: what the day brought, for the book. */
function dayCheck(db: DatabaseSync, nowMs: number): PreflightCheck {
  const row = db
    .prepare('SELECT count(*) AS n FROM trades WHERE closed_ms >= ?')
    .get(nowMs - DAY_MS);
  return green('trades', `${Number(row?.n ?? 0)} closed in 24 h; qcm parity compares yesterday`);
}
