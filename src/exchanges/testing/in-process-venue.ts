import type { TimePort } from '../../live/ports.ts';
import { Gateway, type WireRequest } from '../fake-binance/gateway.ts';
import type { VenueClock } from '../fake-binance/scheduler.ts';
import type { Category } from '../fake-binance/stream-hub.ts';
import type { Venue, VenueOptions } from '../fake-binance/venue.ts';
import { InProcessClient } from './in-process-client.ts';

export const IN_PROCESS_KEYS = { apiKey: 'test-key', secret: 'test-secret' };

/** Milliseconds on the way, asked for anew each time. */
export interface WireLatency {
  /** From the process to the venue. */
  requestMs: (request: WireRequest) => number;
  /** From the venue back. */
  answerMs: (request: WireRequest) => number;
  /** From the venue to the socket; frames of one socket never overtake each other. */
  frameMs: (category: Category | 'legacy') => number;
}

/**
 * What the network does with one request beside the venue's own faults (`gateway.faults`): `lost`
 * never arrives, `answerLost` is carried out and never answered, `reset` fails at once and never
 * arrives.
 */
export type WireFate = 'pass' | 'lost' | 'answerLost' | 'reset';

/** `silent`: nothing passes and nothing fails; `reset`: sockets close and requests fail at once. */
export type Outage = 'none' | 'silent' | 'reset';

export interface InProcessVenueOptions extends Omit<VenueOptions, 'startTime' | 'clock'> {
  time: TimePort;
  latency?: Partial<WireLatency>;
}

/**
 * The fake venue in the process of its caller, on the caller's time: with `VirtualTime` a session,
 * its adapter and the venue run in one thread, every interleaving repeatable. Requests are encoded
 * and signed as on the wire and judged by the same gateway that the HTTP server has.
 */
export class InProcessVenue {
  readonly gateway: Gateway;
  readonly time: TimePort;
  readonly latency: WireLatency;
  /** Every request as a process wrote it, whether it arrived or not. */
  readonly written: { atMs: number; route: string; params: URLSearchParams }[] = [];
  /** Paths of the sockets that were opened, in order. */
  readonly opened: string[] = [];
  /** Decides about each request; replaced by whoever wants faults. */
  fateOf: (request: WireRequest) => WireFate = () => 'pass';
  outage: Outage = 'none';
  /** Changes the body of an answer, or the text of a frame, on its way. */
  garbleAnswer: (body: string, request: WireRequest) => string = (body) => body;
  garbleFrame: (text: string, category: Category | 'legacy') => string = (text) => text;
  /** How far the venue's clock is ahead of ours. */
  skewMs = 0;
  private readonly clients = new Set<InProcessClient>();

  constructor(options: InProcessVenueOptions) {
    const { time, latency, ...venue } = options;
    this.time = time;
    const once = { requestMs: () => 20, answerMs: () => 20, frameMs: () => 15 };
    this.latency = { ...once, ...latency };
    const clock = new FollowingClock(time, () => this.skewMs);
    const startTime = time.nowMs();
    this.gateway = new Gateway({ ...IN_PROCESS_KEYS, ...venue, startTime, clock });
    this.gateway.hub.tickMs = 1_000;
  }

  get venue(): Venue {
    return this.gateway.venue;
  }

  /**
   * The line of one process. Every contact passes `gate` (a request leaves, an answer or a frame
   * comes): a gate that does not call is a dead process.
   */
  connect(gate: (contact: () => void) => void = (contact) => contact()): InProcessClient {
    const client = new InProcessClient(this, gate);
    this.clients.add(client);
    return client;
  }

  /** Starts an outage; `end` lifts it. With `reset` every socket closes now. */
  begin(outage: Exclude<Outage, 'none'>): void {
    this.outage = outage;
    if (outage === 'reset') this.closeSockets(1006);
  }

  end(): void {
    this.outage = 'none';
  }

  closeSockets(code: number, category?: Category): void {
    this.gateway.hub.closeAll(code, category);
  }

  socketCount(category: Category): number {
    return [...this.gateway.hub.connections].filter((each) => each.category === category).length;
  }

  forget(client: InProcessClient): void {
    this.clients.delete(client);
  }
}

/** The venue's clock on somebody else's time. */
class FollowingClock implements VenueClock {
  private readonly time: TimePort;
  private readonly skewMs: () => number;

  constructor(time: TimePort, skewMs: () => number) {
    this.time = time;
    this.skewMs = skewMs;
  }

  get now(): number {
    return this.time.nowMs() + this.skewMs();
  }

  at(time: number, run: () => void): void {
    this.time.wake(time - this.skewMs(), run, 0);
  }

  after(delayMs: number, run: () => void): void {
    this.time.wake(this.time.nowMs() + delayMs, run, 0);
  }

  advanceTo(): void {
    // Time moves by its owner.
  }
}
