import { isWireObject, numberOf, parseJson } from '../../../data/binance/wire-fields.ts';
import {
  failureOf,
  NO_USAGE,
  type RestAnswer,
  type RestRequest,
  type RestUsage,
} from '../binance/venue-rest.ts';
import type { WireAnswer, WireRequest } from './gateway.ts';
import { signatureOf } from './signature.ts';

export interface WireKeys {
  apiKey: string;
  secret: string;
}

const PREFIX: Readonly<Record<RestRequest['api'], string>> = {
  fapiPublic: '/fapi/v1/',
  fapiPrivate: '/fapi/v1/',
  fapiPrivateV2: '/fapi/v2/',
  fapiPrivateV3: '/fapi/v3/',
  sapi: '/sapi/v1/',
};

/**
 * A request as it goes over the wire, for clients of the gateway without sockets (ccxt does it for
 * the others): HMAC-SHA256 over the text as sent, in the body where the method has one.
 */
export function signedWire(
  { method, api, path, params, recvWindowMs }: RestRequest,
  keys: WireKeys,
  timestampMs: number,
): WireRequest {
  const isSigned = api !== 'fapiPublic' && path !== 'listenKey';
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) search.set(name, String(value));
  if (isSigned) {
    search.set('timestamp', String(timestampMs));
    search.set('recvWindow', String(recvWindowMs));
  }
  let text = search.toString();
  if (isSigned) text += `&signature=${signatureOf(keys.secret, text)}`;
  const inBody = method === 'POST' || method === 'PUT';
  const [query, body] = inBody ? ['', text] : [text, ''];
  const apiKey = api === 'fapiPublic' ? '' : keys.apiKey;
  return { method, path: PREFIX[api] + path, query, body, apiKey };
}

/** What the adapter would be told of an answer; undefined is a connection that failed. */
export function readWire(answer: WireAnswer | undefined): RestAnswer {
  if (answer === undefined || answer.kind !== 'answer') {
    const message = answer?.kind === 'hang' ? 'request timed out' : 'socket hang up';
    return { kind: 'failed', failure: { status: 0, code: 0, message }, usage: NO_USAGE };
  }
  const { status, headers } = answer;
  const body = parseJson(answer.body);
  const code = isWireObject(body) ? (numberOf(body.code) ?? 0) : 0;
  const usage = usageOf(headers);
  if (status < 400 && code >= 0) return { kind: 'ok', body, usage };
  return { kind: 'failed', failure: failureOf(status, answer.body), usage };
}

const USAGE: Readonly<Record<string, keyof RestUsage>> = {
  'x-mbx-used-weight-1m': 'weight1m',
  'x-mbx-order-count-10s': 'orders10s',
  'x-mbx-order-count-1m': 'orders1m',
};

function usageOf(headers: Readonly<Record<string, string>>): RestUsage {
  const usage = { ...NO_USAGE };
  for (const name in headers) {
    const field = USAGE[name.toLowerCase()];
    if (field !== undefined) usage[field] = numberOf(headers[name]) ?? Number.NaN;
  }
  return usage;
}
