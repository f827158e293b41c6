import { spawn } from 'node:child_process';
import type { Envelope } from '../engine/event.ts';
import type { SessionObserver } from '../live/session-observer.ts';

/** Sends one notification; `done` hears why it could not be sent. */
export type Notify = (
  fields: readonly string[],
  done: (failure: string | undefined) => void,
) => void;

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID as systemd sets them. */
  env: Readonly<Record<string, string | undefined>>;
  pid: number;
  /** One line for `systemctl status`. */
  status: () => string;
  onFailure: (why: string) => void;
  notify?: Notify;
}

/** Three signs of life in each span that systemd waits for one. */
const SIGNS_A_SPAN = 3;

/**
 * Tells systemd that the daemon is ready, alive, stopping. Node has no unix datagram sockets, so the
 * messages leave by the `systemd-notify` program; the unit needs `NotifyAccess=all`. A loop that
 * hangs sends nothing, and systemd starts the daemon anew. Without systemd it does nothing.
 */
export class ServiceManager implements SessionObserver {
  declare private readonly options: ServiceManagerOptions;
  declare private readonly send: Notify;
  private timer: NodeJS.Timeout | undefined;
  private isReady = false;
  private hasFailed = false;
  private isSending = false;

  constructor(options: ServiceManagerOptions) {
    this.options = options;
    this.send = options.notify ?? systemdNotify(options.env);
  }

  /** Signs of life from now on: a long warm-up is no hang. */
  start(): void {
    const { env, pid } = this.options;
    const spanMs = Number(env.WATCHDOG_USEC ?? Number.NaN) / 1_000;
    const isOurs = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid);
    if (!this.isManaged() || !isOurs || !(spanMs > 0)) return;
    this.timer = setInterval(() => this.sign(), spanMs / SIGNS_A_SPAN);
    this.timer.unref();
    this.sign();
  }

  /** Ready when books and account agree and the history is there. */
  onHandled({ event }: Envelope): void {
    if (this.isReady || event.kind !== 'session.reconciled') return;
    this.isReady = true;
    this.tell(['READY=1', `STATUS=${this.options.status()}`]);
  }

  stop(): void {
    clearInterval(this.timer);
    this.tell(['STOPPING=1']);
  }

  private isManaged(): boolean {
    return (this.options.env.NOTIFY_SOCKET ?? '') !== '';
  }

  private sign(): void {
    // The one before has not left yet: another would only wait behind it.
    if (this.isSending) return;
    this.tell(['WATCHDOG=1', `STATUS=${this.options.status()}`]);
  }

  private tell(fields: readonly string[]): void {
    if (!this.isManaged()) return;
    this.isSending = true;
    this.send(fields, (failure) => {
      this.isSending = false;
      if (failure === undefined || this.hasFailed) return;
      this.hasFailed = true;
      this.options.onFailure(failure);
    });
  }
}

function systemdNotify(env: ServiceManagerOptions['env']): Notify {
  const { NOTIFY_SOCKET, PATH } = env;
  return (fields, done) => {
    let isOver = false;
    const once = (failure: string | undefined) => {
      if (!isOver) done(failure);
      isOver = true;
    };
    // Nothing of ours is handed on: no keys, no tokens.
    const child = spawn('systemd-notify', [...fields], {
      env: { NOTIFY_SOCKET, PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (part) => {
      text += part;
    });
    child.on('error', (error) => once(error.message));
    child.on('close', (code) => once(code === 0 ? undefined : text.trim() || `exit ${code}`));
  };
}
