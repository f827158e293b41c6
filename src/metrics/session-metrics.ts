import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AlertRaise, Effect, OperatorNotify } from '../engine/effect.ts';
import type { Envelope } from '../engine/event.ts';
import { refusingRule } from '../notify/decision-log.ts';
import { collectAccount, type WatchedSession } from './account-gauges.ts';
import type { BreakerProbe, BreakerState } from './breaker-probe.ts';
import { OrderTiming } from './order-timing.ts';
import { StreamAges } from './stream-ages.ts';

/** From what a local engine needs to what a venue on another continent does. */
const LATENCY_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
];
const OUTCOME_VALUE: Record<BreakerState['outcome'], number> = {
  allow: 0,
  shrink: 1,
  refuse: 2,
  flatten: 3,
};
const LAG_RESOLUTION_MS = 10;

export interface SessionMetricsOptions {
  /** Undefined until there is one; gauges of the account stay away then. */
  session: () => WatchedSession | undefined;
  version: string;
  /** Asks the guards at each scrape; left out where there are none. */
  breakers?: Pick<BreakerProbe, 'read'>;
  /** Bytes of the journal on the disk. */
  journalBytes?: () => Promise<number>;
  /** Counts of messages, drops and the like, by metric label. */
  outlets?: () => readonly OutletCounts[];
  /** Engine time, for ages. */
  nowMs?: () => number;
}

/** What an outlet (Telegram, webhook, Redis, log, heartbeat) has done since the start. */
export interface OutletCounts {
  outlet: string;
  counts: Readonly<Record<string, number>>;
  waiting: number;
}

/**
 * Everything that is measured of a session, as Prometheus metrics in a registry of its own.
 * Counters move with events; gauges are read when somebody asks.
 */
export class SessionMetrics {
  readonly registry = new Registry();
  readonly ages = new StreamAges();
  declare private readonly options: SessionMetricsOptions;
  declare private readonly nowMs: () => number;
  declare private readonly timing: OrderTiming;
  private readonly eventCounts = new Map<string, number>();
  private readonly lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  declare private readonly decisions: Counter<'decision'>;
  declare private readonly refusals: Counter<'rule'>;
  declare private readonly alerts: Counter<'symbol' | 'side'>;
  declare private readonly notices: Counter<'level' | 'code'>;
  declare private readonly stages: Histogram<'stage'>;

  constructor(options: SessionMetricsOptions) {
    this.options = options;
    this.nowMs = options.nowMs ?? Date.now;
    this.decisions = this.counter('qcm_decisions_total', 'Decisions, by kind', ['decision']);
    this.refusals = this.counter('qcm_refusals_total', 'Declined signals, by rule', ['rule']);
    this.alerts = this.counter('qcm_alerts_total', 'Alerts raised', ['symbol', 'side']);
    this.notices = this.counter('qcm_notices_total', 'Told to the operator', ['level', 'code']);
    this.stages = new Histogram({
      name: 'qcm_latency_seconds',
      help: 'Time of each stage, engine clock: bar_close_to_event, event_to_done, order stages',
      labelNames: ['stage'] as const,
      buckets: LATENCY_SECONDS,
      registers: [this.registry],
    });
    this.timing = this.orderTiming();
    this.processGauges();
    this.sessionGauges();
    this.lag.enable();
  }

  onHandled({ seq, atMs, source, event }: Envelope): void {
    const { kind } = event;
    this.eventCounts.set(kind, (this.eventCounts.get(kind) ?? 0) + 1);
    this.ages.see(event, source, atMs);
    this.timing.onEvent(event, atMs);
    if (kind === 'bar.closed' && !event.isWarmUp) {
      const closeMs = event.openTime + event.timeframeMs;
      this.stages.observe({ stage: 'bar_close_to_event' }, Math.max(0, atMs - closeMs) / 1_000);
    }
    // Each of the thousands would cost more than it tells.
    if (seq % 16 === 0 || source === 'venue') {
      this.stages.observe({ stage: 'event_to_done' }, Math.max(0, this.nowMs() - atMs) / 1_000);
    }
  }

  onEffect(effect: Effect, atMs: number): void {
    this.timing.onEffect(effect, atMs);
    if (effect.kind !== 'decision.record') return;
    const { decision, reasons } = effect;
    // The tag of a declined signal is in the log; as a label it would make too many series.
    const isDeclined = decision.startsWith('declined');
    this.decisions.inc({ decision: isDeclined ? 'declined' : decision });
    if (isDeclined) this.refusals.inc({ rule: refusingRule(decision, reasons) ?? 'signal' });
  }

  onSent(orderId: string, atMs: number): void {
    this.timing.onSent(orderId, atMs);
  }

  onAlert({ symbol, side }: AlertRaise): void {
    this.alerts.inc({ symbol, side });
  }

  onNotify({ level, code }: OperatorNotify): void {
    this.notices.inc({ level, code });
  }

  onStopped(): void {
    this.lag.disable();
  }

