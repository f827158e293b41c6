import { type ErrorRule, ruleOf, type VenueFailure } from './error-table.ts';
import { RequestGovernor, type Urgency } from './request-governor.ts';
import {
  type EdgeTime,
  NO_USAGE,
  type RestAnswer,
  type RestPort,
  type RestRequest,
} from './venue-rest.ts';

export type Notice = (level: 'info' | 'warning' | 'alarm', code: string, text: string) => void;

export type LineAnswer =
  | { kind: 'ok'; body: unknown }
  /** `heldUntilMs`: it did not leave, and none of its urgency will before then. */
  | { kind: 'failed'; failure: VenueFailure; rule: ErrorRule; heldUntilMs?: number };

export interface VenueLineOptions {
  rest: RestPort;
  time: EdgeTime;
  notice: Notice;
  /** Reasons to allow no entries; they last until a person looks. */
  onHalt: (reason: string) => void;
  onFiltersDoubted: () => void;
}

/**
 * The line to the venue: the governor's leave, a time limit on every request, the rule of every
 * failure and what it asks for besides. A late answer is handed on as `onLate`, for it is a fact.
 */
export class VenueLine {
  readonly governor = new RequestGovernor();
  declare private readonly options: VenueLineOptions;

  constructor(options: VenueLineOptions) {
    this.options = options;
  }

  send(
    request: RestRequest,
    limits: { urgency: Urgency; timeoutMs: number },
    done: (answer: LineAnswer) => void,
    onLate: (answer: LineAnswer) => void = () => {},
  ): void {
    const { time, rest } = this.options;
    const heldUntilMs = this.governor.waitUntilMs(limits.urgency, time.nowMs());
    if (heldUntilMs !== undefined) {
      const message = `held back by the rate limit until ${heldUntilMs}`;
      const failure = { status: 429, code: -1003, message };
      const rule: ErrorRule = { code: -1003, reaction: 'retry', meaning: 'not sent' };
      time.wake(time.nowMs(), () => done({ kind: 'failed', failure, rule, heldUntilMs }));
      return;
    }
    let isOver = false;
    const limit = time.wake(time.nowMs() + limits.timeoutMs, () => {
      isOver = true;
      const failure = { status: 0, code: 0, message: `no answer in ${limits.timeoutMs} ms` };
      done(this.judge({ kind: 'failed', failure, usage: NO_USAGE }, request));
    });
    rest.send(request, (answer) => {
      limit.cancel();
      const judged = this.judge(answer, request);
      if (isOver) onLate(judged);
      else done(judged);
    });
  }

  private judge(answer: RestAnswer, { method, path }: RestRequest): LineAnswer {
    const { time, rest, notice, onHalt, onFiltersDoubted } = this.options;
    this.governor.onUsage(answer.usage, time.nowMs());
    if (answer.kind === 'ok') return { kind: 'ok', body: answer.body };
    const { failure } = answer;
    const rule = ruleOf(failure);
    const nowMs = time.nowMs();
    this.governor.onFailure(failure, rule, nowMs, rest.venueNowMs() - nowMs);
    const text = `${method} ${path}: ${failure.status} ${failure.code} ${rule.meaning}`;
    if (rule.also === 'syncClock') rest.syncClock();
    if (rule.also === 'rereadFilters') onFiltersDoubted();
    if (rule.also === 'alarm' || rule.reaction === 'halt') notice('alarm', 'VENUE_REFUSED', text);
    if (rule.also === 'haltEntries' || rule.reaction === 'halt') onHalt(text);
    return { kind: 'failed', failure, rule };
  }
}
