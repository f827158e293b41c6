import type { OpenSocket, SocketHandlers } from '../../data/binance/venue-socket.ts';
import { Random } from '../../data/simulated/random.ts';
import { ROLE_LETTER } from '../engine/order.ts';
import type { RequestFault } from '../exchanges/fake-binance/faults.ts';
import type { Gateway, WireAnswer, WireRequest } from '../exchanges/fake-binance/gateway.ts';
import type { Connection } from '../exchanges/fake-binance/stream-hub.ts';
import type { VirtualTime } from '../live/virtual-time.ts';
import type { ProcessTime } from './process-time.ts';

/** When a client of the venue gives up waiting for an answer by itself. */
const CLIENT_TIMEOUT_MS = 10_000;
export const WS_URL = 'wss://venue';

/** What a request is for; what decides is the role letter at the end of our client ids. */
export type Target = 'entry' | 'leg' | 'stop' | 'disaster' | 'target' | 'exit' | 'cancel' | 'any';

/** A fault that hits the next requests of its target. */
export interface TargetedFault extends Omit<RequestFault, 'match'> {
  target: Target;
  /** For requests that are no orders: `GET /fapi/v1/openOrders`, or a part of it. */
  match?: string;
  /** Hears the moment of the hit, before the answer is on its way. */
  onHit?: () => void;
}

const LETTER: Partial<Record<Target, string>> = {
  entry: ROLE_LETTER.entry,
  leg: ROLE_LETTER.legEntry,
  stop: ROLE_LETTER.stop,
  disaster: ROLE_LETTER.disaster,
  target: ROLE_LETTER.target,
  exit: ROLE_LETTER.exit,
};

/**
 * Everything between process and venue, on virtual time: requests and answers take their way,
 * frames keep their order, and both can be cut.
 */
export class VenueNetwork {
  /** Requests are lost on their way, or their answers, until then. */
  restDownUntilMs = 0;
  /** New connections fail and the old ones have been cut, until then. */
  streamsDownUntilMs = 0;
  /** Frames and answers to pings are lost on connections that stay open, until then. */
  lineDeadUntilMs = 0;
  /** Frames are lost, but the line answers pings, until then. */
  silentUntilMs = 0;
  /** Added to every request. */
  extraMs = 0;
  extraUntilMs = 0;
  readonly faults: TargetedFault[] = [];
  /** Faults that hit a request, by what they were. */
  hits = 0;
  /** A listener of tests: every request as it arrives. */
  onRequest: (request: WireRequest, answer: WireAnswer) => void = () => {};
  declare readonly gateway: Gateway;
  declare private readonly time: VirtualTime;
  declare private readonly random: Random;
  declare private readonly baseMs: number;

  constructor(options: { gateway: Gateway; time: VirtualTime; seed: number }) {
    this.gateway = options.gateway;
    this.time = options.time;
    this.random = new Random(options.seed, 3);
    this.baseMs = 4 + this.random.uniform() * 26;
  }

  /** One way, in ms. */
  delayMs(): number {
    const extra = this.time.nowMs() < this.extraUntilMs ? this.extraMs : 0;
    return Math.round(this.baseMs * (0.7 + 0.6 * this.random.uniform())) + extra;
  }

  request(process: ProcessTime, wire: WireRequest, done: (answer: WireAnswer) => void): void {
    const { time } = this;
    const sentMs = time.nowMs();
    const answer = (value: WireAnswer) => process.run(() => done(value));
    const giveUp = () =>
      time.wake(sentMs + CLIENT_TIMEOUT_MS, () => answer({ ...LOST, kind: 'hang' }), 0);
    time.wake(
      sentMs + this.delayMs(),
      () => {
        if (time.nowMs() < this.restDownUntilMs) return giveUp();
        const value = this.arrive(wire);
        if (value.kind === 'hang') return giveUp();
        time.wake(
          time.nowMs() + this.delayMs(),
          () => (time.nowMs() < this.restDownUntilMs ? giveUp() : answer(value)),
          0,
        );
      },
      0,
    );
  }

