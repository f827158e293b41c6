import type { AlertRaise, OperatorNotify } from '../engine/effect.ts';
import type { EngineEvent, Envelope } from '../engine/event.ts';
import { DAY_MS } from '../engine/units.ts';
import type { WatchedSession } from '../metrics/account-gauges.ts';
import { alertMessage } from '../notify/alert-message.ts';
import type { LineLogger } from '../notify/decision-log.ts';
import { LineLimiter } from '../notify/line-limiter.ts';
import { keysOf, LIFE_MS, type PublishedStatus, STREAM_ENTRIES_MAX } from './keys.ts';
import { type Command, RedisLink } from './redis-link.ts';

const FLUSH_MS = 250;
const STATUS_MS = 1_000;
const ENTRIES_WAITING_MAX = 500;

export interface PublisherOptions {
  url: string;
  prefix: string;
  label: string;
  session: () => WatchedSession | undefined;
  trouble: () => string | undefined;
  logger: LineLogger;
  redact: (text: string) => string;
  flushMs?: number;
}

interface Flow {
  day: number;
  value: number;
  source: 'flow' | 'bars';
  atMs: number;
}

/**
 * Publishes what a session knows for other processes: the newest price, CVD, tags and betas, its
 * status, and streams of alerts and notices. Prices are states: only the newest counts, so nothing
 * piles up while Redis is away. Alerts and notices wait in a bounded queue and may come twice when
 * an answer was lost; readers drop repeats by `id`. Nothing here is waited for by trading.
 */
