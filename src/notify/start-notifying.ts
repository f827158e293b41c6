import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionConfig } from '../compose-live.ts';
import type { Environment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import type { SessionObserver } from '../live/session-observer.ts';
import type { WatchedSession } from '../metrics/account-gauges.ts';
import type { MetricsServer } from '../metrics/metrics-server.ts';
import type { OutletCounts, SessionMetrics } from '../metrics/session-metrics.ts';
import type { Publisher } from '../publish/publisher.ts';
import { lastTrades } from './closed-trades.ts';
import { DecisionLog } from './decision-log.ts';
import { Heartbeat } from './heartbeat.ts';
import { Messenger } from './messenger.ts';
import { type NotifySettings, notifySettings } from './notify-settings.ts';
import type { OperatorActions } from './operator-actions.ts';
import { type LogLevel, openProcessLog, type ProcessLog } from './process-log.ts';
import { Redactor, secretsOf } from './redactor.ts';
import { SessionHealth } from './session-health.ts';
import type { Telegram } from './telegram.ts';
import { Webhook } from './webhook.ts';

const LOG_FILE = 'qcm.log';
const STOP_GRACE_MS = 2_000;

export interface NotifyingOptions {
  environment: Readonly<Partial<Environment>>;
  /** Asked when somebody wants to know; undefined until there is one. */
  session: () => WatchedSession | undefined;
  /** What Telegram commands call; undefined until they can be carried out. */
  actions: () => OperatorActions | undefined;
  /** What the engine is made of: guards are asked on a copy made from it. */
  kept: Omit<SessionConfig, 'tickSize'>;
  /** Folder of the store. */
  folder: string;
  /** Which daemon speaks, e.g. "paper BTCUSDT". */
  label: string;
  codeVersion: string;
  /** Engine time. */
  nowMs: () => number;
  /** Made here when left out: `qcm.log` in the folder, unless QCM_LOG_FILE says otherwise. */
  log?: ProcessLog;
}

/** Everything that tells the world about a session and lets it ask. */
export interface Notifying {
  /** To be handed to the composition of the session. */
  observers: readonly SessionObserver[];
  log: ProcessLog;
  /** Sockets and loops; the session may be there or not yet. */
  start(): void;
  /** Says what is still to be said, for at most a few seconds. */
  stop(): Promise<void>;
  /** Port of the metrics, while they listen. */
  metricsPort(): number | undefined;
  trouble(): string | undefined;
}

/**
 * Builds whatever the environment configures: the log always; Telegram, webhook, heartbeat,
 * metrics and Redis when they are set. All of them only watch, all are bounded, none can hold up or
 * hurt the session, and the libraries of what is not set are not even loaded.
 * @throws AppError CONFIG_NOTIFY when a setting is wrong; nothing has been started then
 */
export async function startNotifying(options: NotifyingOptions): Promise<Notifying> {
  const { environment, session, nowMs } = options;
  const settings = notifySettings(environment);
  const redactor = new Redactor(secretsOf(environment));
  const log = options.log ?? openLog(options, settings.logLevel, redactor);
  const { logger } = log;
  const health = new SessionHealth({ session, nowMs, barMs: options.kept.signalTimeframeMs });
  const trouble = () => health.trouble();
  const channels = await channelsOf(options, settings, { log, redactor });
  const { telegram, webhook } = channels;
  const spoken = [telegram, webhook].filter((channel) => channel !== undefined);
  const messenger = new Messenger({
    channels: spoken,
    level: settings.level,
    label: options.label,
    trades: () => lastTrades(options.folder),
    equity: () => session()?.core.engine.equity() ?? Number.NaN,
    onFailure: (why) => logger.error({ why }, 'the daily summary could not be made'),
  });
  const heartbeat =
    settings.heartbeatUrl === undefined
      ? undefined
      : new Heartbeat({ url: settings.heartbeatUrl, trouble, logger });
  const publisher = await publisherOf(options, settings, { log, redactor, trouble });
  const outlets = (): OutletCounts[] => [
    ...spoken.map(({ name, outbox }) => ({
      outlet: name,
      counts: { ...outbox.counts },
      waiting: outbox.length,
    })),
    { outlet: 'log', counts: { dropped: log.dropped() }, waiting: 0 },
    ...(heartbeat === undefined ? [] : [heartbeatCounts(heartbeat)]),
    ...(publisher === undefined ? [] : [publisherCounts(publisher)]),
  ];
  const metrics = await metricsOf(options, settings, { outlets, trouble, log });
  const observers: SessionObserver[] = [new DecisionLog({ logger }), health, messenger];
  if (metrics !== undefined) observers.push(metrics.session);
  if (publisher !== undefined) observers.push(publisher);
  return {
    observers,
    log,
    start: () => {
      telegram?.start();
      heartbeat?.start();
      metrics?.server.start();
      publisher?.start();
    },
    stop: async () => {
      heartbeat?.stop();
      const closing = [telegram?.stop(), webhook?.stop(STOP_GRACE_MS), metrics?.server.stop()];
      closing.push(publisher?.stop());
      await Promise.allSettled(closing);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, STOP_GRACE_MS);
        log.flush(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    metricsPort: () => metrics?.server.port,
    trouble,
  };
}

function openLog(
  { environment, folder }: NotifyingOptions,
  level: LogLevel,
  redactor: Redactor,
): ProcessLog {
  const path = environment.logFile ?? join(folder, LOG_FILE);
  try {
    return openProcessLog({ level, redactor, path });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('CONFIG_NOTIFY', `QCM_LOG_FILE cannot be written: ${why}`);
  }
}

async function channelsOf(
  { actions }: NotifyingOptions,
  settings: NotifySettings,
  { log, redactor }: { log: ProcessLog; redactor: Redactor },
): Promise<{ telegram: Telegram | undefined; webhook: Webhook | undefined }> {
  const { logger } = log;
  const common = { logger, redactor };
  const { telegram, webhook } = settings;
  const startedMs = Date.now() - process.uptime() * 1_000;
  const bot = async (given: NonNullable<NotifySettings['telegram']>) => {
    const { Telegram } = await import('./telegram.ts');
    return new Telegram({ ...given, ...common, startedMs, actions });
  };
  return {
    telegram: telegram === undefined ? undefined : await bot(telegram),
    webhook: webhook === undefined ? undefined : new Webhook({ ...webhook, ...common }),
  };
}

async function publisherOf(
  { session, label }: NotifyingOptions,
  { redis }: NotifySettings,
  how: { log: ProcessLog; redactor: Redactor; trouble: () => string | undefined },
): Promise<Publisher | undefined> {
  if (redis === undefined) return undefined;
  const { log, redactor, trouble } = how;
  const { Publisher } = await import('../publish/publisher.ts');
  const redact = (text: string) => redactor.clean(text);
  return new Publisher({ ...redis, session, label, trouble, logger: log.logger, redact });
}

async function metricsOf(
  options: NotifyingOptions,
  { metrics: given }: NotifySettings,
  how: { outlets: () => OutletCounts[]; trouble: () => string | undefined; log: ProcessLog },
): Promise<{ session: SessionMetrics; server: MetricsServer } | undefined> {
  if (given === undefined) return undefined;
  const { SessionMetrics } = await import('../metrics/session-metrics.ts');
  const { MetricsServer } = await import('../metrics/metrics-server.ts');
  const { BreakerProbe } = await import('../metrics/breaker-probe.ts');
  const { rulesOfPreset } = await import('../compose-rules.ts');
  const { kept, nowMs, folder, codeVersion: version } = options;
  const { config, legSymbols, finestTimeframeMs, signalTimeframeMs, events: calendar } = kept;
  const mainSymbol = config.market.symbol;
  const rules = rulesOfPreset(config, {
    mainSymbol,
    symbols: [mainSymbol, ...legSymbols],
    finestTimeframeMs,
    signalTimeframeMs,
    calendar,
    equityStopOnBreach: kept.equityStopOnBreach,
  });
  const riskPercent = config.risk.perTradePercent;
  const breakers = new BreakerProbe({ rules, symbol: mainSymbol, riskPercent });
  const journalBytes = () => bytesOf(folder);
  const { outlets, trouble, log } = how;
  const sources = { session: options.session, version, breakers, journalBytes, outlets, nowMs };
  const session = new SessionMetrics(sources);
  const { registry } = session;
  const server = new MetricsServer({ ...given, registry, trouble, logger: log.logger });
  return { session, server };
}

function heartbeatCounts({ sent, failed, withheld }: Heartbeat): OutletCounts {
  return { outlet: 'heartbeat', counts: { sent, failed, withheld }, waiting: 0 };
}

function publisherCounts({ published, dropped, link, waiting }: Publisher): OutletCounts {
  const counts = { sent: published, dropped, failed: link.failed };
  return { outlet: 'redis', counts, waiting };
}

async function bytesOf(folder: string): Promise<number> {
  const names = ['qcm.db', 'qcm.db-wal'];
  const sizes = await Promise.allSettled(names.map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value.size : 0), 0);
}
