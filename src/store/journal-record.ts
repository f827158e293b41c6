import type { Effect } from '../engine/effect.ts';
import type { Envelope } from '../engine/event.ts';
import { decode, encode } from '../engine/journal-codec.ts';

/** One entry of the journal, in the order things happened. */
export type JournalRecord =
  | EventRecord
  | EffectsRecord
  | SentRecord
  | WithheldRecord
  | PoisonedRecord
  | RewoundRecord;

/** An input, written before it is handled. */
export interface EventRecord {
  type: 'event';
  envelope: Envelope;
}

/** What the engine wanted done because of event `seq`; `digest` is the chain up to here. */
export interface EffectsRecord {
  type: 'effects';
  seq: number;
  digest: string;
  effects: readonly Effect[];
}

/** A request was handed to the exchange port. */
export interface SentRecord {
  type: 'sent';
  atMs: number;
  action: 'submit' | 'amend' | 'cancel' | 'query';
  orderId: string;
}

/** A request that was not sent, and why. */
export interface WithheldRecord {
  type: 'withheld';
  atMs: number;
  orderId: string;
  reason: string;
}

/** Handling event `seq` failed; replays leave it out. */
export interface PoisonedRecord {
  type: 'poisoned';
  seq: number;
  reason: string;
}

/**
 * A simulated venue and the books went back to the snapshot at `toSeq`: what was journalled after
 * it up to `fromSeq` never counted.
 */
export interface RewoundRecord {
  type: 'rewound';
  toSeq: number;
  fromSeq: number;
}

export function encodeRecord(record: JournalRecord): string {
  return encode(record);
}

/** @throws AppError ENGINE_CODEC when the line is damaged */
export function decodeRecord(line: string): JournalRecord {
  return decode(line) as JournalRecord;
}
