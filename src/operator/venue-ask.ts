import type { RestAnswer, RestPort, RestRequest } from '../exchanges/binance/venue-rest.ts';

const WINDOW_MS = 5_000;
const TIMEOUT_MS = 10_000;

export type VenueAnswer =
  | { isOk: true; body: unknown; tookMs: number }
  | { isOk: false; code: number; status: number; text: string; tookMs: number };

/** One GET, with a time limit of its own; never rejects. */
export function askVenue(
  rest: RestPort,
  api: RestRequest['api'],
  path: string,
  params: RestRequest['params'] = {},
): Promise<VenueAnswer> {
  const beganMs = performance.now();
  const took = () => performance.now() - beganMs;
  return new Promise((resolve) => {
    const failed = (status: number, code: number, text: string) =>
      resolve({ isOk: false, status, code, text, tookMs: took() });
    const timer = setTimeout(() => failed(0, 0, `no answer in ${TIMEOUT_MS} ms`), TIMEOUT_MS);
    const request = { method: 'GET', api, path, params, recvWindowMs: WINDOW_MS } as const;
    rest.send(request, (answer: RestAnswer) => {
      clearTimeout(timer);
      if (answer.kind === 'ok') resolve({ isOk: true, body: answer.body, tookMs: took() });
      else failed(answer.failure.status, answer.failure.code, answer.failure.message);
    });
  });
}

/** What a failed answer says, for a table. */
export function failureText(answer: Extract<VenueAnswer, { isOk: false }>): string {
  const { status, code, text } = answer;
  if (status === 0) return `cannot be read: ${text}`;
  return `cannot be read: HTTP ${status}, code ${code}, ${text}`;
}
