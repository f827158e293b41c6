import { randomInt } from 'node:crypto';
import type { OperatorNotify } from '../engine/effect.ts';
import { AppError, closestNames } from '../engine/error.ts';
import type { EngineEvent, Envelope, EventSource, OperatorCommand } from '../engine/event.ts';
import type { TimePort } from '../live/ports.ts';
import type { ControlRequest } from './control-protocol.ts';
import { ControlServer } from './control-server.ts';
import {
  type DaemonInfo,
  type NoticeStatus,
  type PackageStatus,
  packageStatus,
  type ReportedCore,
  type StatusReport,
  statusReport,
} from './status-report.ts';

const NOTICES_KEPT = 20;
const REASON_LENGTH_MAX = 200;
/** Long enough to read what would be closed, too short to be found in a scroll-back later. */
const CODE_MS = 60_000;
/** Without letters and digits that look alike. */
const CODE_LETTERS = 'ACDEFGHJKLMNPQRTUVWXY34679';
const CODE_LENGTH = 5;
/** A flatten takes a round trip or two; what is still open by then is reported as such. */
const FLATTEN_MS = 15_000;
const POLL_MS = 100;

/** What the operator needs of a session. */
export interface OperatedSession {
  readonly core: ReportedCore & { deliver(event: EngineEvent, source: EventSource): void };
  readonly isReady: boolean;
}

export interface OperatorOptions {
  stateFolder: string;
  daemon: DaemonInfo;
  time: TimePort;
  /** Further parts of the status, by name. */
  sections?: () => Record<string, unknown>;
}

export interface FlattenQuestion {
  code: string;
  expiresMs: number;
  packages: PackageStatus[];
  openOrders: number;
}

export interface FlattenReport {
  isFlat: boolean;
  tookMs: number;
  equity: number;
  remaining: PackageStatus[];
}

export const OPERATOR_COMMANDS = ['status', 'pause', 'resume', 'flatten'] as const;

/**
 * The operator's side of a session, whoever speaks for him: the control socket, a messenger. What he
 * wants is an event like any other, so it is journalled and replayed. Also an observer of the
 * session, for the notices that a status shows.
 */
export class Operator {
  declare private readonly options: OperatorOptions;
  declare private readonly session: () => OperatedSession;
  private readonly notices: NoticeStatus[] = [];
  private question: { code: string; expiresMs: number } | undefined;
  private server: ControlServer | undefined;
  private pauseReason: string | undefined;

  /** The session is made after its observers. */
  constructor(options: OperatorOptions, session: () => OperatedSession) {
    this.options = options;
    this.session = session;
  }

  /** @throws AppError CONTROL_FOLDER, CONTROL_IN_USE */
  async listen(): Promise<string> {
    const handler = (request: ControlRequest) => this.handle(request, 'qcm');
    this.server = await ControlServer.listen(this.options.stateFolder, handler);
    return this.server.path;
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  onNotify({ level, code, text }: OperatorNotify, atMs: number): void {
    this.notices.push({ atMs, level, code, text });
    if (this.notices.length > NOTICES_KEPT) this.notices.shift();
  }

  /**
   * @param speaker who asks, as the journal will name him
   * @throws AppError CONTROL_COMMAND, CONTROL_CODE
   */
  handle(request: ControlRequest, speaker: string): unknown {
    const { command, arguments: given } = request;
    const reason = reasonOf(given.reason, speaker);
    switch (command) {
      case 'status':
        return this.status();
      case 'pause':
        return this.deliver('pause', reason);
      case 'resume':
        if (given.acceptDrawdown === true) this.deliver('acceptDrawdown', reason);
        return this.deliver('resume', reason);
      case 'flatten':
        if (given.code === undefined) return this.ask();
        return this.flatten(String(given.code), reason);
      default: {
        const near = closestNames(command, OPERATOR_COMMANDS);
        const hint = `known: ${(near.length > 0 ? near : OPERATOR_COMMANDS).join(', ')}`;
        throw new AppError('CONTROL_COMMAND', `the daemon knows no command "${command}"`, hint);
      }
    }
  }

  /** Once the session has begun: entries stay off until somebody has looked. */
  pauseAtStart(reason: string): void {
    this.pauseReason = reason;
  }

  onHandled({ event }: Envelope): void {
    if (event.kind !== 'session.started' || this.pauseReason === undefined) return;
    const reason = this.pauseReason;
    this.pauseReason = undefined;
    this.deliver('pause', reason);
  }

  /** Books and entries alone: quick enough to be asked every few seconds. */
  report(): StatusReport {
    const { daemon, time } = this.options;
    const { core, isReady } = this.session();
    const { notices } = this;
    return statusReport({ core, isReady, daemon, nowMs: time.nowMs(), notices });
  }

  status(): StatusReport & Record<string, unknown> {
    const { sections } = this.options;
    const report = this.report();
    try {
      return { ...report, ...sections?.() };
    } catch (error) {
      // Books and entries are what an operator in trouble needs; the rest may be missing.
      const why = error instanceof Error ? error.message : String(error);
      return { ...report, incomplete: why };
    }
  }

  /** First step: what would be closed, and the word that makes it so. */
  private ask(): FlattenQuestion {
    const code = Array.from({ length: CODE_LENGTH }, () => letter()).join('');
    const expiresMs = this.options.time.nowMs() + CODE_MS;
    this.question = { code, expiresMs };
    const { packages, openOrders } = this.status();
    return { code, expiresMs, packages, openOrders };
  }

  /** Second step: entries off, exits out (one event does both, in this order), then the report. */
  private async flatten(code: string, reason: string): Promise<FlattenReport> {
    const { question, options } = this;
    const { time } = options;
    const isKnown = question !== undefined && question.code === code.toUpperCase();
    if (!isKnown || time.nowMs() > question.expiresMs) {
      const text = isKnown ? 'the code is older than a minute' : 'this is not the code';
      // A wrong code spoils the question: nobody finds it by trying.
      this.question = undefined;
      throw new AppError('CONTROL_CODE', text, 'qcm flatten shows what would be closed and a code');
    }
    this.question = undefined;
    const beganMs = time.nowMs();
    this.deliver('flatten', reason);
    return new Promise((resolve) => {
      const look = () => {
        const tookMs = time.nowMs() - beganMs;
        const { engine } = this.session().core;
        const { open } = engine.inspect();
        if (open.size > 0 && tookMs < FLATTEN_MS) {
          time.wake(time.nowMs() + POLL_MS, look);
          return;
        }
        const remaining = [...open.values()].map((trade) => packageStatus(engine, trade));
        resolve({ isFlat: open.size === 0, tookMs, equity: engine.equity(), remaining });
      };
      look();
    });
  }

  private deliver(command: OperatorCommand, reason: string): StatusReport {
    this.session().core.deliver({ kind: 'command.received', command, reason }, 'operator');
    return this.status();
  }
}

function reasonOf(given: unknown, speaker: string): string {
  const text = typeof given === 'string' ? given.slice(0, REASON_LENGTH_MAX) : '';
  return text === '' ? `by ${speaker}` : `by ${speaker}: ${text}`;
}

function letter(): string {
  return CODE_LETTERS[randomInt(CODE_LETTERS.length)];
}
