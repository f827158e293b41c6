import { isWireObject } from '../../data/binance/wire-fields.ts';
import type { RestAnswer, RestPort, RestRequest } from '../exchanges/binance/venue-rest.ts';
import { readWire, signedWire, type WireKeys } from '../exchanges/fake-binance/signed-wire.ts';
import type { ProcessTime } from './process-time.ts';
import type { VenueNetwork } from './venue-network.ts';

/**
 * REST over the simulated network, as the ccxt edge does it: signed with the machine's wall clock
 * and the clock difference measured last, one request and one answer, nothing sent twice.
 */
export class VirtualRest implements RestPort {
  declare private readonly network: VenueNetwork;
  declare private readonly process: ProcessTime;
  declare private readonly keys: WireKeys;
  private differenceMs = 0;
  private isSyncing = false;

  constructor(network: VenueNetwork, process: ProcessTime, keys: WireKeys) {
    this.network = network;
    this.process = process;
    this.keys = keys;
  }

  send(request: RestRequest, done: (answer: RestAnswer) => void): void {
    const wire = signedWire(request, this.keys, Math.round(this.venueNowMs()));
    this.network.request(this.process, wire, (answer) => done(readWire(answer)));
  }

  venueNowMs(): number {
    return this.process.wallMs() - this.differenceMs;
  }

  syncClock(): void {
    if (this.isSyncing) return;
    this.isSyncing = true;
    const base = { method: 'GET', api: 'fapiPublic', path: 'time' } as const;
    this.send({ ...base, params: {}, recvWindowMs: 0 }, (answer) => {
      this.isSyncing = false;
      if (answer.kind !== 'ok' || !isWireObject(answer.body)) return;
      this.differenceMs = this.process.wallMs() - Number(answer.body.serverTime);
    });
  }
}
