import type { Urgency } from './request-governor.ts';
import type { LineAnswer, VenueLine } from './venue-line.ts';
import type { RestRequest } from './venue-rest.ts';

/** Several requests one after the other: each `yield` sends one and comes back with its answer. */
export type RestScript<T> = Generator<RestRequest, T, LineAnswer>;

export interface ScriptLine {
  line: VenueLine;
  urgency: Urgency;
  timeoutMs: number;
}

export type ScriptOutcome<T> = { kind: 'done'; value: T } | { kind: 'failed'; error: Error };

/**
 * Plays a script and tells its end once. Without promises, so that on virtual time every step runs
 * in the instant of its answer and a session replays exactly.
 */
export function playScript<T>(
  script: RestScript<T>,
  { line, urgency, timeoutMs }: ScriptLine,
  done: (outcome: ScriptOutcome<T>) => void,
): void {
  const go = (step: () => IteratorResult<RestRequest, T>): void => {
    let result: IteratorResult<RestRequest, T>;
    try {
      result = step();
    } catch (error) {
      return done({ kind: 'failed', error: error instanceof Error ? error : Error(String(error)) });
    }
    if (result.done === true) return done({ kind: 'done', value: result.value });
    line.send(result.value, { urgency, timeoutMs }, (answer) => go(() => script.next(answer)));
  };
  go(() => script.next());
}
