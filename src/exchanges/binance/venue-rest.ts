import { isWireObject, numberOf, parseJson } from '../../../data/binance/wire-fields.ts';
import type { VenueFailure } from './error-table.ts';

/** A signed request as the venue documents it: path without the prefix `/fapi/v1/`. */
export interface RestRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `fapiPrivate` is v1; a key-only call (listen key) is signed too, which the venue ignores. */
  api: 'fapiPublic' | 'fapiPrivate' | 'fapiPrivateV2' | 'fapiPrivateV3' | 'sapi';
  path: string;
  params: Readonly<Record<string, string | number | boolean>>;
  recvWindowMs: number;
  /** Of several at one moment the lower leaves first; `later` when left out. Never on the wire. */
  precedence?: number;
}

/** What protects goes before what opens, and both before everything else that one fill leads to. */
export const PRECEDENCE = { protects: 0, opens: 1, later: 2 } as const;

export type RestAnswer =
  | { kind: 'ok'; body: unknown; usage: RestUsage }
  | { kind: 'failed'; failure: VenueFailure; usage: RestUsage };

/** What the headers say is used; NaN where they say nothing. */
export interface RestUsage {
  weight1m: number;
  orders10s: number;
  orders1m: number;
}

export const NO_USAGE: RestUsage = {
  weight1m: Number.NaN,
  orders10s: Number.NaN,
  orders1m: Number.NaN,
};

/**
 * Sends one request and answers once, never inside the call. It never sends twice and has no time
 * limit of its own worth trusting: the adapter counts time.
 */
export interface RestPort {
  send(request: RestRequest, done: (answer: RestAnswer) => void): void;
  /** Measures the venue's clock anew. */
  syncClock(): void;
  /** The venue's wall clock as far as it is known, ms: ours less the difference measured last. */
  venueNowMs(): number;
}

/** Engine time and wake-ups; the live core's clock and the virtual one both fit. */
export interface EdgeTime {
  nowMs(): number;
  wake(atMs: number, action: () => void): { cancel(): void };
  /** Its milliseconds in one of the machine's, in rehearsals; 1 when left out. */
  readonly scale?: number;
}

/** What a body with a bad status says; what is no code of the venue is none. */
export function failureOf(status: number, body: string): VenueFailure {
  const parsed = parseJson(body);
  const number = isWireObject(parsed) ? numberOf(parsed.code) : undefined;
  const code = Number.isSafeInteger(number) ? (number as number) : 0;
  const said = isWireObject(parsed) && typeof parsed.msg === 'string' ? parsed.msg : body;
  return { status, code, message: said.slice(0, 300) };
}
