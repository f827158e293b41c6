import { type Daemon, type DaemonOptions, sessionConfig } from '../compose-daemon.ts';
import { loadEnvironment, processEnvironment } from '../config.ts';
import { ObserverList, type SessionObserver } from '../live/session-observer.ts';
import { notifySettings } from '../notify/notify-settings.ts';
import { operatorActions } from '../notify/operator-bridge.ts';
import { type Notifying, startNotifying } from '../notify/start-notifying.ts';
import { Operator } from '../operator/operator.ts';
import { ServiceManager } from '../operator/service-manager.ts';
import { statusSections } from '../operator/status-sections.ts';
import { statusLine } from '../operator/status-text.ts';

/**
 * Log, messages, metrics and the like of a daemon. They are asked for before the session is made,
 * and loaded only after it is: protection must not wait for libraries that draw charts.
 */
export class DaemonWatchers {
  /** For the composition; tells nobody until `start`. */
  declare readonly observer: SessionObserver;
  private readonly targets: SessionObserver[] = [];
  private notifying: Notifying | undefined;
  private operator: Operator | undefined;
  private service: ServiceManager | undefined;
  private pauseReason: string | undefined;

  /** @throws AppError CONFIG_NOTIFY: what is wrong is refused before anything else begins */
  constructor(onFailure: (text: string) => void) {
    notifySettings(loadEnvironment());
    this.observer = new ObserverList(this.targets, onFailure);
  }

  /** Between composition and start of the session. */
  async start(daemon: Daemon, options: DaemonOptions, folder: string): Promise<void> {
    const { loaded, codeVersion, time } = options;
    const { mode, preset, market } = loaded.config;
    const { session } = daemon;
    const startedMs = time.nowMs();
    const info = {
      pid: process.pid,
      mode,
      codeVersion,
      configHash: loaded.hash,
      preset,
      startedMs,
    };
    const sections = statusSections(options, folder, () => session.core.engine);
    const operator = new Operator(
      { stateFolder: folder, daemon: info, time, sections },
      () => session,
    );
    if (this.pauseReason !== undefined) operator.pauseAtStart(this.pauseReason);
    await operator.listen();
    this.operator = operator;
    const service = new ServiceManager({
      env: processEnvironment(),
      pid: process.pid,
      status: () => statusLine(operator.report()),
      onFailure: (why) => session.tell('warning', 'SYSTEMD', `systemd does not hear us: ${why}`),
    });
    service.start();
    this.service = service;
    const actions = operatorActions(operator, 'telegram');
    this.notifying = await startNotifying({
      environment: loadEnvironment(),
      session: () => session,
      actions: () => actions,
      kept: sessionConfig(options, []),
      folder,
      label: `${mode} ${market.symbol}`,
      codeVersion,
      nowMs: () => time.nowMs(),
    });
    this.targets.push(operator, service, ...this.notifying.observers);
    this.notifying.start();
  }

  /** Entries stay off from the session's first event on. */
  pauseAtStart(reason: string): void {
    this.pauseReason = reason;
  }

  async stop(): Promise<void> {
    this.service?.stop();
    await this.operator?.stop();
    await this.notifying?.stop();
  }
}