  private arrive(wire: WireRequest): WireAnswer {
    const { gateway, faults } = this;
    const name = `${wire.method} ${wire.path}`;
    const index = faults.findIndex((each) => fits(each, wire, name));
    const fault = faults[index];
    if (fault !== undefined) {
      const left = (fault.count ?? 1) - 1;
      if (left <= 0) faults.splice(index, 1);
      else fault.count = left;
      this.hits++;
      gateway.faults.requests.unshift({ ...fault, match: name, count: 1 });
    }
    const answer = gateway.request(wire);
    this.onRequest(wire, answer);
    fault?.onHit?.();
    return answer;
  }

  /** Sockets for one process. */
  socketsOf(process: ProcessTime): OpenSocket {
    return (url, handlers) => new VirtualSocket(this, process, { url, handlers });
  }

  isStreamDown(): boolean {
    return this.time.nowMs() < this.streamsDownUntilMs;
  }

  isLineDead(): boolean {
    return this.time.nowMs() < this.lineDeadUntilMs;
  }

  isSilent(): boolean {
    return this.time.nowMs() < Math.max(this.silentUntilMs, this.lineDeadUntilMs);
  }

  wake(afterMs: number, action: () => void): void {
    this.time.wake(this.time.nowMs() + afterMs, action, 0);
  }

  nowMs(): number {
    return this.time.nowMs();
  }
}

const LOST: WireAnswer = { kind: 'reset', status: 0, headers: {}, body: '' };

/** One websocket: frames arrive in their order, late by the way. */
class VirtualSocket {
  declare private readonly network: VenueNetwork;
  declare private readonly process: ProcessTime;
  declare private readonly handlers: SocketHandlers;
  private connection: Connection | undefined;
  private isClosed = false;
  private lastMs = 0;

  constructor(
    network: VenueNetwork,
    process: ProcessTime,
    { url, handlers }: { url: string; handlers: SocketHandlers },
  ) {
    this.network = network;
    this.process = process;
    this.handlers = handlers;
    network.wake(3 * network.delayMs(), () => process.run(() => this.connect(url)));
  }

  send(text: string): void {
    if (this.connection !== undefined) this.network.gateway.hub.receive(this.connection, text);
  }

  ping(): void {
    const { network } = this;
    if (this.connection === undefined || network.isLineDead()) return;
    network.wake(2 * network.delayMs(), () => {
      if (!network.isLineDead()) this.tell(() => this.handlers.onLife());
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.end('closed by us');
  }

  private connect(url: string): void {
    if (this.isClosed) return;
    const { network, handlers } = this;
    if (network.isStreamDown()) return this.end('connection refused');
    this.connection = network.gateway.hub.connect(url.slice(WS_URL.length), {
      send: (text) => {
        if (network.isSilent()) return;
        this.inOrder(() => handlers.onText(text));
      },
      close: (code) => this.inOrder(() => this.end(`closed with ${code}`)),
    });
    handlers.onOpen();
  }

  private inOrder(action: () => void): void {
    const { network } = this;
    this.lastMs = Math.max(this.lastMs, network.nowMs() + network.delayMs());
    network.wake(this.lastMs - network.nowMs(), () => this.tell(action));
  }

  private tell(action: () => void): void {
    this.process.run(() => {
      if (!this.isClosed) action();
    });
  }

  private end(reason: string): void {
    this.isClosed = true;
    if (this.connection !== undefined) this.network.gateway.hub.disconnect(this.connection);
    this.connection = undefined;
    this.handlers.onClose(reason);
  }
}

function fits(fault: TargetedFault, wire: WireRequest, name: string): boolean {
  if (fault.match !== undefined && !name.includes(fault.match)) return false;
  if (fault.target === 'any') return true;
  if (fault.target === 'cancel') return wire.method === 'DELETE';
  return wire.method === 'POST' && roleLetter(wire) === LETTER[fault.target];
}

function roleLetter({ body }: WireRequest): string | undefined {
  return /(?:newClientOrderId|clientAlgoId)=([^&]*)/.exec(body)?.[1]?.at(-1);
}
