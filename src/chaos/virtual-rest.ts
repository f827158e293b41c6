import { createHmac } from 'node:crypto';
import { isWireObject, numberOf, parseJson } from '../../data/binance/wire-fields.ts';
import {
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
  type RestUsage,
} from '../exchanges/binance/venue-rest.ts';
import type { WireAnswer, WireRequest } from '../exchanges/fake-binance/gateway.ts';
import type { ProcessTime } from './process-time.ts';
import type { VenueNetwork } from './venue-network.ts';

const PREFIX: Record<RestRequest['api'], string> = {
  fapiPublic: '/fapi/v1/',
  fapiPrivate: '/fapi/v1/',
  fapiPrivateV2: '/fapi/v2/',
  fapiPrivateV3: '/fapi/v3/',
  sapi: '/sapi/v1/',
};

export interface VirtualKeys {
  apiKey: string;
  secret: string;
}

/**
 * REST over the simulated network, as the ccxt edge does it: signed with the machine's wall clock
 * and the clock difference measured last, one request and one answer, nothing sent twice.
 */
export class VirtualRest implements RestPort {
  declare private readonly network: VenueNetwork;
  declare private readonly process: ProcessTime;
  declare private readonly keys: VirtualKeys;
  private differenceMs = 0;
  private isSyncing = false;

  constructor(network: VenueNetwork, process: ProcessTime, keys: VirtualKeys) {
    this.network = network;
    this.process = process;
    this.keys = keys;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    this.network.request(this.process, this.wire(request), (answer) => done(restAnswer(answer)));
  }

  syncClock(): void {
    if (this.isSyncing) return;
    this.isSyncing = true;
    const base = { method: 'GET', api: 'fapiPublic', path: 'time' } as const;
    this.send({ ...base, params: {}, recvWindowMs: 0 }, (answer) => {
      this.isSyncing = false;
      if (answer.kind !== 'ok' || !isWireObject(answer.body)) return;
      this.differenceMs = this.process.wallMs() - Number(answer.body.serverTime);
    });
  }

  private wire({ method, api, path, params, recvWindowMs }: RestRequest): WireRequest {
    const isSigned = api !== 'fapiPublic' && path !== 'listenKey';
    const all: Record<string, unknown> = { ...params };
    if (isSigned) {
      all.recvWindow = recvWindowMs;
      all.timestamp = Math.round(this.process.wallMs() - this.differenceMs);
    }
    let text = Object.entries(all)
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&');
    if (isSigned) {
      text += `&signature=${createHmac('sha256', this.keys.secret).update(text).digest('hex')}`;
    }
    const isForm = method === 'POST' || method === 'PUT';
    return {
      method,
      path: PREFIX[api] + path,
      query: isForm ? '' : text,
      body: isForm ? text : '',
      apiKey: this.keys.apiKey,
    };
  }
}

function restAnswer(answer: WireAnswer): RestAnswer {
  if (answer.kind !== 'answer') {
    const message = answer.kind === 'hang' ? 'request timed out' : 'socket hang up';
    return { kind: 'failed', failure: { status: 0, code: 0, message }, usage: NO_USAGE };
  }
  const { status, body } = answer;
  const usage = usageOf(answer.headers);
  const parsed = parseJson(body);
  const code = isWireObject(parsed) ? (numberOf(parsed.code) ?? 0) : 0;
  if (status < 400 && code >= 0) return { kind: 'ok', body: parsed, usage };
  const message = isWireObject(parsed) && typeof parsed.msg === 'string' ? parsed.msg : body;
  return { kind: 'failed', failure: { status, code, message: message.slice(0, 300) }, usage };
}

function usageOf(headers: Readonly<Record<string, string>>): RestUsage {
  return {
    weight1m: Number(headers['X-MBX-USED-WEIGHT-1M'] ?? Number.NaN),
    orders10s: Number(headers['X-MBX-ORDER-COUNT-10S'] ?? Number.NaN),
    orders1m: Number(headers['X-MBX-ORDER-COUNT-1M'] ?? Number.NaN),
  };
}
