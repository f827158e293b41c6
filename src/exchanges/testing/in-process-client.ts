import { createHmac } from 'node:crypto';
import type { OpenSocket, SocketHandlers } from '../../../data/binance/venue-socket.ts';
import { isWireObject, numberOf, parseJson } from '../../../data/binance/wire-fields.ts';
import {
  failureOf,
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
} from '../binance/venue-rest.ts';
import type { WireAnswer, WireRequest } from '../fake-binance/gateway.ts';
import type { Connection } from '../fake-binance/stream-hub.ts';
import { IN_PROCESS_KEYS, type InProcessVenue } from './in-process-venue.ts';

const PREFIX: Readonly<Record<RestRequest['api'], string>> = {
  fapiPublic: '/fapi/v1/',
  fapiPrivate: '/fapi/v1/',
  fapiPrivateV2: '/fapi/v2/',
  fapiPrivateV3: '/fapi/v3/',
  sapi: '/sapi/v1/',
};

/** One process's line to the venue: signed requests and sockets, on the venue's time. */
export class InProcessClient implements RestPort {
  readonly open: OpenSocket;
  private readonly venue: InProcessVenue;
  private readonly gate: (contact: () => void) => void;
  private readonly connections = new Set<Connection>();
  private isKilled = false;
  /** The venue's clock minus ours, as measured last. */
  private differenceMs = 0;

  constructor(venue: InProcessVenue, gate: (contact: () => void) => void) {
    this.venue = venue;
    this.gate = (contact) => {
      if (!this.isKilled) gate(contact);
    };
    this.open = (url, handlers) => this.openSocket(url, handlers);
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    this.exchange(this.sign(request), (answer) => done(read(answer)));
  }

  syncClock(): void {
    const sentMs = this.venue.time.nowMs();
    const request = { method: 'GET', path: '/fapi/v1/time', query: '', body: '', apiKey: '' };
    this.exchange(request, (answer) => {
      const body = answer === undefined ? undefined : parseJson(answer.body);
      const serverTime = isWireObject(body) ? numberOf(body.serverTime) : undefined;
      if (serverTime === undefined) return;
      const roundMs = this.venue.time.nowMs() - sentMs;
      this.differenceMs = Math.round(serverTime - sentMs - roundMs / 2);
    });
  }

  /** The process is gone: its sockets close at the venue, nothing reaches it any more. */
  kill(): void {
    this.isKilled = true;
    for (const connection of this.connections) this.venue.gateway.hub.disconnect(connection);
    this.connections.clear();
    this.venue.forget(this);
  }

  private sign({ method, api, path, params, recvWindowMs }: RestRequest): WireRequest {
    const isSigned = api !== 'fapiPublic' && path !== 'listenKey';
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) search.set(name, String(value));
    if (isSigned) {
      search.set('timestamp', String(Math.floor(this.venue.time.nowMs() + this.differenceMs)));
      search.set('recvWindow', String(recvWindowMs));
    }
    let text = search.toString();
    if (isSigned) {
      const hmac = createHmac('sha256', IN_PROCESS_KEYS.secret).update(text).digest('hex');
      text += `&signature=${hmac}`;
    }
    const inBody = method === 'POST' || method === 'PUT';
    const apiKey = api === 'fapiPublic' ? '' : IN_PROCESS_KEYS.apiKey;
    const [query, body] = inBody ? ['', text] : [text, ''];
    return { method, path: PREFIX[api] + path, query, body, apiKey };
  }

  /** `undefined` is a connection that failed; a request that hangs is never answered. */
  private exchange(request: WireRequest, done: (answer: WireAnswer | undefined) => void): void {
    const { venue } = this;
    const { time, latency } = venue;
    const answer = (shown: WireAnswer | undefined) => {
      time.wake(time.nowMs() + latency.answerMs(request), () => this.gate(() => done(shown)), 0);
    };
    this.gate(() => {
      const route = `${request.method} ${request.path}`;
      const params = new URLSearchParams(`${request.query}${request.body}`);
      venue.written.push({ atMs: time.nowMs(), route, params });
      const fate = venue.fateOf(request);
      if (fate === 'reset' || venue.outage === 'reset') return answer(undefined);
      if (fate === 'lost' || venue.outage === 'silent') return;
      const arrive = () => {
        const plain = venue.gateway.request(request);
        const shown = { ...plain, body: venue.garbleAnswer(plain.body, request) };
        if (shown.kind === 'hang' || fate === 'answerLost' || venue.outage === 'silent') return;
        answer(shown.kind === 'reset' || venue.outage === 'reset' ? undefined : shown);
      };
      time.wake(time.nowMs() + latency.requestMs(request), arrive, 0);
    });
  }

  private openSocket(url: string, handlers: SocketHandlers): ReturnType<OpenSocket> {
    const { venue } = this;
    const { time, latency, gateway } = venue;
    const path = url.replace(/^wss?:\/\/[^/]+/, '');
    let connection: Connection | undefined;
    let isOver = false;
    let lastMs = 0;
    const arrive = (run: () => void): void => {
      if (venue.outage === 'silent') return;
      const category = connection?.category ?? 'private';
      lastMs = Math.max(lastMs, time.nowMs() + latency.frameMs(category));
      time.wake(lastMs, () => (isOver ? undefined : this.gate(run)), 0);
    };
    const over = (reason: string): void => {
      isOver = true;
      if (connection !== undefined) this.connections.delete(connection);
      handlers.onClose(reason);
    };
    time.wake(time.nowMs() + 1, () => {
      if (isOver || this.isKilled) return;
      if (venue.outage === 'reset') return this.gate(() => over('connection refused'));
      if (venue.outage === 'silent') return;
      venue.opened.push(path);
      connection = gateway.hub.connect(path, {
        send: (text) => {
          const said = venue.garbleFrame(text, connection?.category ?? 'private');
          arrive(() => handlers.onText(said));
        },
        close: (code) => arrive(() => over(`closed with ${code}`)),
      });
      this.connections.add(connection);
      arrive(() => handlers.onOpen());
    });
    return {
      send: (text) => {
        if (connection !== undefined && venue.outage === 'none')
          gateway.hub.receive(connection, text);
      },
      ping: () => {
        if (venue.outage === 'none') arrive(() => handlers.onLife());
      },
      close: () => {
        if (isOver) return;
        if (connection !== undefined) gateway.hub.disconnect(connection);
        over('closed by us');
      },
    };
  }
}

function read(answer: WireAnswer | undefined): RestAnswer {
  if (answer === undefined) {
    const failure = { status: 0, code: 0, message: 'connection reset' };
    return { kind: 'failed', failure, usage: NO_USAGE };
  }
  const body = parseJson(answer.body);
  const code = isWireObject(body) ? (numberOf(body.code) ?? 0) : 0;
  const usage = {
    weight1m: header(answer, 'x-mbx-used-weight-1m'),
    orders10s: header(answer, 'x-mbx-order-count-10s'),
    orders1m: header(answer, 'x-mbx-order-count-1m'),
  };
  if (answer.status < 400 && code >= 0) return { kind: 'ok', body, usage };
  return { kind: 'failed', failure: failureOf(answer.status, answer.body), usage };
}

function header({ headers }: WireAnswer, wanted: string): number {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === wanted) return numberOf(value) ?? Number.NaN;
  }
  return Number.NaN;
}
