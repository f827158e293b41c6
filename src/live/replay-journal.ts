import type { DatabaseSync } from 'node:sqlite';
import { composeEngine, type SessionConfig } from '../compose-live.ts';
import type { Effect } from '../engine/effect.ts';
import type { Engine } from '../engine/engine.ts';
import { AppError } from '../engine/error.ts';
import type { Envelope } from '../engine/event.ts';
import { encode } from '../engine/journal-codec.ts';
import type { EffectsRecord } from '../store/journal-record.ts';
import {
  isAfter,
  prunedStart,
  readJournal,
  readMarks,
  readSessions,
  type StoredSession,
} from '../store/store-state.ts';

export interface JournalReplay {
  events: number;
  /** Events that led to effects. */
  decisions: number;
  sessions: number;
  poisoned: number;
  /** Chain over all effects. */
  digest: string;
  /** The first event whose effects differ from the journal's. */
  difference: Difference | undefined;
  /** Code versions that wrote the journal. */
  codeVersions: string[];
}

export interface Difference {
  envelope: Envelope;
  journalled: readonly Effect[];
  replayed: readonly Effect[];
}

/**
 * Runs a journal through a fresh engine, as the session that wrote it was composed, and compares
 * every decision. Stops at the first that differs. Begins at the oldest snapshot where the market
 * data before it has been pruned.
 * @throws AppError STORE_REPLAY for a journal without its beginning, ENGINE_CODEC for a damaged one
 */
export function replayJournal(
  db: DatabaseSync,
  options: {
    onProgress?: (events: number) => void;
    /** How the engine of a session is made from the configuration kept with it. */
    compose?: (config: unknown) => Engine;
  } = {},
): JournalReplay {
  const sessions = readSessions(db);
  const skip = eventsThatNeverCounted(db);
  const result: JournalReplay = {
    events: 0,
    decisions: 0,
    sessions: 0,
    poisoned: skip.poisoned.size,
    digest: '',
    difference: undefined,
    codeVersions: [...new Set(sessions.map(({ codeVersion }) => codeVersion))],
  };
  const composed = (config: unknown) => composeEngine(config as SessionConfig);
  const replay = new Replay(sessions, options.compose ?? composed);
  const start = prunedStart(db);
  if (start !== undefined) replay.resume(start.state);
  for (const record of readJournal(db, start?.batch)) {
    if (start !== undefined && !isAfter(record, start.seq)) continue;
    if (record.type === 'event' && !skip.has(record.envelope.seq)) {
      result.difference = replay.missing();
      if (result.difference !== undefined) break;
      replay.handle(record.envelope);
      if (++result.events % 10_000 === 0) options.onProgress?.(result.events);
    } else if (record.type === 'effects' && !skip.has(record.seq)) {
      result.decisions++;
      result.difference = replay.compare(record);
      if (result.difference !== undefined) break;
    }
  }
  result.sessions = replay.sessions;
  result.digest = replay.digest;
  return result;
}

class Replay {
  sessions = 0;
  private engine: Engine | undefined;
  private setup = '';
  private envelope: Envelope | undefined;
  private effects: readonly Effect[] = [];
  declare private readonly known: readonly StoredSession[];
  declare private readonly compose: (config: unknown) => Engine;

  constructor(known: readonly StoredSession[], compose: (config: unknown) => Engine) {
    this.known = known;
    this.compose = compose;
  }

  /** Where the market data of earlier events has been pruned. */
  resume(state: unknown): void {
    const { engine } = state as { engine: { kernel: { bootId: string } } };
    const session = this.sessionOf(engine.kernel.bootId);
    this.sessions++;
    this.setup = `${session.configHash} ${session.codeVersion}`;
    this.engine = this.compose(session.config);
    this.engine.load(engine);
  }

  get digest(): string {
    return this.engine?.effectDigest() ?? '';
  }

  handle(envelope: Envelope): void {
    const { event } = envelope;
    if (event.kind === 'session.started') this.begin(event.bootId);
    if (this.engine === undefined) {
      throw new AppError('STORE_REPLAY', 'the journal does not begin with a session');
    }
    this.envelope = envelope;
    this.effects = [...this.engine.handle(envelope)];
    this.engine.trades.length = 0;
  }

  /** The event before had effects here and none in the journal. */
  missing(): Difference | undefined {
    if (this.effects.length === 0 || this.envelope === undefined) return undefined;
    return { envelope: this.envelope, journalled: [], replayed: this.effects };
  }

  compare({ seq, digest, effects }: EffectsRecord): Difference | undefined {
    const { envelope, effects: replayed } = this;
    if (envelope === undefined) return undefined;
    this.effects = [];
    const isSame = envelope.seq === seq && digest === this.digest;
    if (isSame && encode(effects) === encode(replayed)) return undefined;
    return { envelope, journalled: effects, replayed };
  }

  private sessionOf(bootId: string): StoredSession {
    const session = this.known.find((each) => each.bootId === bootId);
    if (session !== undefined) return session;
    throw new AppError('STORE_REPLAY', `session ${bootId} has left no configuration`);
  }

  private begin(bootId: string): void {
    const session = this.sessionOf(bootId);
    this.sessions++;
    const setup = `${session.configHash} ${session.codeVersion}`;
    if (setup === this.setup) return;
    // Books go on under a new configuration or program as they did then: what was learned did not.
    const before = this.engine?.save();
    this.setup = setup;
    this.engine = this.compose(session.config);
    if (before !== undefined) this.engine.load(before, { booksOnly: true });
  }
}

/** Poisoned events, and what a paper run took back when it was started again. */
export function eventsThatNeverCounted(db: DatabaseSync): {
  poisoned: Set<number>;
  has: (seq: number) => boolean;
} {
  const poisoned = new Set<number>();
  const spans: { toSeq: number; fromSeq: number }[] = [];
  for (const record of readMarks(db)) {
    if (record.type === 'poisoned') poisoned.add(record.seq);
    else if (record.type === 'rewound') spans.push(record);
  }
  const isRewound = (seq: number) => spans.some((span) => seq > span.toSeq && seq <= span.fromSeq);
  return { poisoned, has: (seq) => poisoned.has(seq) || isRewound(seq) };
}
