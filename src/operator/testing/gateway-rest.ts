import { createHmac } from 'node:crypto';
import type { RestAnswer, RestPort, RestRequest } from '../../exchanges/binance/venue-rest.ts';
import { NO_USAGE } from '../../exchanges/binance/venue-rest.ts';
import type { Gateway } from '../../exchanges/fake-binance/gateway.ts';

const PREFIX: Record<RestRequest['api'], string> = {
  fapiPublic: '/fapi/v1/',
  fapiPrivate: '/fapi/v1/',
  fapiPrivateV2: '/fapi/v2/',
  fapiPrivateV3: '/fapi/v3/',
  sapi: '/sapi/v1/',
};

/** The fake venue without sockets: signs like an adapter and asks the gateway at once. */
export class GatewayRest implements RestPort {
  declare private readonly gateway: Gateway;
  declare private readonly keys: { apiKey: string; secret: string };
  /** Added to the venue's time in signatures, as a wrong clock of ours would. */
  skewMs = 0;

  constructor(gateway: Gateway, keys: { apiKey: string; secret: string }) {
    this.gateway = gateway;
    this.keys = keys;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    const { method, api, path, params, recvWindowMs } = request;
    const given = new URLSearchParams(
      Object.entries(params).map(([name, value]) => [name, String(value)]),
    );
    if (api !== 'fapiPublic') {
      given.set('timestamp', String(this.gateway.venue.clock.now + this.skewMs));
      given.set('recvWindow', String(recvWindowMs));
      const signed = createHmac('sha256', this.keys.secret).update(given.toString()).digest('hex');
      given.set('signature', signed);
    }
    const { apiKey } = this.keys;
    const query = given.toString();
    const route = { method, path: `${PREFIX[api]}${path}`, query, body: '', apiKey };
    const answer = this.gateway.request(route);
    const body = JSON.parse(answer.body || '{}');
    const isOk = answer.kind === 'answer' && answer.status === 200;
    const { code = 0, msg = answer.kind } = body as { code?: number; msg?: string };
    const failure = { status: answer.kind === 'answer' ? answer.status : 0, code, message: msg };
    setImmediate(() =>
      done(
        isOk ? { kind: 'ok', body, usage: NO_USAGE } : { kind: 'failed', failure, usage: NO_USAGE },
      ),
    );
  }

  syncClock(): void {
    this.skewMs = 0;
  }
}
