import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Calendar, calendarAlarm, readCalendar } from '../../data/calendar/calendar.ts';
import { SHIPPED_CALENDAR } from '../../data/load.ts';
import { codeVersion } from '../code-version.ts';
import {
  composeLiveDaemon,
  composePaperDaemon,
  type Daemon,
  type DaemonOptions,
  fingerprints,
  type LiveDaemonOptions,
} from '../compose-daemon.ts';
import { drawBootId } from '../compose-live.ts';
import { loadConfig, loadEnvironment, processEnvironment } from '../config.ts';
import { readClockScale } from '../daemon/clock-scale.ts';
import { refuseUnsafeEnvironment } from '../daemon/environment-traps.ts';
import { LoopWatch } from '../daemon/loop-watch.ts';
import { type VenueKeys, venueKeys } from '../daemon/venue-keys.ts';
import type { OperatorNotify } from '../engine/effect.ts';
import { AppError } from '../engine/error.ts';
import { type VenueAddress, venueAddress } from '../exchanges/binance/venue-address.ts';
import { RealTime } from '../live/real-time.ts';
import { scaledClock } from '../live/scaled-clock.ts';
import type { SessionObserver } from '../live/session-observer.ts';
import { hashOf, STORE_FOLDER } from '../market-data.ts';
import { Redactor, secretsOf } from '../notify/redactor.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { type OpenedStore, openStore } from '../store/open-store.ts';
import { WorkerCommitter } from '../store/worker-committer.ts';
import { alertSender } from './alert-sender.ts';
import { DaemonWatchers } from './daemon-watchers.ts';
import type { RunFlags } from './run.ts';
import { startPreflight } from './start-preflight.ts';

/** A second signal after this long ends the process at once; the journal is safe either way. */
const IMPATIENT_MS = 1_500;
/** Market data in the journal: what parity and replay look back on. At most 4 GB. */
const JOURNAL_DAYS = 7;

type Mode = 'paper' | 'demo' | 'live';
type DaemonFlags = RunFlags & { state: string; mode: Mode };

/** Parts that rehearsals put in place of the configuration's. */
export type DaemonScript = Partial<Pick<LiveDaemonOptions, 'createEngine' | 'codeVersion'>>;

/** Runs until SIGINT or SIGTERM; everything that can be refused is refused before it trades. */
export async function runDaemon(flags: DaemonFlags, script: DaemonScript = {}): Promise<void> {
  const { mode } = flags;
  const loaded = loadConfig({
    ...{ path: flags.config, preset: flags.trade, sets: flags.set },
    fixed: [{ path: 'mode', value: mode, origin: 'qcm run' }],
  });
  const venue = venueOf(flags);
  const { address } = venue;
  const watchers = new DaemonWatchers((text) => say('alarm', 'OBSERVER', text));
  const time = await timeOf(flags, address);
  const calendar = calendarOf(flags, time.nowMs());
  const opened = openStore(flags.state);
  const committer = new WorkerCommitter(opened.path, { retentionDays: JOURNAL_DAYS });
  const store = new BufferedStore(committer);
  try {
    const alerts = alertSender(loaded.config.market.signalMinutes);
    const options: DaemonOptions = {
      ...{ loaded, address, time, opened, store, bootId: drawBootId() },
      ...calendar,
      codeVersion: codeVersion(),
      observers: [printer(time), { onAlert: alerts.send }, watchers.observer],
      notice: say,
    };
    const problem = otherUse(options, mode);
    if (problem !== undefined) throw problem;
    const preflight = startPreflight(flags, options, (reason) => watchers.pauseAtStart(reason));
    const daemon = await compose(mode, venue, { ...options, ...script, preflight });
    try {
      await watchers.start(daemon, options, flags.state);
      await live(daemon, time);
    } finally {
      // Also when it never lived: sockets keep a process alive.
      daemon.close();
      await watchers.stop();
    }
    await alerts.settled();
    report(flags, daemon);
  } finally {
    // Its thread would keep a process alive that was refused before it began.
    await new Promise<void>((resolve) => store.close(resolve));
    opened.lock.release();
  }
}

