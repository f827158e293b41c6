import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Calendar, calendarAlarm, readCalendar } from '../../data/calendar/calendar.ts';
import { SHIPPED_CALENDAR } from '../../data/load.ts';
import { codeVersion } from '../code-version.ts';
import {
  composePaperDaemon,
  type Daemon,
  type DaemonOptions,
  fingerprints,
} from '../compose-daemon.ts';
import { drawBootId } from '../compose-live.ts';
import { loadConfig, loadEnvironment } from '../config.ts';
import { readClockScale } from '../daemon/clock-scale.ts';
import { LoopWatch } from '../daemon/loop-watch.ts';
import type { OperatorNotify } from '../engine/effect.ts';
import { AppError } from '../engine/error.ts';
import { venueAddress } from '../exchanges/binance/venue-address.ts';
import { RealTime } from '../live/real-time.ts';
import { scaledClock } from '../live/scaled-clock.ts';
import type { SessionObserver } from '../live/session-observer.ts';
import { hashOf, STORE_FOLDER } from '../market-data.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { type OpenedStore, openStore } from '../store/open-store.ts';
import { WorkerCommitter } from '../store/worker-committer.ts';
import { alertSender } from './alert-sender.ts';
import type { RunFlags } from './run.ts';

type DaemonFlags = RunFlags & { state: string };

/** Runs until SIGINT or SIGTERM; everything that can be refused is refused before it trades. */
export async function runDaemon(flags: DaemonFlags): Promise<void> {
  const mode = 'paper' as const;
  const loaded = loadConfig({
    ...{ path: flags.config, preset: flags.trade, sets: flags.set },
    fixed: [{ path: 'mode', value: mode, origin: 'qcm run' }],
  });
  const { binanceRest, binanceWs } = loadEnvironment();
  const env = { QCM_BINANCE_REST: binanceRest, QCM_BINANCE_WS: binanceWs };
  const address = venueAddress({ mode, env, isFakeVenue: false });
  const time = await timeOf(flags, address);
  const calendar = calendarOf(flags, time.nowMs());
  const opened = openStore(flags.state);
  try {
    const store = new BufferedStore(new WorkerCommitter(opened.path));
    const base = { loaded, address, time, opened, store, bootId: drawBootId() };
    const alerts = alertSender(loaded.config.market.signalMinutes);
    const observers = [printer(time), { onAlert: alerts.send }];
    const options: DaemonOptions = {
      ...base,
      ...calendar,
      codeVersion: codeVersion(),
      observers,
      notice: say,
    };
    const problem = otherUse(options, mode);
    if (problem !== undefined) throw problem;
    const daemon = await composePaperDaemon(options);
    say('info', 'PAPER', `public data of ${address.restUrl}; no order leaves this machine`);
    await live(daemon, time);
    await alerts.settled();
    report(flags, daemon);
  } finally {
    opened.lock.release();
  }
}

async function live(daemon: Daemon, time: RealTime): Promise<void> {
  const { session } = daemon;
  const watch = time.watch((stepMs) => session.onClockStep(stepMs));
  const loop = new LoopWatch((level, code, text) => session.tell(level, code, text));
  const isOver = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => resolve(signal));
  });
  session.start();
  loop.start();
  const signal = await isOver;
  say('info', 'STOPPING', `${signal}: entries are off, the state is being saved`);
  loop.stop();
  watch.cancel();
  await new Promise<void>((resolve) => session.stop(resolve));
  daemon.close();
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
      const seconds = (performance.now() / 1_000).toFixed(2);
      const scale = time.scale === 1 ? '' : `, clock x ${time.scale}`;
      say('info', 'READY', `entries are allowed, ${seconds} s after the process began${scale}`);
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
  { clockScale }: DaemonFlags,
  address: DaemonOptions['address'],
): Promise<RealTime> {
  if (clockScale === undefined) return new RealTime();
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

function say(level: string, code: string, text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${code}: ${text}\n`);
}
