import { Random } from '../../data/simulated/random.ts';
import type { EngineEvent } from '../engine/event.ts';
import { Gateway } from '../exchanges/fake-binance/gateway.ts';
import type { VenueSettings } from '../exchanges/fake-binance/model.ts';
import type { VenueClock } from '../exchanges/fake-binance/scheduler.ts';
import type { Venue } from '../exchanges/fake-binance/venue.ts';
import { VirtualTime } from '../live/virtual-time.ts';
import { ChaosMarket, START_PRICES } from './chaos-market.ts';
import { CHAOS_KEYS, ChaosProcess } from './chaos-process.ts';
import { drawScript, type StrategyScript } from './chaos-strategy.ts';
import { Invariants, type WatchedWorld } from './invariants.ts';
import { OrderLedger } from './order-ledger.ts';
import type { MachineClock } from './process-time.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { VenueNetwork } from './venue-network.ts';
import { VenueUser } from './venue-user.ts';

export const CHAOS_START_MS = Date.UTC(2026, 0, 6, 12);
const MINUTE_MS = 60_000;
const START_CASH = 10_000;
/** A supervisor (systemd, a container) starts the process again after this. */
const RESTART_MS = 3_000;
/** A frame that is lost for good is found at the next look at the account. */
export const NEXT_LOOK_MS = 65_000;
/** Sent + window + 2 s: so long nobody may say that a request was never there. */
const UNKNOWN_MS = 7_000;
/** More than any burst has in one millisecond. */
const STEPS_AT_ONCE_MAX = 5_000;
const STREAM_TICK_MS = 3_600_000;

export interface WorldOptions {
  seed: number;
  script?: Partial<StrategyScript>;
  settings?: Partial<VenueSettings>;
  /** Hears what happens, for `--trace`. */
  trace?: (atMs: number, text: string) => void;
}

/**
 * The whole live path and the exchange in one process on one virtual clock: market, network, disk,
 * machine, and one life of the daemon after the other. Everything comes from the seed.
 */
export class ChaosWorld implements WatchedWorld {
  readonly time = new VirtualTime(CHAOS_START_MS);
  readonly gateway: Gateway;
  readonly network: VenueNetwork;
  readonly disk: SimulatedDisk;
  readonly market: ChaosMarket;
  readonly ledger = new OrderLedger();
  readonly invariants = new Invariants();
  readonly machine: MachineClock = { offsetMs: 0, suspendedMs: 0 };
  /** Of the next start. */
  script: StrategyScript;
  /** Everything that a person or a log would read. */
  readonly texts: string[] = [];
  process: ChaosProcess | undefined;
  boots = 0;
  steps = 0;
  codeVersion = 'chaos-1';
  configHash = 'config-1';
  /** Throws for the event that shall be poisoned. */
  poison: (event: EngineEvent) => void = () => {};
  /** Events that no process can handle, in a replay neither. */
  isPoisoned: (event: EngineEvent) => boolean = () => false;
  private readonly foreign = new Map<string, number>();
  private readonly trace: ((atMs: number, text: string) => void) | undefined;
  private isStarting = false;
  /** Answers take longer than the grace until then. */
  slowUntilMs = 0;
  private blindUntilMs = 0;
  readonly hand: VenueUser;

  constructor(options: WorldOptions) {
    const { seed, settings, trace } = options;
    this.trace = trace;
    const random = new Random(seed, 1);
    this.script = { ...drawScript(random, CHAOS_START_MS), ...options.script };
    const { time } = this;
    this.gateway = new Gateway({
      startTime: CHAOS_START_MS,
      clock: venueClock(time),
      balance: START_CASH,
      prices: START_PRICES,
      settings: { ...drawSettings(random), ...settings },
      ...CHAOS_KEYS,
    });
    this.gateway.hub.tickMs = STREAM_TICK_MS;
    const { gateway } = this;
    this.network = new VenueNetwork({ gateway, time, seed });
    this.disk = new SimulatedDisk(time, START_CASH * 1e8);
    this.market = new ChaosMarket({ venue: gateway.venue, time, seed });
    this.machine.offsetMs = Math.round((random.uniform() - 0.5) * 200);
    this.hand = new VenueUser(this);
    this.watchFrames();
    if (trace !== undefined) this.traceWire();
  }

  get venue(): Venue {
    return this.gateway.venue;
  }

  nowMs(): number {
    return this.time.nowMs();
  }

  /** Runs everything up to then, and looks at the invariants after each step. */
  runTo(endMs: number): void {
    let instantMs = 0;
    let stepsHere = 0;
    while (this.time.step(endMs)) {
      this.steps++;
      stepsHere = this.nowMs() === instantMs ? stepsHere + 1 : 0;
      instantMs = this.nowMs();
      if (stepsHere > STEPS_AT_ONCE_MAX) throw new Error('time stands still: a ring of events');
      this.supervise();
      this.invariants.check(this);
    }
    this.time.runTo(endMs);
  }

  start(): void {
    const { time, machine, network, disk, market, script, ledger } = this;
    const { codeVersion, configHash } = this;
    const bootId = `boot${String(++this.boots).padStart(4, '0')}`;
    this.note(`process ${bootId} starts`);
    this.isStarting = false;
    this.process = new ChaosProcess({
      ...{ time, machine, network, disk, market, script, bootId, codeVersion, configHash },
      onSubmit: (request) => {
        const { orderId, role, symbol, side, lots, priceTicks, triggerTicks } = request;
        this.note(
          `submit ${orderId} ${role} ${symbol} ${side} ${lots} at ${priceTicks || triggerTicks}`,
        );
        ledger.onSubmit(request);
      },
      onText: (text) => {
        this.texts.push(text);
        this.note(text);
      },
      poison: (event) => this.poison(event),
      isPoisoned: (event) => this.isPoisoned(event),
    });
    this.process.start();
  }

