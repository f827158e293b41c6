import { join } from 'node:path';
import { TABLE_ROWS, tradeTable } from '../../backtests/report/text-report.ts';
import { codeVersion } from '../code-version.ts';
import { tradedSymbols } from '../compose.ts';
import { composePaperReplay, drawBootId, type PaperReplay } from '../compose-live.ts';
import { type LoadedConfig, loadConfig, loadEnvironment } from '../config.ts';
import type { Setting } from '../config-settings.ts';
import type { OperatorNotify } from '../engine/effect.ts';
import { AppError } from '../engine/error.ts';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { findMarketData, type MarketData } from '../market-data.ts';
import { type OpenedStore, openForReading, openStore } from '../store/open-store.ts';
import { alertSender } from './alert-sender.ts';
import type { RunFlags } from './run.ts';

const INSTANTS_A_SLICE = 2_000;

type ReplayFlags = Omit<RunFlags, 'data'> & { state: string; data: string | undefined };

/** Paper on bars of files or of the simulated market, as fast as they can be played. */
export async function runReplay(flags: ReplayFlags): Promise<void> {
  const loaded = configOf(flags);
  const data = await dataOf(flags, loaded);
  const opened = openStore(flags.state);
  try {
    const problem = otherUse(opened, data);
    if (problem !== undefined) throw problem;
    await play(flags, { loaded, data, opened });
  } finally {
    opened.lock.release();
  }
}

async function play(
  flags: ReplayFlags,
  found: { loaded: LoadedConfig; data: MarketData; opened: OpenedStore },
): Promise<void> {
  const { loaded, data, opened } = found;
  const { config } = loaded;
  const { signalMinutes } = config.market;
  const alerts = flags.sendAlerts === true ? alertSender(signalMinutes) : undefined;
  const paper = composePaperReplay({
    config,
    data,
    codeVersion: codeVersion(),
    configHash: loaded.hash,
    equityStopOnBreach: config.risk.equityStopOnBreach,
    fromMs: dateOf('--from', flags.from),
    toMs: dateOf('--to', flags.to),
    opened,
    bootId: drawBootId(),
    observers: [{ onAlert: alerts?.send, onNotify: printNotice }],
  });
  const abort = new AbortController();
  const onSignal = () => abort.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const { session, replay } = paper;
  session.start();
  const skipped = replay.barsDone;
  while (replay.advance(INSTANTS_A_SLICE)) {
    progress(`paper ${replay.barsDone} of ${replay.barsTotal} bars`);
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (abort.signal.aborted) break;
  }
  progress('');
  await new Promise<void>((resolve) => session.stop(resolve));
  await alerts?.settled();
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  report(flags, { data, paper, skipped });
  if (abort.signal.aborted) process.exitCode = 130;
}

function report(
  flags: ReplayFlags,
  { data, paper, skipped }: { data: MarketData; paper: PaperReplay; skipped: number },
): void {
  const { session, replay } = paper;
  const { core } = session;
  const { kernel, open, halts } = core.engine.inspect();
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  const lines = [
    tradeTable(
      tradesOf(flags.state)
        .filter((trade) => trade.quantity > 0)
        .slice(-TABLE_ROWS),
    ),
    '',
    `PAPER on bars: ${data.label}`,
    `  played ${replay.barsDone - skipped} bars to ${iso(kernel.nowMs)}Z` +
      (skipped > 0 ? `, ${skipped} were known from an earlier run` : ''),
    `  equity ${core.engine.equity().toFixed(2)} USDT, open packages ${open.size}` +
      (halts.length > 0 ? `, entries halted: ${halts.join('; ')}` : ''),
    `  journal ${join(flags.state, 'qcm.db')}, event ${core.seq}, digest ${core.engine.effectDigest()}`,
  ];
  if (core.poisoned > 0) lines.push(`  events that could not be handled: ${core.poisoned}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.stdout.write(`\ncheck it: npm run -s qcm -- replay ${flags.state}\n`);
  process.stdout.write('Paper: no order left this machine. Not financial advice.\n');
}

function tradesOf(state: string): TradeRecord[] {
  const db = openForReading(state);
  try {
    const rows = db.prepare('SELECT text FROM trades ORDER BY closed_ms').all();
    return rows.map((row) => decode(String(row.text)) as TradeRecord);
  } finally {
    db.close();
  }
}

/** A state folder goes on with the bars it began with; anything else would be a made-up history. */
function otherUse({ state, folder }: OpenedStore, data: MarketData): AppError | undefined {
  const last = state.sessions.at(-1);
  if (last === undefined) return undefined;
  const hint = 'choose another folder with --state';
  if (last.mode !== 'paper') {
    return new AppError('STORE_OTHER_MODE', `${folder} belongs to ${last.mode} mode`, hint);
  }
  if (last.dataHash === data.dataHash) return undefined;
  return new AppError('STORE_OTHER_DATA', `${folder} was begun on other bars`, hint);
}

function configOf(flags: ReplayFlags): LoadedConfig {
  const fixed: Setting[] = [{ path: 'mode', value: 'paper', origin: 'qcm run' }];
  return loadConfig({ path: flags.config, preset: flags.trade, sets: flags.set, fixed });
}

function dataOf(flags: ReplayFlags, { config }: LoadedConfig): Promise<MarketData> {
  return findMarketData({
    path: flags.data,
    symbols: tradedSymbols(config),
    strict: false,
    fundingPath: flags.funding,
    calendarPath: flags.calendar,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: config.simulation,
    onProgress: progress,
  });
}

function dateOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new AppError('USAGE_DATE', `${name} "${text}" is not a date`, 'write 2023-01-31 (UTC)');
}

function printNotice({ level, code, text }: OperatorNotify, atMs: number): void {
  if (level === 'info') return;
  process.stderr.write(`${new Date(atMs).toISOString()} ${level} ${code}: ${text}\n`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