  private orderTiming(): OrderTiming {
    const labels = ['role', 'outcome'];
    const orders = this.counter(
      'qcm_orders_total',
      'Orders, by role and what came of them',
      labels,
    );
    const fills = this.counter('qcm_fills_total', 'Fills', ['role', 'liquidity']);
    const protection = new Histogram({
      name: 'qcm_protection_latency_seconds',
      help: 'From a fill that opens or grows a position to the acknowledged stop that covers it',
      buckets: LATENCY_SECONDS,
      registers: [this.registry],
    });
    const timing = new OrderTiming({
      onOutcome: (role, outcome) => orders.inc({ role, outcome }),
      onFill: (role, liquidity) => fills.inc({ role, liquidity }),
      onStage: (stage, seconds) => this.stages.observe({ stage }, Math.max(0, seconds)),
      onProtected: (seconds) => protection.observe(Math.max(0, seconds)),
    });
    this.gauge(
      'qcm_uncovered_positions',
      'Positions with a fill no acknowledged stop covers',
      [],
      (gauge) => gauge.set(this.timing.uncovered),
    );
    return timing;
  }

  private processGauges(): void {
    const { version } = this.options;
    this.gauge(
      'qcm_build_info',
      'Always 1; the labels say what runs',
      ['version', 'mode'],
      (gauge) => {
        gauge.reset();
        const mode = this.options.session()?.core.engine.inspect().kernel.mode ?? 'starting';
        gauge.set({ version, mode }, 1);
      },
    );
    this.gauge('qcm_start_time_seconds', 'When the process began', [], (gauge) =>
      gauge.set(Math.round(Date.now() / 1_000 - process.uptime())),
    );
    this.gauge('qcm_memory_bytes', 'Memory of the process', ['kind'], (gauge) => {
      const { rss, heapUsed, external } = process.memoryUsage();
      gauge.set({ kind: 'rss' }, rss);
      gauge.set({ kind: 'heap_used' }, heapUsed);
      gauge.set({ kind: 'external' }, external);
    });
    const lagHelp = 'How late the event loop was since the last scrape';
    this.gauge('qcm_event_loop_lag_seconds', lagHelp, ['quantile'], (gauge) => {
      const { lag } = this;
      // The sampler counts its own interval; what is above it is lag.
      const late = (ns: number) => Math.max(0, ns / 1e9 - LAG_RESOLUTION_MS / 1e3);
      const isEmpty = lag.count === 0;
      gauge.set({ quantile: '0.5' }, isEmpty ? 0 : late(lag.percentile(50)));
      gauge.set({ quantile: '0.99' }, isEmpty ? 0 : late(lag.percentile(99)));
      gauge.set({ quantile: '1' }, isEmpty ? 0 : late(lag.max));
      lag.reset();
    });
    this.gauge('qcm_journal_bytes', 'Journal on the disk', [], async (gauge) =>
      gauge.set((await this.options.journalBytes?.()) ?? 0),
    );
    const outlets = this.options.outlets ?? (() => []);
    const help = 'Messages of each outlet since the start';
    this.tally('qcm_outlet_messages_total', help, ['outlet', 'outcome'], (add) => {
      for (const { outlet, counts } of outlets()) {
        for (const [outcome, count] of Object.entries(counts)) add({ outlet, outcome }, count);
      }
    });
    this.gauge('qcm_outlet_waiting', 'Messages that wait to be sent', ['outlet'], (gauge) => {
      for (const { outlet, waiting } of outlets()) gauge.set({ outlet }, waiting);
    });
  }

  private sessionGauges(): void {
    const { breakers, session } = this.options;
    this.tally('qcm_events_total', 'Events handled since the start', ['kind'], (add) => {
      for (const [kind, count] of this.eventCounts) add({ kind }, count);
    });
    this.gauge(
      'qcm_stream_age_seconds',
      'Since a stream said something',
      ['stream', 'symbol'],
      (gauge) => {
        const nowMs = this.nowMs();
        this.ages.each((stream, symbol, lastMs) => {
          gauge.set({ stream, symbol }, Math.max(0, nowMs - lastMs) / 1_000);
        });
        const { lastVenueMs } = this.ages;
        if (Number.isNaN(lastVenueMs)) return;
        gauge.set({ stream: 'venue', symbol: '' }, Math.max(0, nowMs - lastVenueMs) / 1_000);
      },
    );
    const help = 'What a guard says to an entry: 0 allow, 1 shrink, 2 refuse, 3 close everything';
    this.gauge('qcm_breaker_state', help, ['rule', 'side'], (gauge) => {
      const engine = session()?.core.engine;
      if (engine === undefined || breakers === undefined) return;
      for (const { rule, side, outcome } of breakers.read(engine)) {
        gauge.set({ rule, side }, OUTCOME_VALUE[outcome]);
      }
    });
    collectAccount(session, (name, text, labels, collect) =>
      this.gauge(name, text, labels, collect),
    );
  }

  private counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** A counter that is counted elsewhere and read at a scrape. */
  private tally<T extends string>(
    name: string,
    help: string,
    labelNames: T[],
    read: (add: (labels: Record<T, string>, count: number) => void) => void,
  ): void {
    const counter: Counter<T> = new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => {
        counter.reset();
        read((labels, count) => counter.inc(labels, count));
      },
    });
  }

  private gauge(
    name: string,
    help: string,
    labelNames: string[],
    collect: (gauge: Gauge) => void | Promise<void>,
  ): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => collect(gauge),
    });
  }
}