  /** `kill -9`, and the supervisor's next start. */
  crash(downMs = RESTART_MS): void {
    if (this.process === undefined) return;
    this.note('process dies');
    this.process.die();
    this.process = undefined;
    this.startIn(downMs);
  }

  /** A clean stop and the next start. */
  restart(): void {
    const { process } = this;
    if (process === undefined || process.time.isAsleep()) return;
    this.note('process is stopped');
    process.stop(() => {
      if (this.process !== process) return;
      process.die();
      this.process = undefined;
      this.startIn(RESTART_MS);
    });
  }

  /** Everything works from now on; the daemon is started again, as after a bad night. */
  calm(): void {
    const { network, gateway, disk, market } = this;
    this.note('calm from here on');
    network.restDownUntilMs = network.streamsDownUntilMs = 0;
    network.lineDeadUntilMs = network.silentUntilMs = network.extraUntilMs = 0;
    network.faults.length = 0;
    gateway.faults.clear();
    gateway.limits.bannedUntil = 0;
    gateway.hub.userDelayMs = 0;
    disk.slowUntilMs = disk.fullUntilMs = 0;
    market.thinUntilMs = market.gapUntilMs = 0;
    this.poison = () => {};
    this.restart();
  }

  private startIn(afterMs: number): void {
    if (this.isStarting) return;
    this.isStarting = true;
    this.time.wake(this.time.nowMs() + afterMs, () => this.start());
  }

  /** A start that did not get through ends the process. */
  private supervise(): void {
    if (this.process?.failure === undefined) return;
    this.note(`start failed: ${this.process.failure}`);
    this.crash();
  }

  isReachable(): boolean {
    const isSeeing = this.hasStream() && this.time.nowMs() >= this.blindUntilMs;
    return this.reachesRest() && !this.network.isSilent() && isSeeing;
  }

  /** A frame is lost for good: until the next look at the account nobody can know of it. */
  expectBlindness(ms: number): void {
    this.blindUntilMs = Math.max(this.blindUntilMs, this.time.nowMs() + ms);
  }

  isAfterOutage(): boolean {
    return this.time.nowMs() < this.network.restDownUntilMs + UNKNOWN_MS;
  }

  isBlind(): boolean {
    return this.reachesRest();
  }

  private reachesRest(): boolean {
    const { process, network } = this;
    if (process === undefined || process.time.isAsleep()) return false;
    const nowMs = this.time.nowMs();
    if (nowMs < network.restDownUntilMs || nowMs < this.slowUntilMs) return false;
    return nowMs >= this.gateway.limits.bannedUntil;
  }

  private hasStream(): boolean {
    return this.process?.session !== undefined && this.process.binance.stream.isHeard();
  }

  /** Until then positions of the symbol are not (only) ours. */
  setForeign(symbol: string, untilMs: number): void {
    this.foreign.set(symbol, Math.max(untilMs, this.foreign.get(symbol) ?? 0));
  }

  isForeign(symbol: string): boolean {
    if (this.hand.hasPosition(symbol)) return true;
    return this.time.nowMs() < (this.foreign.get(symbol) ?? 0);
  }

  note(text: string): void {
    this.trace?.(this.time.nowMs() - CHAOS_START_MS, text);
  }

  /** From the moment a frame is lost, or held back until the next one, nobody can know of it. */
  private watchFrames(): void {
    const { faults } = this.gateway;
    const forFrame = faults.forFrame.bind(faults);
    faults.forFrame = (category, text) => {
      const fault = forFrame(category, text);
      const isMissing = fault === 'drop' || fault === 'half' || fault === 'reorder';
      if (isMissing) this.expectBlindness(NEXT_LOOK_MS);
      return fault;
    };
  }

  private traceWire(): void {
    this.network.onRequest = ({ method, path, query, body }, answer) => {
      const shown = (query + body).replace(/&?(signature|recvWindow|timestamp)=[^&]*/g, '');
      const text = answer.kind === 'answer' ? answer.body.slice(0, 160) : answer.kind;
      this.note(`> ${method} ${path} ${shown} < ${answer.status} ${text}`);
    };
    const { hub } = this.gateway;
    const tell = hub.user.bind(hub);
    hub.user = (event) => {
      this.note(`frame ${JSON.stringify(event).slice(0, 300)}`);
      tell(event);
    };
    this.gateway.venue.listener = hub;
  }

  minutesMs(minutes: number): number {
    return CHAOS_START_MS + minutes * MINUTE_MS;
  }

  close(): void {
    this.disk.close();
  }
}

/** The venue's clock is the true time. */
function venueClock(time: VirtualTime): VenueClock {
  return {
    get now() {
      return time.nowMs();
    },
    at: (atMs, run) => {
      time.wake(atMs, run, 0);
    },
    after: (delayMs, run) => {
      time.wake(time.nowMs() + delayMs, run, 0);
    },
    advanceTo: () => {},
  };
}

/** What is not settled about the real venue is drawn: the daemon must do with either. */
function drawSettings(random: Random): Partial<VenueSettings> {
  const pick = <T>(list: readonly T[]): T => list[random.next() % list.length];
  return {
    countdownTakesAlgoOrders: pick([false, true]),
    triggerDelayMs: pick([0, 20, 300]),
    stopBeforeEntry: pick(['accept', 'refuse'] as const),
    closeStopBeforeEntry: pick(['accept', 'refuse'] as const),
    feesInBnb: pick([false, false, false, true]),
    oldAcknowledgement: pick([false, false, true]),
  };
}
