import { type StdioOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Random } from '../../../data/simulated/random.ts';
import { decode } from '../../engine/journal-codec.ts';
import { openForReading } from '../../store/open-store.ts';
import { MARK } from './commit-marks.ts';

/** As users start it, with compiled code kept between runs. */
const QCM = join(import.meta.dirname, '../../../bin/qcm.mjs');
const MARKS = join(import.meta.dirname, 'commit-marks.ts');
const PAPER = [
  ...['run', '--data', '--trade', 'smc-stand-in', '--set', 'simulation.days=14'],
  // Hedged trades, so that positions of three symbols can differ.
  ...['hedge.mode=proportional', 'guards.volatilityMultiple=9'],
];

/** Where a kill is aimed; it strikes after `count` such moments and `delayMs` more. */
export interface Aim {
  at: 'start' | 'restore' | 'commit' | 'order' | 'any';
  count: number;
  delayMs: number;
}

/** What a process was at when it died, by its marks and its disk. */
export type Phase = 'start' | 'restore' | 'in a commit' | 'in a trade' | 'flat';

const AIMS: readonly Aim['at'][] = ['any', 'order', 'commit', 'start', 'order', 'restore'];

/** Turns take care of the spread, the seed of the moment. */
export function drawAim(random: Random, turn: number): Aim {
  const at = AIMS[turn % AIMS.length];
  const part = random.uniform();
  const delayMs = { start: 250, restore: 300, commit: 1, order: 8, any: 1_200 }[at] * part;
  // The first commits make the tables, then comes the session.
  const count = { start: 0, restore: 1, commit: 60, order: 25, any: 3 }[at];
  const isDrawn = at === 'commit' || at === 'order';
  return { at, count: isDrawn ? 1 + Math.floor(random.uniform() * count) : count, delayMs };
}

const MARK_OF_AIM = {
  restore: MARK.locked,
  commit: MARK.begin,
  // It may leave when its commit is done; its fills follow.
  order: MARK.order + MARK.committed,
  any: MARK.committed,
} as const;

export interface Run {
  code: number | null;
  text: string;
  marks: string;
}

/** Runs paper on simulated days in a process of its own; hard killed where aimed, if it gets there. */
export async function runPaper(state: string, aim?: Aim): Promise<Run> {
  const cwd = mkdtempSync(join(tmpdir(), 'qcm-kill-'));
  const args = ['--import', MARKS, QCM, ...PAPER, '--state', state];
  const exact = aim?.at === 'commit' || aim?.at === 'order' ? MARK_OF_AIM[aim.at] : undefined;
  const killAt =
    exact === undefined ? {} : { QCM_KILL_AT: `${exact} ${aim?.count} ${aim?.delayMs}` };
  const env = { ...process.env, ...killAt };
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'pipe'];
  const child = spawn(process.execPath, args, { cwd, env, stdio });
  const run: Run = { code: null, text: '', marks: '' };
  const hear = (chunk: Buffer) => {
    run.text += chunk.toString();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  let timer: NodeJS.Timeout | undefined;
  const strike = ({ delayMs }: Aim) => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs);
  };
  if (aim?.at === 'start') strike(aim);
  (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    run.marks += chunk.toString();
    if (aim === undefined || aim.at === 'start' || exact !== undefined) return;
    if (times(run.marks, MARK_OF_AIM[aim.at]) >= aim.count) strike(aim);
  });
  run.code = await new Promise<number | null>((done) => child.on('close', done));
  clearTimeout(timer);
  return run;
}

const times = (marks: string, mark: string) => marks.split(mark).length - 1;

/** What a state folder holds, without ids: they have the names of processes in them. */
export interface Books {
  fills: string[];
  trades: string[];
  /** Positions by the fills; without those that are flat. */
  positions: Record<string, number>;
  sessions: number;
  snapshots: number;
}

export const NO_BOOKS: Books = {
  ...{ fills: [], trades: [], positions: {}, sessions: 0, snapshots: 0 },
};

/** Reads the folder of a dead process as the next one would; throws where anything is damaged. */
export function readBooks(state: string): Books {
  if (!existsSync(join(state, 'qcm.db'))) return NO_BOOKS;
  const aside = readdirSync(state).filter((name) => name.includes('damaged'));
  if (aside.length > 0) throw new Error(`put aside as damaged: ${aside}`);
  let db: ReturnType<typeof openForReading>;
  try {
    db = openForReading(state);
  } catch {
    // Killed before its tables were made.
    return NO_BOOKS;
  }
  try {
    const { integrity_check: check } = db.prepare('PRAGMA integrity_check').get() ?? {};
    if (check !== 'ok') throw new Error(`integrity: ${check}`);
    const positions: Record<string, number> = {};
    const fills = db.prepare('SELECT at_ms, text FROM fills ORDER BY seq').all();
    const trades = db.prepare('SELECT text FROM trades ORDER BY seq').all();
    const count = (table: string) =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    return {
      fills: fills.map(({ at_ms, text }) => {
        const { orderId: _, ...fill } = decode(String(text)) as Record<string, string>;
        const sign = fill.side === 'buy' ? 1 : -1;
        const amount = (positions[fill.symbol] ?? 0) + sign * Number(fill.quantity);
        positions[fill.symbol] = Math.abs(amount) < 1e-9 ? 0 : amount;
        return JSON.stringify({ at_ms, ...fill });
      }),
      trades: trades.map(({ text }) => {
        const { tradeId: _, ...trade } = decode(String(text)) as Record<string, unknown>;
        return JSON.stringify(trade);
      }),
      positions: Object.fromEntries(Object.entries(positions).filter(([, amount]) => amount !== 0)),
      sessions: count('sessions'),
      snapshots: count('snapshots'),
    };
  } finally {
    db.close();
  }
}

export function phaseOf({ marks }: Run, before: Books, after: Books): Phase {
  if (!marks.includes(MARK.locked)) return 'start';
  const isOpen = marks.lastIndexOf(MARK.begin) > marks.lastIndexOf(MARK.committed);
  if (isOpen) return 'in a commit';
  if (after.sessions === before.sessions) return 'restore';
  // An order on the disk whose end is not there is a trade, too: its fills come with a later commit.
  const last = marks.slice(marks.lastIndexOf(MARK.begin));
  return Object.keys(after.positions).length > 0 || last.includes(MARK.order)
    ? 'in a trade'
    : 'flat';
}

/** `qcm replay`: decides everything that was journalled again. */
export async function replay(state: string): Promise<Run> {
  const child = spawn(process.execPath, [QCM, 'replay', state]);
  const run: Run = { code: null, text: '', marks: '' };
  child.stdout.on('data', (chunk) => (run.text += chunk));
  child.stderr.on('data', (chunk) => (run.text += chunk));
  run.code = await new Promise<number | null>((done) => child.on('close', done));
  return run;
}
