import type {
  AlertRaise,
  DecisionRecord,
  Effect,
  OperatorNotify,
  OrderSubmit,
} from '../engine/effect.ts';
import type { EngineEvent, Envelope } from '../engine/event.ts';
import { Instrument } from '../engine/instrument.ts';
import type { InstrumentSpec } from '../engine/instrument-spec.ts';
import { LineLimiter } from './line-limiter.ts';
import type { LogLevel } from './process-log.ts';

/** The part of a pino logger that is used. */
export type LineLogger = Record<LogLevel, (fields: object, phrase: string) => void>;

interface Line {
  level: LogLevel;
  /** Lines of one kind share a limit. */
  kind: string;
  phrase: string;
  fields: Record<string, unknown>;
}

const LEVEL_OF_NOTICE = { info: 'info', warning: 'warn', alarm: 'error' } as const;

/**
 * The story of a session, as log lines: each decision with its reasons, each order and what became
 * of it, and every fact that an operator would ask about. Market data is not logged. Lines of one
 * kind are limited, so that a fault that repeats cannot fill a disk; what was held back is said.
 */
export class DecisionLog {
  declare private readonly logger: LineLogger;
  declare private readonly limiter: LineLimiter;
  declare private readonly nowMs: () => number;
  private readonly instruments = new Map<string, Instrument>();

  constructor(options: { logger: LineLogger; perMinute?: number; nowMs?: () => number }) {
    this.logger = options.logger;
    this.limiter = new LineLimiter({ perMinute: options.perMinute ?? 60 });
    this.nowMs = options.nowMs ?? Date.now;
  }

  onEffect(effect: Effect, atMs: number): void {
    const line = effect.kind === 'order.submit' ? this.orderLine(effect) : effectLine(effect);
    if (line !== undefined) this.write(line, atMs);
  }

  onHandled({ seq, atMs, event }: Envelope): void {
    if (event.kind === 'session.started') for (const spec of event.instruments) this.learn(spec);
    else if (event.kind === 'instrument.changed') this.learn(event.spec);
    const line = eventLine(event);
    if (line !== undefined) this.write({ ...line, fields: { seq, ...line.fields } }, atMs);
  }

  onAlert(alert: AlertRaise, atMs: number): void {
    const { kind, strategyId: strategy, ...fields } = alert;
    this.write({ level: 'info', kind, phrase: 'alert', fields: { strategy, ...fields } }, atMs);
  }

  onNotify({ level, code, text }: OperatorNotify, atMs: number): void {
    const line = { level: LEVEL_OF_NOTICE[level], kind: `notice ${code}`, phrase: text };
    this.write({ ...line, fields: { code } }, atMs);
  }

  onStopped(): void {
    this.logger.info({ held: this.limiter.heldCount }, 'session stopped');
  }

  private learn(spec: InstrumentSpec): void {
    this.instruments.set(spec.symbol, new Instrument(spec));
  }

  /** With prices for people; an order of filters that are not known yet has its ticks only. */
  private orderLine({ request }: OrderSubmit): Line {
    const { orderId: order, tradeId: trade, role, symbol, side, type, timeInForce } = request;
    const { lots, priceTicks, triggerTicks } = request;
    const instrument = this.instruments.get(symbol);
    const numbers: Record<string, number> = { lots, priceTicks, triggerTicks };
    if (instrument !== undefined && instrument.version === request.instrumentVersion) {
      numbers.quantity = instrument.quantity(lots);
      if (priceTicks > 0) numbers.price = instrument.price(priceTicks);
      if (triggerTicks > 0) numbers.trigger = instrument.price(triggerTicks);
    }
    const fields = { order, trade, role, symbol, side, type, timeInForce, ...numbers };
    return { level: 'info', kind: `order ${role}`, phrase: `order planned: ${role}`, fields };
  }

  private write({ level, kind, phrase, fields }: Line, atMs: number): void {
    const held = this.limiter.take(kind, this.nowMs());
    if (held === undefined) return;
    const at = new Date(atMs).toISOString();
    this.logger[level]({ at, ...fields, ...(held > 0 ? { held } : {}) }, phrase);
  }
}

