import type { OpenSocket, VenueSocket } from '../../../data/binance/venue-socket.ts';
import { isWireObject, textOf } from '../../../data/binance/wire-fields.ts';
import { PROTECTION_WINDOW_MS } from './order-params.ts';
import type { Notice, VenueLine } from './venue-line.ts';
import type { EdgeTime, RestRequest } from './venue-rest.ts';

/** A key lives 60 minutes; it is kept alive twice an hour, with room for failures. */
const KEEP_ALIVE_MS = 20 * 60_000;
/** The venue cuts a connection after 24 hours; ours is replaced before. */
const ROTATE_MS = 23 * 3_600_000;
/** An idle account sends nothing for hours, so the line itself is asked whether it lives. */
const PING_MS = 15_000;
const SILENT_MS = 40_000;
const KEY = /^\w{10,}$/;
const RETRY_MS: readonly number[] = [250, 1_000, 2_000, 5_000, 10_000];

export interface UserStreamOptions {
  line: VenueLine;
  time: EdgeTime;
  /** Base under which `/private` lies, e.g. `wss://fstream.binance.com`. */
  wsUrl: string;
  open: OpenSocket;
  notice: Notice;
  onFrame: (text: string) => void;
  /** Frames flow (again): what happened in between must be asked for. */
  onRestored: () => void;
  onLost: (reason: string) => void;
}

/**
 * The private stream and its key: made, kept alive, made anew. Doubt of any kind (expired key, a
 * silent line, a close, age) opens another connection; the old one is heard until that one is open.
 */
export class UserStream {
  /** Connections that were opened and those that were given up, by reason. */
  readonly counts = { opened: 0, lost: 0, keys: 0 };
  declare private readonly options: UserStreamOptions;
  private socket: VenueSocket | undefined;
  private key = '';
  private generation = 0;
  private failures = 0;
  private lifeMs = 0;
  private openedMs = 0;
  private isStopped = true;
  private isRenewing = false;
  private readonly timers = new Map<string, { cancel(): void }>();

  constructor(options: UserStreamOptions) {
    this.options = options;
  }

  start(): void {
    this.isStopped = false;
    this.renew('start');
    this.watch();
    this.keepAlive();
  }

  stop(): void {
    this.isStopped = true;
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
    this.socket?.close();
    this.socket = undefined;
  }

  isLive(): boolean {
    return this.socket !== undefined && !this.isRenewing;
  }

  /** Whoever doubts the stream (an acknowledged order that it never mentioned) says so here. */
  renew(reason: string): void {
    if (this.isStopped || this.isRenewing) return;
    this.isRenewing = true;
    if (reason !== 'start' && reason !== 'age') {
      this.counts.lost++;
      this.options.onLost(reason);
    }
    // A living key is returned by the venue and extended; a dead one is replaced.
    this.call('POST', (body) => {
      const key = isWireObject(body) ? textOf(body.listenKey) : undefined;
      // With a wrong key the socket opens and stays mute.
      if (key === undefined || !KEY.test(key)) return this.again(reason);
      this.key = key;
      this.counts.keys++;
      this.connect(reason);
    });
  }

  private connect(reason: string): void {
    const { time, wsUrl, open, onFrame, onRestored } = this.options;
    const mine = ++this.generation;
    const isMine = () => mine === this.generation && !this.isStopped;
    const socket = open(`${wsUrl}/private/ws?listenKey=${encodeURIComponent(this.key)}`, {
      onOpen: () => {
        if (!isMine()) return socket.close();
        const old = this.socket;
        this.socket = socket;
        this.failures = 0;
        this.isRenewing = false;
        this.counts.opened++;
        this.lifeMs = time.nowMs();
        this.openedMs = time.nowMs();
        this.timers.get('connect')?.cancel();
        old?.close();
        onRestored();
      },
      onText: (text) => {
        this.lifeMs = time.nowMs();
        if (this.isStopped) return;
        onFrame(text);
        if (text.includes('listenKeyExpired')) this.onExpired();
      },
      onLife: () => {
        this.lifeMs = time.nowMs();
      },
      onClose: (why) => {
        if (!isMine()) return;
        if (this.socket === socket) this.socket = undefined;
        if (this.isRenewing) this.again(reason);
        else this.renew(why);
      },
    });
    this.later('connect', 10_000, () => {
      if (!isMine() || !this.isRenewing) return;
      this.generation++;
      socket.close();
      this.again(reason);
    });
  }

  private onExpired(): void {
    this.options.notice('warning', 'LISTEN_KEY', 'the listen key expired; a new one is made');
    this.renew('listen key expired');
  }

  private again(reason: string): void {
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures++;
    if (this.failures === 3) {
      const text = `the private stream cannot be opened (${reason}); trying on`;
      this.options.notice('alarm', 'USER_STREAM', text);
    }
    this.later('retry', delay, () => {
      this.isRenewing = false;
      this.renew(reason);
    });
  }

  private watch(): void {
    this.later('watch', PING_MS, () => {
      const now = this.options.time.nowMs();
      if (!this.isRenewing) {
        if (now - this.lifeMs > SILENT_MS) this.renew('the line is silent');
        else if (now - this.openedMs > ROTATE_MS) this.renew('age');
        else this.socket?.ping();
      }
      this.watch();
    });
  }

  private keepAlive(): void {
    this.later('keepAlive', KEEP_ALIVE_MS, () => {
      this.call('PUT', (body) => {
        // -1125 or no answer: a new key costs nothing.
        if (body === undefined) this.renew('listen key was not extended');
      });
      this.keepAlive();
    });
  }

  private call(method: 'POST' | 'PUT', done: (body: unknown) => void): void {
    const params = {};
    const base = { method, api: 'fapiPrivate', path: 'listenKey', params } as const;
    const request: RestRequest = { ...base, recvWindowMs: PROTECTION_WINDOW_MS };
    this.options.line.send(request, { urgency: 'protection', timeoutMs: 5_000 }, (answer) => {
      if (!this.isStopped) done(answer.kind === 'ok' ? answer.body : undefined);
    });
  }

  private later(name: string, afterMs: number, run: () => void): void {
    const { time } = this.options;
    this.timers.get(name)?.cancel();
    this.timers.set(name, time.wake(time.nowMs() + afterMs, run));
  }
}
