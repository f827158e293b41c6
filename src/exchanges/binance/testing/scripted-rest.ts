import {
  type EdgeTime,
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
} from '../venue-rest.ts';

/** What a scripted venue does with a request; `silence` never answers. */
export type Reply =
  | { body: unknown }
  | { status: number; code: number; message?: string; afterMs?: number }
  | 'silence';

/** A venue made of answers, for tests on a virtual clock; every request is kept. */
export class ScriptedRest implements RestPort {
  readonly sent: RestRequest[] = [];
  clockSyncs = 0;
  latencyMs = 50;
  /** The venue's clock minus ours, as if measured. */
  clockAheadMs = 0;
  declare private readonly time: EdgeTime;
  declare private readonly reply: (request: RestRequest, index: number) => Reply;

  constructor(time: EdgeTime, reply: (request: RestRequest, index: number) => Reply) {
    this.time = time;
    this.reply = reply;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    const reply = this.reply(request, this.sent.length);
    this.sent.push(request);
    if (reply === 'silence') return;
    if ('body' in reply) {
      const { body } = reply;
      return this.later(this.latencyMs, () => done({ kind: 'ok', body, usage: NO_USAGE }));
    }
    const { afterMs = this.latencyMs, ...failure } = reply;
    this.later(afterMs, () => {
      done({ kind: 'failed', failure: { message: '', ...failure }, usage: NO_USAGE });
    });
  }

  private later(afterMs: number, run: () => void): void {
    this.time.wake(this.time.nowMs() + afterMs, run);
  }

  syncClock(): void {
    this.clockSyncs++;
  }

  venueNowMs(): number {
    return this.time.nowMs() + this.clockAheadMs;
  }

  /** Method and path of what was sent, for short expectations. */
  calls(): string[] {
    return this.sent.map(({ method, path }) => `${method} ${path}`);
  }
}
