import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isWireObject, numberOf, parseJson } from '../../../data/binance/wire-fields.ts';
import { NO_USAGE, type RestAnswer, type RestPort, type RestRequest } from './venue-rest.ts';

const TIMEOUT_MS = 10_000;
const BODY_BYTES_MAX = 32 * 1024 * 1024;
const ANSWER_CHARACTERS_MAX = 300;

/**
 * REST without keys, for paper trading: public endpoints only. Anything that would need a signature
 * is refused here, so a paper process cannot send an order whatever it is told.
 */
export class PublicRest implements RestPort {
  declare private readonly restUrl: string;
  declare private readonly agent: HttpAgent | HttpsAgent;
  private readonly isSecure: boolean;

  constructor(restUrl: string) {
    this.restUrl = restUrl;
    this.isSecure = restUrl.startsWith('https:');
    this.agent = this.isSecure
      ? new HttpsAgent({ keepAlive: true })
      : new HttpAgent({ keepAlive: true });
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    if (request.api !== 'fapiPublic' || request.method !== 'GET') {
      setImmediate(() => done(failed(0, -2015, 'this process has no keys')));
      return;
    }
    const query = new URLSearchParams(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const text = query.size === 0 ? '' : `?${query}`;
    this.get(`${this.restUrl}/fapi/v1/${request.path}${text}`, once(done));
  }

  /** The adapter measures the clock for signatures; nothing is signed here. */
  syncClock(): void {}

  stop(): void {
    this.agent.destroy();
  }

  private get(url: string, done: (answer: RestAnswer) => void): void {
    const open = this.isSecure ? httpsRequest : httpRequest;
    const sent = open(url, { agent: this.agent, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > BODY_BYTES_MAX) sent.destroy(new Error('an answer without an end'));
        chunks.push(chunk);
      });
      response.on('error', (error) => done(failed(0, 0, error.message)));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        done(answerOf(response.statusCode ?? 0, body, response.headers));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${TIMEOUT_MS} ms`)));
    sent.on('error', (error) => done(failed(0, 0, error.message)));
    sent.end();
  }
}

function answerOf(
  status: number,
  body: string,
  headers: Readonly<Record<string, unknown>>,
): RestAnswer {
  const weight1m = numberOf(headers['x-mbx-used-weight-1m']) ?? Number.NaN;
  const usage = { ...NO_USAGE, weight1m };
  const parsed = parseJson(body);
  const code = isWireObject(parsed) ? (numberOf(parsed.code) ?? 0) : 0;
  if (status === 200 && code >= 0 && parsed !== undefined)
    return { kind: 'ok', body: parsed, usage };
  const said = isWireObject(parsed) && typeof parsed.msg === 'string' ? parsed.msg : body;
  const message = said.slice(0, ANSWER_CHARACTERS_MAX);
  return { kind: 'failed', failure: { status, code, message }, usage };
}

function failed(status: number, code: number, message: string): RestAnswer {
  return { kind: 'failed', failure: { status, code, message }, usage: NO_USAGE };
}

/** An error may follow an answer that was cut off. */
function once(done: (answer: RestAnswer) => void): (answer: RestAnswer) => void {
  let isDone = false;
  return (answer) => {
    if (isDone) return;
    isDone = true;
    done(answer);
  };
}
