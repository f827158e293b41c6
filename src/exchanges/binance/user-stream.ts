import type { OpenSocket, VenueSocket } from '../../../data/binance/venue-socket.ts';
import { isWireObject, textOf } from '../../../data/binance/wire-fields.ts';
import { PROTECTION_WINDOW_MS } from './order-params.ts';
import type { LineAnswer, Notice, VenueLine } from './venue-line.ts';
import type { EdgeTime, RestRequest } from './venue-rest.ts';

/**
 * A key lives 60 minutes from when it was last extended. It is extended far more often, for the
 * answer says whether it lives: the one frame that tells its end can be lost like any other, and
 * the socket of a dead key stays open, answers pings and is mute. It costs 4 of 2,400 a minute.
 */
const KEY_CHECK_MS = 15_000;
/** Without an answer about the key for so long a new one is asked for. */
const KEY_UNKNOWN_MS = 20 * 60_000;
/** The venue cuts a connection after 24 hours; ours is replaced before. */
const ROTATE_MS = 23 * 3_600_000;
/** An idle account sends nothing for hours, so the line itself is asked whether it lives. */
const PING_MS = 15_000;
const SILENT_MS = 40_000;
const KEY = /^\w{10,}$/;
/** Renewals of a connection that is still heard, and may be well. */
const GENTLE: ReadonlySet<string> = new Set(['age', 'doubt']);
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
  /** Connections opened and given up, keys made, times that it was taken for mute. */
  readonly counts = { opened: 0, lost: 0, keys: 0, doubts: 0 };
  declare private readonly options: UserStreamOptions;
  private socket: VenueSocket | undefined;
  private key = '';
  private generation = 0;
  private failures = 0;
  private lifeMs = 0;
  private openedMs = 0;
  private keyKnownMs = 0;
  private reason = '';
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
    this.checkKey();
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

  /** A connection is there that nothing but age or doubt speaks against. */
  isHeard(): boolean {
    return this.socket !== undefined && (!this.isRenewing || GENTLE.has(this.reason));
  }

  /** What the venue has done and the stream did not tell: the connection is taken for mute. */
  doubt(what: string): void {
    if (this.isStopped || this.isRenewing) return;
    this.counts.doubts++;
    this.options.onLost(what);
    this.renew('doubt');
  }

  private renew(reason: string): void {
    if (this.isStopped || this.isRenewing) return;
    this.isRenewing = true;
    this.reason = reason;
    if (reason !== 'start' && !GENTLE.has(reason)) {
      this.counts.lost++;
      this.options.onLost(reason);
    }
    // A living key is returned by the venue and extended; a dead one is replaced.
    this.call('POST', (answer) => {
      const body = answer.kind === 'ok' ? answer.body : undefined;
      const key = isWireObject(body) ? textOf(body.listenKey) : undefined;
      // With a wrong key the socket opens and stays mute.
      if (key === undefined || !KEY.test(key)) return this.again(reason);
      this.key = key;
      this.keyKnownMs = this.options.time.nowMs();
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
        if (this.socket === socket) this.socket = undefined;
        if (!isMine()) return;
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

  private checkKey(): void {
    this.later('key', KEY_CHECK_MS, () => {
      const { key } = this;
      this.call('PUT', (answer) => {
        // Of the key before this one, or one that is being replaced already.
        if (key !== this.key || this.isRenewing) return;
        if (isDead(answer, key)) return this.onExpired();
        const nowMs = this.options.time.nowMs();
        if (answer.kind === 'ok') this.keyKnownMs = nowMs;
        else if (nowMs - this.keyKnownMs > KEY_UNKNOWN_MS) this.renew('listen key not extended');
      });
      this.checkKey();
    });
  }

  private call(method: 'POST' | 'PUT', done: (answer: LineAnswer) => void): void {
    const params = {};
    const base = { method, api: 'fapiPrivate', path: 'listenKey', params } as const;
    const request: RestRequest = { ...base, recvWindowMs: PROTECTION_WINDOW_MS };
    // A key that lives for an hour can wait for a busy minute to end.
    const urgency = method === 'PUT' ? 'doubt' : 'protection';
    this.options.line.send(request, { urgency, timeoutMs: 5_000 }, (answer) => {
      if (!this.isStopped) done(answer);
    });
  }

  private later(name: string, afterMs: number, run: () => void): void {
    const { time } = this.options;
    this.timers.get(name)?.cancel();
    this.timers.set(name, time.wake(time.nowMs() + afterMs, run));
  }
}

/** The venue does not know the key, or names another one. */
function isDead(answer: LineAnswer, key: string): boolean {
  if (answer.kind === 'failed') return answer.rule.also === 'newListenKey';
  const told = isWireObject(answer.body) ? textOf(answer.body.listenKey) : undefined;
  return told !== undefined && told !== key;
}
