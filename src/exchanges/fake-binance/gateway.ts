import { timingSafeEqual } from 'node:crypto';
import { Faults, type RequestFault } from './faults.ts';
import { Params } from './params.ts';
import { banned, RateLimits } from './rate-limits.ts';
import { ACCOUNT_ROUTES } from './route-account.ts';
import { MARKET_ROUTES } from './route-market.ts';
import { ORDER_ROUTES } from './route-order.ts';
import type { Route } from './routes.ts';
import { signatureOf } from './signature.ts';
import { StreamHub } from './stream-hub.ts';
import { Venue, type VenueOptions } from './venue.ts';
import { VenueError } from './venue-error.ts';

export interface WireRequest {
  method: string;
  path: string;
  /** Without `?`, as sent: the signature is over these characters. */
  query: string;
  body: string;
  apiKey: string;
}

/** `hang` and `reset`: the caller never sees status and body. */
export interface WireAnswer {
  kind: 'answer' | 'hang' | 'reset';
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface GatewayOptions extends VenueOptions {
  apiKey: string;
  secret: string;
}

const ROUTES: ReadonlyMap<string, Route> = new Map(
  Object.entries({ ...MARKET_ROUTES, ...ORDER_ROUTES, ...ACCOUNT_ROUTES }),
);
const KNOWN = new Map<Route, ReadonlySet<string>>();
for (const route of ROUTES.values()) {
  const common = route.access === 'public' ? '' : 'timestamp recvWindow signature';
  KNOWN.set(route, new Set(`${route.params} ${common}`.split(' ').filter(Boolean)));
}

/** The venue behind its wire, without sockets: requests in, answers out, streams beside. */
export class Gateway {
  readonly venue: Venue;
  readonly faults = new Faults();
  readonly limits = new RateLimits();
  readonly hub: StreamHub;
  /** Every request in the order of arrival: the exchange's side of a test. */
  readonly log: { time: number; route: string; status: number; code: number }[] = [];
  private readonly apiKey: string;
  private readonly secret: string;

  constructor(options: GatewayOptions) {
    this.apiKey = options.apiKey;
    this.secret = options.secret;
    this.venue = new Venue(options);
    this.hub = new StreamHub(this.venue, this.faults);
  }

  request(request: WireRequest): WireAnswer {
    const name = `${request.method} ${request.path}`;
    const fault = this.faults.forRequest(name);
    const answer = fault?.executed === false ? faulty(fault) : this.execute(request, name);
    const shown = fault === undefined ? answer : faulty(fault);
    const code = /"code":\s*"?(-?\d+)/.exec(answer.body)?.[1];
    this.log.push({
      time: this.venue.clock.now,
      route: name,
      status: answer.status,
      code: code === undefined ? 0 : Number(code),
    });
    return shown;
  }

  private execute(request: WireRequest, name: string): WireAnswer {
    try {
      const value = this.run(request, name);
      return this.answer(200, JSON.stringify(value));
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      const body = JSON.stringify({ code: error.venueCode, msg: error.message });
      return this.answer(error.httpStatus, body);
    }
  }

  private run(request: WireRequest, name: string): unknown {
    const { now } = this.venue.clock;
    if (now < this.limits.bannedUntil) throw banned(this.limits.bannedUntil);
    const route = ROUTES.get(name);
    if (route === undefined) throw new VenueError(-5000, 404, `Path ${request.path} is invalid.`);
    const params = new Params(`${request.query}&${request.body}`);
    const weight = typeof route.weight === 'function' ? route.weight(params) : (route.weight ?? 1);
    const reducing = params.text('reduceOnly', '') === 'true';
    this.limits.spend({ weight, orders: route.orders ?? 0, reducing }, now);
    if (route.access !== 'public' && request.apiKey !== this.apiKey)
      throw new VenueError(-2015, 401);
    if (route.access === undefined) this.checkSigned(params, request.query + request.body);
    params.onlyKnown(KNOWN.get(route) as ReadonlySet<string>);
    return route.run({ venue: this.venue, params, listenKeys: this.hub });
  }

  private checkSigned(params: Params, raw: string): void {
    const signature = params.text('signature');
    const signed = raw.replace(/&?signature=[^&]*/, '');
    const expected = signatureOf(this.secret, signed);
    const same =
      signature.length === expected.length &&
      timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
    if (!same) throw new VenueError(-1022);
    const timestamp = params.number('timestamp');
    const { now } = this.venue.clock;
    const window = Math.min(60_000, params.number('recvWindow', 5000));
    if (timestamp > now + 1000) {
      const text = "Timestamp for this request was 1000ms ahead of the server's time.";
      throw new VenueError(-1021, 400, text);
    }
    if (now - timestamp > window) throw new VenueError(-1021);
  }

  private answer(status: number, body: string): WireAnswer {
    const headers = this.limits.headers(this.venue.clock.now);
    return { kind: 'answer', status, headers, body };
  }
}

function faulty(fault: RequestFault): WireAnswer {
  const body =
    fault.body ??
    JSON.stringify({ code: fault.code ?? -1007, msg: new VenueError(fault.code ?? -1007).message });
  return {
    kind: fault.kind,
    status: fault.status ?? 503,
    headers: fault.headers ?? {},
    body,
  };
}