export class Publisher {
  /** Entries of streams that were given up. */
  dropped = 0;
  /** Values and entries that Redis has confirmed. */
  published = 0;
  declare readonly link: RedisLink;
  declare private readonly options: PublisherOptions;
  declare private readonly keys: ReturnType<typeof keysOf>;
  private readonly flows = new Map<string, Flow>();
  private readonly changed = new Set<string>();
  private readonly changedFlows = new Set<string>();
  private readonly entries: { key: string; json: string }[] = [];
  private readonly limiter = new LineLimiter({ perMinute: 2 });
  private hasNewBar = false;
  private lastMs = 0;
  private statusMs = 0;
  private noticeCount = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: PublisherOptions) {
    this.options = options;
    this.keys = keysOf(options.prefix);
    const { logger, redact } = options;
    const onTrouble = (why: string) => {
      const held = this.limiter.take('trouble', Date.now());
      if (held !== undefined) logger.warn({ why: redact(why), held }, 'redis: not published');
    };
    this.link = new RedisLink({ url: options.url, onTrouble });
  }

  /** Entries that wait for Redis. */
  get waiting(): number {
    return this.entries.length;
  }

  start(): void {
    this.link.connect();
    this.timer = setInterval(() => void this.flush(), this.options.flushMs ?? FLUSH_MS).unref();
  }

  /** The last values, if Redis takes them at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.statusMs = 0;
    await this.flush();
    this.link.close();
  }

  onHandled({ atMs, event }: Envelope): void {
    this.lastMs = atMs;
    switch (event.kind) {
      case 'flow.sampled':
        this.addFlow(event.symbol, event.buyVolume - event.sellVolume, { atMs, source: 'flow' });
        this.changed.add(event.symbol);
        return;
      case 'book.sampled':
      case 'mark.changed':
        this.changed.add(event.symbol);
        return;
      case 'bar.closed':
        return this.onBar(event, atMs);
      default:
    }
  }

  onAlert(alert: AlertRaise, atMs: number): void {
    this.queue(this.keys.alerts, alertMessage(alert, { atMs }));
  }

  onNotify({ level, code, text }: OperatorNotify, atMs: number): void {
    const id = `notice-${atMs}-${this.noticeCount++}`;
    const safe = this.options.redact(text);
    this.queue(this.keys.notices, { id, atMs, level, code, text: safe });
  }

  /** One batch of everything that is new, if Redis is there and has answered the last one. */
  async flush(): Promise<void> {
    const { link } = this;
    if (!link.isFree) return;
    const commands: Command[] = [];
    const symbols = [...this.changed];
    const flows = [...this.changedFlows];
    const taken = this.entries.length;
    const hadBar = this.hasNewBar;
    this.addValues(commands, symbols, flows);
    for (const { key, json } of this.entries) {
      commands.push(['xadd', key, 'MAXLEN', '~', STREAM_ENTRIES_MAX, '*', 'json', json]);
    }
    if (commands.length === 0) return;
    this.changed.clear();
    this.changedFlows.clear();
    this.hasNewBar = false;
    const before = this.dropped;
    const answers = await link.send(commands);
    if (answers !== undefined) {
      // What was dropped meanwhile went from the front.
      this.entries.splice(0, Math.max(0, taken - (this.dropped - before)));
      this.published += commands.length;
      return;
    }
    for (const symbol of symbols) this.changed.add(symbol);
    for (const symbol of flows) this.changedFlows.add(symbol);
    this.hasNewBar ||= hadBar;
    this.statusMs = 0;
  }

  private onBar(event: Extract<EngineEvent, { kind: 'bar.closed' }>, atMs: number): void {
    this.changed.add(event.symbol);
    this.hasNewBar = true;
    const { symbol, volume, takerBuyVolume, isWarmUp } = event;
    // Where trades are told one by one, bars would count them twice.
    if (isWarmUp || this.flows.get(symbol)?.source === 'flow') return;
    const delta = 2 * takerBuyVolume - volume;
    if (Number.isFinite(delta)) this.addFlow(symbol, delta, { atMs, source: 'bars' });
  }

  private addFlow(
    symbol: string,
    delta: number,
    { atMs, source }: { atMs: number; source: Flow['source'] },
  ): void {
    const day = Math.floor(atMs / DAY_MS);
    let flow = this.flows.get(symbol);
    if (flow === undefined || flow.day !== day || flow.source !== source) {
      flow = { day, value: 0, source, atMs };
      this.flows.set(symbol, flow);
    }
    flow.value += delta;
    flow.atMs = atMs;
    this.changedFlows.add(symbol);
  }

  private queue(key: string, value: object): void {
    this.entries.push({ key, json: JSON.stringify(value) });
    if (this.entries.length <= ENTRIES_WAITING_MAX) return;
    this.entries.shift();
    this.dropped++;
  }

  private addValues(commands: Command[], symbols: string[], flows: string[]): void {
    const session = this.options.session();
    const { keys, lastMs: atMs } = this;
    const set = (key: string, value: object, lifeMs: number) =>
      commands.push(['set', key, JSON.stringify(value), 'PX', lifeMs]);
    for (const symbol of flows) {
      const flow = this.flows.get(symbol);
      if (flow === undefined) continue;
      const day = new Date(flow.day * DAY_MS).toISOString().slice(0, 10);
      const value = { atMs: flow.atMs, day, value: flow.value, source: flow.source };
      set(keys.cvd(symbol), value, LIFE_MS.cvd);
    }
    if (session === undefined) return;
    const { engine } = session.core;
    const { market } = engine.inspect().kernel;
    for (const symbol of symbols) {
      const { last, bid, ask, mark, fundingRate } = market.of(symbol);
      // JSON has no NaN: it becomes null.
      set(keys.price(symbol), { atMs, last, bid, ask, mark, fundingRate }, LIFE_MS.price);
    }
    if (this.hasNewBar) {
      const insights = engine.strategies.flatMap((strategy) => strategy.insight?.() ?? []);
      for (const { symbol, tags, legs } of insights) {
        set(keys.tags(symbol), { atMs, tags }, LIFE_MS.tags);
        set(keys.beta, { atMs, main: symbol, legs }, LIFE_MS.beta);
      }
    }
    const nowMs = Date.now();
    if (nowMs - this.statusMs < STATUS_MS) return;
    this.statusMs = nowMs;
    set(keys.status, this.status(session), LIFE_MS.status);
  }

  private status({ core, isReady }: WatchedSession): PublishedStatus {
    const { kernel, open, halts } = core.engine.inspect();
    const positions = [...open.values()].flatMap(({ legs }) =>
      legs
        .filter(({ lots }) => lots > 0)
        .map(({ symbol, lots, direction }) => ({
          symbol,
          quantity: direction * kernel.instrument(symbol).quantity(lots),
        })),
    );
    return {
      atMs: this.lastMs,
      label: this.options.label,
      mode: kernel.mode,
      symbols: [...kernel.instruments.keys()],
      ready: isReady,
      trouble: this.options.trouble() ?? null,
      halts,
      equity: core.engine.equity(),
      openPackages: open.size,
      positions,
      sequence: core.seq,
    };
  }
}
