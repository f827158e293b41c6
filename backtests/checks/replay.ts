import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { Envelope } from '../../src/engine/event.ts';
import { decode, encode } from '../../src/engine/journal-codec.ts';
import { BacktestRun } from '../run.ts';
import type { BacktestOptions } from '../run-options.ts';

export interface ReplayResult {
  events: number;
  effects: number;
  /** Journal lines written and read back. */
  journalBytes: number;
  digest: string;
  replayDigest: string;
  /** Of an engine that was saved half-way, written, read and gone on with. */
  resumedDigest: string;
  /** The first event whose effects differ; undefined when none does. */
  firstDifference: { seq: number; atMs: number; kind: string; which: string } | undefined;
  isClean: boolean;
}

const SLICE_INSTANTS = 50_000;

/**
 * A backtest's journal, written as lines and read back, must give the same effects in a new engine,
 * event by event; so must an engine that takes a snapshot half-way and goes on from it in new
 * objects. Effects are compared after every event, by their digest.
 */
export function checkReplay(compose: () => BacktestOptions): ReplayResult {
  const replayed = new Engine(engineOptions(compose()));
  let resumed = new Engine(engineOptions(compose()));
  const halfMs = halfTime(compose());
  let isResumed = false;
  let events = 0;
  let effects = 0;
  let journalBytes = 0;
  let firstDifference: ReplayResult['firstDifference'];
  const observer = (envelope: Envelope, made: readonly unknown[]): void => {
    events++;
    effects += made.length;
    const line = encode(envelope);
    journalBytes += line.length + 1;
    if (!isResumed && envelope.atMs >= halfMs) {
      isResumed = true;
      const snapshot = decode(encode(resumed.save()));
      resumed = new Engine(engineOptions(compose()));
      resumed.load(snapshot);
    }
    const expected = encode([...made]);
    const pairs = [
      ['replayed', replayed],
      ['resumed', resumed],
    ] as const;
    for (const [which, engine] of pairs) {
      const got = encode([...engine.handle(decode(line) as Envelope)]);
      if (firstDifference !== undefined || got === expected) continue;
      const { seq, atMs, event } = envelope;
      firstDifference = { seq, atMs, kind: event.kind, which };
    }
  };
  const backtest = new BacktestRun({ ...compose(), observer });
  while (backtest.advance(SLICE_INSTANTS));
  const digest = backtest.engine.effectDigest();
  const replayDigest = replayed.effectDigest();
  const resumedDigest = resumed.effectDigest();
  return {
    events,
    effects,
    journalBytes,
    digest,
    replayDigest,
    resumedDigest,
    firstDifference,
    isClean: firstDifference === undefined && digest === replayDigest && digest === resumedDigest,
  };
}

function engineOptions({ strategies, rules, costs }: BacktestOptions): EngineOptions {
  return { strategies, rules, costs, isStrict: true };
}

function halfTime({ feeds }: BacktestOptions): number {
  const first = Math.min(...feeds.map((bars) => bars.openTime[0]));
  const last = Math.max(...feeds.map((bars) => bars.openTime[bars.length - 1]));
  return (first + last) / 2;
}
