import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Calendar, calendarAlarm } from '../../data/calendar/calendar.ts';
import { environmentTraps } from '../daemon/environment-traps.ts';
import { AppError } from '../engine/error.ts';
import { DAY_MS } from '../engine/units.ts';
import { secretsFileProblem } from '../secrets-file.ts';
import { lockState } from '../store/state-lock.ts';
import { green, note, type PreflightCheck, type PreflightMode, red } from './preflight-check.ts';

const GIB = 1024 ** 3;
/** Two days of journal at full rates; below it a full disk would come at night. */
const FREE_RED_BYTES = GIB;
const FREE_NOTE_BYTES = 5 * GIB;
/** An entry is withheld when its commit takes 500 ms. */
const SYNC_RED_MS = 100;
const SYNC_NOTE_MS = 20;
const SYNCS = 20;
const CALENDAR_AHEAD_DAYS = 7;

export interface MachineOptions {
  mode: PreflightMode;
  stateFolder: string;
  /** The caller holds the lock of the state folder himself. */
  isLockHeld?: boolean;
  env: Readonly<Record<string, string | undefined>>;
  execArgv: readonly string[];
  nodeVersion: string;
  /** Environment traps that the operator accepts by name. */
  allowedEnv?: readonly string[];
  calendar: Calendar | undefined;
  nowMs: () => number;
}

/** Everything that needs no network. */
export function machineChecks(options: MachineOptions): PreflightCheck[] {
  return [
    nodeCheck(options.nodeVersion),
    ...trapChecks(options),
    secretsCheck(options),
    ...folderChecks(options),
    calendarCheck(options),
  ];
}

function nodeCheck(version: string): PreflightCheck {
  const [major, minor] = version.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    return red('Node', version, 'Node 22.18 or newer; npm ci brings Node 26 along');
  }
  if (major === 26) return green('Node', version);
  return note('Node', `${version}; this program is tested with 26`);
}

/** Real money does not leave through a process that others can look into. */
function trapChecks({ mode, env, execArgv, allowedEnv }: MachineOptions): PreflightCheck[] {
  const traps = environmentTraps({ env, execArgv, allowed: allowedEnv });
  if (traps.length === 0) return [green('environment', 'no traps')];
  return traps.map(({ name, why, isMild }) => {
    const found = `${name}: ${why}`;
    if (mode !== 'live' || isMild) return note('environment', found);
    return red('environment', found, `unset it, or accept it with --allow-env ${name}`);
  });
}

function secretsCheck({ mode, env }: MachineOptions): PreflightCheck {
  const path = env.QCM_SECRETS_FILE ?? '';
  if (path === '') {
    const where = env.QCM_BINANCE_KEY ? 'keys come from the environment' : 'no keys';
    return mode === 'paper' ? green('secrets', where) : note('secrets', where, SECRETS_FIX);
  }
  const problem = secretsFileProblem(path);
  if (problem === undefined) return green('secrets', `${path}, readable by its owner only`);
  return red('secrets', problem, `chmod 600 ${path}, owned by the user of the daemon`);
}

const SECRETS_FIX = 'QCM_SECRETS_FILE names a file of mode 600 that no other process inherits';

function folderChecks(options: MachineOptions): PreflightCheck[] {
  const { stateFolder } = options;
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
    const other = options.isLockHeld === true ? [] : [instanceCheck(stateFolder)];
    return [...other, spaceCheck(stateFolder), syncCheck(stateFolder)];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [red('state folder', why, 'a folder that this user may write, with --state')];
  }
}

function instanceCheck(folder: string): PreflightCheck {
  try {
    lockState(folder).release();
    return green('other instance', 'none');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return red('other instance', error.message, 'stop it, or use another --state folder');
  }
}

function spaceCheck(folder: string): PreflightCheck {
  const { bavail, bsize } = statfsSync(folder);
  const bytes = bavail * bsize;
  const found = `${(bytes / GIB).toFixed(1)} GiB free`;
  if (bytes < FREE_RED_BYTES) return red('disk space', found, 'the journal needs 0.5 GiB a day');
  return bytes < FREE_NOTE_BYTES ? note('disk space', found) : green('disk space', found);
}

/** What a commit waits for, on the disk that it will be on. */
function syncCheck(folder: string): PreflightCheck {
  const path = join(folder, `sync-probe-${process.pid}`);
  const file = openSync(path, 'wx', 0o600);
  try {
    const block = Buffer.alloc(4_096);
    const times: number[] = [];
    for (let i = 0; i < SYNCS; i++) {
      writeSync(file, block);
      const beganMs = performance.now();
      fdatasyncSync(file);
      times.push(performance.now() - beganMs);
    }
    times.sort((a, b) => a - b);
    const [median, worst] = [times[SYNCS >> 1], times[SYNCS - 1]];
    const found = `fdatasync median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`;
    if (median > SYNC_RED_MS) return red('disk speed', found, 'a faster disk, or another folder');
    return median > SYNC_NOTE_MS ? note('disk speed', found) : green('disk speed', found);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

function calendarCheck({ mode, calendar, nowMs }: MachineOptions): PreflightCheck {
  const problem = calendarAlarm(calendar, nowMs() + CALENDAR_AHEAD_DAYS * DAY_MS);
  const fix = 'qcm data calendar import FILE takes a newer one';
  if (problem !== undefined) {
    return mode === 'live' ? red('calendar', problem, fix) : note('calendar', problem, fix);
  }
  const next = calendar?.events.find(({ atMs }) => atMs > nowMs());
  const when = next === undefined ? '' : new Date(next.atMs).toISOString().slice(0, 16);
  return green('calendar', `next release ${next?.name} ${when}Z`);
}
