import type { OpenSocket, VenueSocket } from './venue-socket.ts';

/** Engine time and wake-ups; virtual in tests. */
export interface FeedTime {
  nowMs(): number;
  wake(atMs: number, action: () => void): { cancel(): void };
  /** Its milliseconds in one of the machine's, in rehearsals; 1 when left out. */
  readonly scale?: number;
}

/** The venue cuts a connection after 24 hours. */
const ROTATE_MS = 23 * 3_600_000;
const CHECK_MS = 1_000;
const PING_EVERY_MS = 15_000;
const OPEN_MS_MAX = 10_000;
/** A second connection that is as mute as the first is no healing: the wait grows. */
const RETRY_MS: readonly number[] = [500, 1_000, 2_000, 5_000, 15_000];

export interface StreamConnectionOptions {
  /** Base with the category's path, e.g. `wss://fstream.binance.com/market`. */
  url: string;
  /** Stream names, and how long each may be silent. */
  streams: ReadonlyMap<string, number>;
  open: OpenSocket;
  time: FeedTime;
  /** A wrapped frame, its stream's name and its text. */
  onFrame: (stream: string, text: string) => void;
  /** Something is in doubt; frames may be missing from here on. */
  onDoubt: (reason: string, stream: string | undefined) => void;
  /** Another connection has taken over: what happened in between must be replayed. */
  onSwitched: () => void;
}

/**
 * One category's connection with a clock for each of its streams, because a stream on a wrong path
 * is mute without an error. Every doubt (silence, a close, age, a hole that the reader found) is
 * healed in the same way: a second connection is opened, and when it speaks it takes over.
 */
export class StreamConnection {
  readonly counts = { opened: 0, doubts: 0, switched: 0 };
  declare private readonly options: StreamConnectionOptions;
  private current: VenueSocket | undefined;
  private next: VenueSocket | undefined;
  private readonly heardMs = new Map<string, number>();
  private openedMs = 0;
  private pingedMs = 0;
  private failures = 0;
  private hasRun = false;
  private isStopped = true;
  private checker: { cancel(): void } | undefined;
  private opener: { cancel(): void } | undefined;

  constructor(options: StreamConnectionOptions) {
    this.options = options;
  }

  start(): void {
    this.isStopped = false;
    this.openNext();
    this.check();
  }

  stop(): void {
    this.isStopped = true;
    this.checker?.cancel();
    this.opener?.cancel();
    this.current?.close();
    this.next?.close();
    this.current = undefined;
    this.next = undefined;
  }

  /** Heals a doubt that was found elsewhere (a hole in ids, a bar that differs). */
  doubt(reason: string, stream?: string): void {
    if (this.isStopped || this.next !== undefined || this.opener !== undefined) return;
    this.counts.doubts++;
    this.options.onDoubt(reason, stream);
    this.openNext();
  }

  private openNext(): void {
    const { url, streams, open, time, onFrame } = this.options;
    const startedMs = time.nowMs();
    const socket: VenueSocket = open(`${url}/stream?streams=${[...streams.keys()].join('/')}`, {
      onOpen: () => {
        this.counts.opened++;
      },
      onText: (text) => {
        if (this.isStopped) return;
        if (this.next === socket) this.takeOver(socket);
        if (this.current !== socket) return;
        const stream = streamOf(text);
        this.heardMs.set(stream, time.nowMs());
        onFrame(stream, text);
      },
      onLife: () => {},
      onClose: (reason) => this.onClose(socket, reason),
    });
    this.next = socket;
    this.opener = time.wake(startedMs + OPEN_MS_MAX, () => {
      this.opener = undefined;
      if (this.next !== socket) return;
      this.next = undefined;
      socket.close();
      this.again();
    });
  }

  /** The first frame proves that it speaks; only then is the old one let go. */
  private takeOver(socket: VenueSocket): void {
    const { time, streams, onSwitched } = this.options;
    const old = this.current;
    this.current = socket;
    this.next = undefined;
    this.opener?.cancel();
    this.opener = undefined;
    this.openedMs = time.nowMs();
    for (const stream of streams.keys()) this.heardMs.set(stream, this.openedMs);
    old?.close();
    this.counts.switched++;
    this.hasRun = true;
    onSwitched();
  }

  private onClose(socket: VenueSocket, reason: string): void {
    if (this.isStopped) return;
    if (this.next === socket) {
      this.next = undefined;
      this.opener?.cancel();
      this.opener = undefined;
      this.again();
    } else if (this.current === socket) {
      this.current = undefined;
      this.doubt(reason);
    }
  }

  private again(): void {
    const { time } = this.options;
    const delay = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures++;
    this.opener?.cancel();
    this.opener = time.wake(time.nowMs() + delay, () => {
      this.opener = undefined;
      if (!this.isStopped && this.next === undefined) this.openNext();
    });
  }

  private check(): void {
    const { time, streams } = this.options;
    this.checker = time.wake(time.nowMs() + CHECK_MS, () => {
      const now = time.nowMs();
      if (this.current !== undefined && this.next === undefined) {
        if (now - this.pingedMs >= PING_EVERY_MS) {
          this.pingedMs = now;
          this.current.ping();
        }
        if (now - this.openedMs > ROTATE_MS) this.doubt('age');
        for (const [stream, silentMsMax] of streams) {
          if (now - (this.heardMs.get(stream) ?? now) <= silentMsMax) continue;
          // Counted anew, so that one mute stream does not open a connection each second.
          this.heardMs.set(stream, now);
          this.doubt(`${stream} is silent`, stream);
          break;
        }
        if (now - this.openedMs > 60_000) this.failures = 0;
      }
      this.check();
    });
  }

  isRunning(): boolean {
    return this.hasRun && this.current !== undefined;
  }
}

const STREAM = /^\s*\{\s*"stream"\s*:\s*"([^"]{1,100})"/;

/** The name in front of a wrapped frame; empty for anything else. */
function streamOf(text: string): string {
  return STREAM.exec(text)?.[1] ?? '';
}
