import type { RestAnswer, RestPort, RestRequest } from '../../exchanges/binance/venue-rest.ts';
import type { Gateway } from '../../exchanges/fake-binance/gateway.ts';
import { readWire, signedWire, type WireKeys } from '../../exchanges/fake-binance/signed-wire.ts';

/** The fake venue without sockets: signs like an adapter and asks the gateway at once. */
export class GatewayRest implements RestPort {
  declare private readonly gateway: Gateway;
  declare private readonly keys: WireKeys;
  /** Added to the venue's time in signatures, as a wrong clock of ours would. */
  skewMs = 0;

  constructor(gateway: Gateway, keys: WireKeys) {
    this.gateway = gateway;
    this.keys = keys;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    const answer = this.gateway.request(signedWire(request, this.keys, this.venueNowMs()));
    setImmediate(() => done(readWire(answer)));
  }

  venueNowMs(): number {
    return this.gateway.venue.clock.now + this.skewMs;
  }

  syncClock(): void {
    this.skewMs = 0;
  }
}