function effectLine(effect: Effect): Line | undefined {
  switch (effect.kind) {
    case 'decision.record':
      return decisionLine(effect);
    case 'order.cancel': {
      const { orderId: order, symbol } = effect;
      return { level: 'info', kind: effect.kind, phrase: 'cancel', fields: { order, symbol } };
    }
    default:
      return undefined;
  }
}

function decisionLine({ decision, reasons, symbol, ...ids }: DecisionRecord): Line {
  const { strategyId: strategy, tradeId: trade } = ids;
  const fields: Record<string, unknown> = { decision, symbol, reasons };
  if (strategy !== '') fields.strategy = strategy;
  if (trade !== '') fields.trade = trade;
  const rule = refusingRule(decision, reasons);
  if (rule !== undefined) fields.rule = rule;
  const what = rule === undefined ? decision : `${decision} by ${rule}`;
  return {
    level: 'info',
    kind: `decision ${decision} ${symbol}`,
    phrase: `decision: ${symbol} ${what}`,
    fields,
  };
}

/** Reasons are `<rule>: <why>`; the last of a refusal is the one that refused. */
export function refusingRule(decision: string, reasons: readonly string[]): string | undefined {
  if (!decision.startsWith('declined')) return undefined;
  return /^([A-Za-z]\w*):/.exec(reasons.at(-1) ?? '')?.[1];
}

function eventLine(event: EngineEvent): Line | undefined {
  const { kind } = event;
  const line = (level: LogLevel, phrase: string, fields: object = {}): Line => ({
    level,
    kind,
    phrase,
    fields: { ...fields },
  });
  switch (event.kind) {
    case 'session.started': {
      const { mode, bootId, codeVersion, configHash, leverage } = event;
      return line('info', 'session started', { mode, bootId, codeVersion, configHash, leverage });
    }
    case 'session.reconciled':
      return line('info', 'books and venue agree');
    case 'order.filled': {
      const { kind: _, ...fields } = event;
      return line(event.origin === 'own' ? 'info' : 'error', 'fill', fields);
    }
    case 'order.rejected': {
      const { orderId: order, code, reason } = event;
      const phrase = code === -1 ? 'order withheld' : 'order refused by the venue';
      return line('warn', phrase, { order, code, reason });
    }
    case 'order.accepted':
      return line('debug', 'order accepted', { order: event.orderId });
    case 'order.cancelled':
    case 'order.expired':
      return line('info', kind.replace('.', ' '), { order: event.orderId });
    case 'order.cancelRejected':
    case 'order.unknown':
      return line('warn', kind.replace('.', ' '), { order: event.orderId, reason: event.reason });
    case 'stop.triggered':
      return line('info', 'stop triggered', { order: event.orderId });
    case 'stop.rejected':
      return line('error', 'stop refused', { order: event.orderId, reason: event.reason });
    case 'position.liquidated':
      return line('error', 'position liquidated', { symbol: event.symbol });
    case 'position.reported':
      return line('warn', 'position differs from the books', { symbol: event.symbol });
    default:
      return operationLine(event, line);
  }
}

type LineMaker = (level: LogLevel, phrase: string, fields?: object) => Line;

function operationLine(event: EngineEvent, line: LineMaker): Line | undefined {
  switch (event.kind) {
    case 'feed.gapped':
      return line('warn', 'market data is missing', { symbol: event.symbol, why: event.reason });
    case 'feed.recovered':
      return line('info', 'market data is back', { symbol: event.symbol });
    case 'clock.stepped':
      return line('warn', 'clock stepped', { stepMs: event.stepMs });
    case 'entries.blocked':
      return line('warn', 'entries blocked', { reason: event.reason });
    case 'entries.released':
      return line('info', 'entries released', { reason: event.reason });
    case 'command.received':
      return line('warn', `command: ${event.command}`, { reason: event.reason });
    case 'funding.settled':
      return line('info', 'funding', { symbol: event.symbol, rate: event.rate });
    default:
      return undefined;
  }
}