interface Venue {
  address: VenueAddress;
  /** Undefined in paper mode: a process without keys cannot send an order. */
  keys: VenueKeys | undefined;
}

/** Where to, with which keys; a process with keys looks at how it was started first. */
function venueOf({ mode, fakeVenue = false, allowEnv = [] }: DaemonFlags): Venue {
  const environment = loadEnvironment();
  const { binanceRest, binanceWs } = environment;
  const env = { QCM_BINANCE_REST: binanceRest, QCM_BINANCE_WS: binanceWs };
  if (mode === 'paper') {
    return { address: venueAddress({ mode, env, isFakeVenue: false }), keys: undefined };
  }
  const { execArgv } = process;
  refuseUnsafeEnvironment({ env: processEnvironment(), execArgv, allowed: allowEnv });
  const keys = venueKeys(environment);
  const address = venueAddress({ mode, env, isFakeVenue: fakeVenue, apiKey: keys.apiKey });
  if (address.isElsewhere && !fakeVenue) {
    const hint = 'unset QCM_BINANCE_*, or rehearse with --fake-venue and test keys';
    throw new AppError('CONFIG_VENUE', 'keys would be sent to another server', hint);
  }
  return { address, keys };
}

function compose(
  mode: Mode,
  { address, keys }: Venue,
  options: DaemonOptions & Pick<LiveDaemonOptions, 'preflight'>,
): Promise<Daemon> {
  if (mode === 'paper' || keys === undefined) {
    say('info', 'PAPER', `public data of ${address.restUrl}; no order leaves this machine`);
    return composePaperDaemon(options);
  }
  const money = address.isElsewhere
    ? `REHEARSAL against a FAKE exchange at ${address.restUrl}: no real orders, no real money`
    : mode === 'demo'
      ? 'DEMO account: orders at the demo exchange, no real money'
      : 'LIVE: orders with REAL MONEY at Binance';
  const line = '='.repeat(money.length + 4);
  process.stderr.write(`${line}\n= ${money} =\n${line}\n`);
  const onProtected = () => {
    const text = `what is ours at the exchange is protected, ${sinceBirth()}`;
    say('info', 'PROTECTED', text);
  };
  return composeLiveDaemon({ ...options, mode, keys, onProtected });
}

/** After a collection where node was started with --expose-gc: then two of them can be compared. */
function memory(): string {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const mega = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const handles = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length;
  return `memory ${mega(rss)}, heap ${mega(heapUsed)}, ${handles} handles`;
}

function sinceBirth(): string {
  return `${(performance.now() / 1_000).toFixed(2)} s after the process began`;
}

async function live(daemon: Daemon, time: RealTime): Promise<void> {
  const { session } = daemon;
  const watch = time.watch((stepMs) => {
    daemon.onClockStep?.();
    session.onClockStep(stepMs);
  });
  const loop = new LoopWatch((level, code, text) => session.tell(level, code, text));
  const isOver = stopSignal();
  session.start();
  loop.start();
  const signal = await isOver;
  say('info', 'STOPPING', `${signal}: entries are off, the state is being saved; ${memory()}`);
  const { quiesce } = daemon;
  if (quiesce !== undefined) await new Promise<void>((resolve) => quiesce(resolve));
  loop.read();
  loop.stop();
  if (loop.worstMs > 0) {
    say('info', 'LOOP', `the event loop was held up for ${loop.worstMs.toFixed(0)} ms at most`);
  }
  watch.cancel();
  await new Promise<void>((resolve) => session.stop(resolve));
}

