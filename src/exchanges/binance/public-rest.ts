import { isWireObject, numberOf, parseJson } from '../../../data/binance/wire-fields.ts';
import { type HttpAnswer, RestConnections } from './rest-connections.ts';
import {
  failureOf,
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
} from './venue-rest.ts';

/**
 * REST without keys, for paper trading: public endpoints only. Anything that would need a signature
 * is refused here, so a paper process cannot send an order whatever it is told.
 */
export class PublicRest implements RestPort {
  declare private readonly restUrl: string;
  private readonly connections = new RestConnections();

  constructor(restUrl: string) {
    this.restUrl = restUrl;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    if (request.api !== 'fapiPublic' || request.method !== 'GET') {
      setImmediate(() => done(failed(0, -2015, 'this process has no keys')));
      return;
    }
    const query = new URLSearchParams(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const text = query.size === 0 ? '' : `?${query}`;
    const url = `${this.restUrl}/fapi/v1/${request.path}${text}`;
    this.connections.send({ url, method: 'GET', headers: {}, body: undefined }).then(
      (answer) => done(answerOf(answer)),
      (error: Error) => done(failed(0, 0, error.message)),
    );
  }

  /** The adapter measures the clock for signatures; nothing is signed here. */
  syncClock(): void {}

  venueNowMs(): number {
    return Date.now();
  }

  stop(): void {
    this.connections.stop();
  }
}

function answerOf({ status, body, headers }: HttpAnswer): RestAnswer {
  const weight1m = numberOf(headers['x-mbx-used-weight-1m']) ?? Number.NaN;
  const usage = { ...NO_USAGE, weight1m };
  const parsed = parseJson(body);
  const code = isWireObject(parsed) ? (numberOf(parsed.code) ?? 0) : 0;
  if (status === 200 && code >= 0 && parsed !== undefined)
    return { kind: 'ok', body: parsed, usage };
  return { kind: 'failed', failure: failureOf(status, body), usage };
}

function failed(status: number, code: number, message: string): RestAnswer {
  return { kind: 'failed', failure: { status, code, message }, usage: NO_USAGE };
}
