import type { OpenSocket, SocketHandlers } from '../../../data/binance/venue-socket.ts';
import { isWireObject, numberOf, parseJson } from '../../../data/binance/wire-fields.ts';
import type { RestAnswer, RestPort, RestRequest } from '../binance/venue-rest.ts';
import type { WireAnswer, WireRequest } from '../fake-binance/gateway.ts';
import { readWire, signedWire } from '../fake-binance/signed-wire.ts';
import type { Connection } from '../fake-binance/stream-hub.ts';
import { IN_PROCESS_KEYS, type InProcessVenue } from './in-process-venue.ts';

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
    const wire = signedWire(request, IN_PROCESS_KEYS, Math.floor(this.venueNowMs()));
    this.exchange(wire, (answer) => done(readWire(answer)));
  }

  venueNowMs(): number {
    return this.venue.time.nowMs() + this.differenceMs;
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