/**
 * The first SIGINT or SIGTERM. The same stop often comes twice (terminal and launcher both pass it
 * on), so only a later one means that somebody has lost patience.
 */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let firstMs = Number.NaN;
    const onSignal = (signal: string): void => {
      if (Number.isNaN(firstMs)) {
        firstMs = performance.now();
        resolve(signal);
      } else if (performance.now() - firstMs > IMPATIENT_MS) process.exit(130);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}

/** What a person at the terminal or in the service's log should see. */
function printer(time: RealTime): SessionObserver {
  let isReady = false;
  return {
    onNotify: ({ level, code, text }: OperatorNotify) => {
      if (level !== 'info') say(level, code, text);
    },
    onHandled: ({ event }) => {
      if (isReady || event.kind !== 'session.reconciled') return;
      isReady = true;
      const scale = time.scale === 1 ? '' : `, clock x ${time.scale}`;
      say('info', 'READY', `entries are allowed, ${sinceBirth()}${scale}; ${memory()}`);
    },
    onAlert: ({ side, symbol, price, tags }) => {
      say('info', 'ALERT', `${side} ${symbol} at ${price}: ${tags.join(', ')}`);
    },
  };
}

function report(flags: DaemonFlags, { session }: Daemon): void {
  const { core } = session;
  const { open, halts } = core.engine.inspect();
  const halted = halts.length > 0 ? `, entries were halted: ${halts.join('; ')}` : '';
  const lines = [
    `equity ${core.engine.equity().toFixed(2)} USDT, open packages ${open.size}${halted}`,
    `journal ${join(flags.state, 'qcm.db')}, event ${core.seq}, digest ${core.engine.effectDigest()}`,
    'start it again and it goes on from here. Not financial advice.',
  ];
  if (core.poisoned > 0) lines.unshift(`events that could not be handled: ${core.poisoned}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function timeOf(
  { clockScale, mode }: DaemonFlags,
  address: DaemonOptions['address'],
): Promise<RealTime> {
  if (clockScale === undefined) return new RealTime();
  if (mode !== 'paper') {
    const hint = 'rehearse a fast clock in paper mode';
    throw new AppError('USAGE_SCALE', `--clock-scale means nothing with --mode ${mode}`, hint);
  }
  const scale = await readClockScale(clockScale, address);
  return new RealTime(scaledClock(scale), scale.scale);
}

/** A given one, the imported one, or the one that comes with the program. */
function calendarOf({ calendar: given }: DaemonFlags, nowMs: number) {
  const imported = join(STORE_FOLDER, 'calendar');
  const path = given ?? (existsSync(imported) ? imported : SHIPPED_CALENDAR);
  let calendar: Calendar | undefined;
  if (existsSync(path)) calendar = readCalendar(path);
  else if (given !== undefined) throw new AppError('DATA_NO_FILE', `${given} does not exist`);
  const alarm = calendarAlarm(calendar, nowMs);
  if (alarm !== undefined) say('warning', 'CALENDAR', alarm);
  const events = calendar?.events ?? [];
  return { events, calendarHash: hashOf(events.map((event) => JSON.stringify(event))) };
}

/** A state folder goes on where it began: same mode, same market. */
function otherUse(options: DaemonOptions, mode: string): AppError | undefined {
  const { state, folder } = options.opened as OpenedStore;
  const last = state.sessions.at(-1);
  if (last === undefined) return undefined;
  const hint = 'choose another folder with --state';
  if (last.mode !== mode) {
    return new AppError('STORE_OTHER_MODE', `${folder} belongs to ${last.mode} mode`, hint);
  }
  if (last.dataHash === fingerprints(options).dataHash) return undefined;
  return new AppError('STORE_OTHER_DATA', `${folder} was begun on another market`, hint);
}

let redactor: Redactor | undefined;

function say(level: string, code: string, text: string): void {
  // Texts of libraries may quote addresses with whatever is in them.
  redactor ??= new Redactor(secretsOf(loadEnvironment()));
  process.stderr.write(`${new Date().toISOString()} ${level} ${code}: ${redactor.clean(text)}\n`);
}
