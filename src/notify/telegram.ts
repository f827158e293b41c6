import { Api, Bot, type Context, GrammyError } from 'grammy';
import type { LineLogger } from './decision-log.ts';
import { LineLimiter } from './line-limiter.ts';
import type { OperatorActions } from './operator-actions.ts';
import { Outbox, type OutboxOptions, type OutMessage, type SendOutcome } from './outbox.ts';
import type { Redactor } from './redactor.ts';
import { TelegramCommands } from './telegram-commands.ts';
import { batchText, fitting } from './telegram-texts.ts';

/** A command that took this long to arrive is not carried out any more. */
const COMMAND_AGE_MAX_MS = 60_000;
const POLL_SECONDS = 25;
const SEND_SECONDS_MAX = 15;
const RESTART_MS = 30_000;
const RESTART_MAX_MS = 600_000;
const STOP_GRACE_MS = 2_000;
const HOUR_IN_MINUTES = 60;

/** The library's own type of a signal; those of Node work as well. */
type CallSignal = Parameters<Bot['init']>[0];

export interface TelegramOptions {
  token: string;
  /** Chats whose commands are taken; the first gets the messages. */
  chats: readonly number[];
  /** Users whose commands are taken; empty: commands are not even asked for. */
  users: readonly number[];
  isReadOnly: boolean;
  /** Another Bot API server. */
  apiRoot?: string;
  /** Commands written before are not ours to carry out. */
  startedMs: number;
  actions: () => OperatorActions | undefined;
  logger: LineLogger;
  redactor: Redactor;
  nowMs?: () => number;
  outbox?: Partial<OutboxOptions>;
  /** First wait before asking again after a refusal, e.g. of the token. */
  restartMs?: number;
}

/**
 * Messages to and commands from Telegram. Trading never waits for it: sending goes through a
 * bounded outbox, and the poll is a loop of its own that starts again whatever happens. A command
 * counts only from a listed user in a listed chat, written after the process began and less than a
 * minute ago. Somebody else gets no answer; the log gets a line.
 */
export class Telegram {
  readonly name = 'telegram';
  declare readonly outbox: Outbox;
  declare private readonly options: TelegramOptions;
  declare private readonly api: Api;
  declare private readonly bot: Bot;
  declare private readonly nowMs: () => number;
  private readonly strangers = new LineLimiter({ perMinute: 10 });
  private readonly seen = new Map<number, number>();
  private restartTimer: NodeJS.Timeout | undefined;
  private refusals = 0;
  /** Ends what asks who we are: the library would try for good. */
  private readonly starting = new AbortController();
  /** Ends what hangs when everything has had its time: an open call keeps a process alive. */
  private readonly ending = new AbortController();
  private isStopped = false;

  constructor(options: TelegramOptions) {
    this.options = options;
    const { token, apiRoot, actions, logger, isReadOnly } = options;
    this.nowMs = options.nowMs ?? Date.now;
    const client = apiRoot === undefined ? {} : { apiRoot };
    this.api = new Api(token, { ...client, timeoutSeconds: SEND_SECONDS_MAX });
    this.outbox = new Outbox({
      send: (batch, lost) => this.send(batch, lost),
      fit: fitting,
      onTrouble: (why) => this.trouble('telegram message not sent', why),
      nowMs: this.nowMs,
      ...options.outbox,
    });
    const commands = new TelegramCommands({
      actions,
      logger,
      isReadOnly,
      reply: (chat, text) => this.reply(chat, text),
      nowMs: this.nowMs,
    });
    this.bot = new Bot(token, { client: { ...client, timeoutSeconds: POLL_SECONDS + 20 } });
    this.bot.api.config.use((call, method, payload, signal) =>
      // The call that tells the server where we stopped comes without a signal.
      call(method, payload, signal ?? (this.ending.signal as CallSignal)),
    );
    this.bot.catch(({ error }) => this.trouble('telegram command failed', reasonOf(error)));
    this.bot.use((context, next) => (this.isWelcome(context) ? next() : undefined));
    commands.install(this.bot);
  }

  offer(message: OutMessage): void {
    this.outbox.offer(message);
  }

  /** Begins to listen for commands, if anybody may give any. */
  start(): void {
    if (this.options.users.length > 0) this.listen();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.restartTimer);
    this.starting.abort();
    const listening = this.bot.isRunning() ? this.bot.stop().catch(() => {}) : undefined;
    await this.outbox.stop(STOP_GRACE_MS);
    this.ending.abort();
    await listening;
  }

  private listen(): void {
    this.bot
      .init(this.starting.signal as CallSignal)
      .then(() => this.poll())
      .catch((error: unknown) => {
        // The token was refused, or another process polls with it.
        if (this.isStopped) return;
        this.trouble('telegram does not listen', reasonOf(error));
        const firstMs = this.options.restartMs ?? RESTART_MS;
        const waitMs = Math.min(RESTART_MAX_MS, firstMs * 2 ** Math.min(10, this.refusals++));
        this.restartTimer = setTimeout(() => this.listen(), waitMs).unref();
      });
  }

  private poll(): Promise<void> | undefined {
    if (this.isStopped) return undefined;
    return this.bot.start({
      timeout: POLL_SECONDS,
      allowed_updates: ['message'],
      onStart: () => {
        this.refusals = 0;
        this.options.logger.info({}, 'telegram listens for commands');
      },
    });
  }

  private isWelcome({ chat, from, message }: Context): boolean {
    if (chat === undefined || message === undefined) return false;
    const { chats, users, startedMs, logger } = this.options;
    const user = from?.id ?? 0;
    if (!chats.includes(chat.id) || !users.includes(user) || from?.is_bot === true) {
      this.turnAway(user, chat.id);
      return false;
    }
    const sentMs = message.date * 1_000;
    const lateMs = this.nowMs() - sentMs;
    const isFromBefore = sentMs < startedMs;
    if (!isFromBefore && lateMs <= COMMAND_AGE_MAX_MS) return true;
    const why = isFromBefore ? 'written before this process began' : 'too late';
    logger.warn({ user, lateMs, why }, 'telegram command ignored');
    if (!isFromBefore) {
      this.reply(chat.id, `Ignored: it came ${Math.round(lateMs / 1_000)} s late. Send it again.`);
    }
    return false;
  }

  /** One line an hour and user, and no answer: nothing tells that somebody listens. */
  private turnAway(user: number, chat: number): void {
    const nowMs = this.nowMs();
    const lastMs = this.seen.get(user);
    if (lastMs !== undefined && nowMs - lastMs < HOUR_IN_MINUTES * 60_000) return;
    const held = this.strangers.take('stranger', nowMs);
    if (held === undefined) return;
    if (this.seen.size > 1_000) this.seen.clear();
    this.seen.set(user, nowMs);
    this.options.logger.warn({ user, chat }, 'telegram: not on the list, no answer');
  }

  private reply(chat: number, text: string): void {
    this.offer({ level: 'info', code: '', text, atMs: this.nowMs(), replyTo: chat });
  }

  private async send(batch: readonly OutMessage[], lost: number): Promise<SendOutcome> {
    const chat = batch[0].replyTo ?? this.options.chats[0];
    const text = this.options.redactor.clean(batchText(batch, lost));
    try {
      const signal = this.ending.signal as CallSignal;
      const plain = { link_preview_options: { is_disabled: true } };
      await this.api.sendMessage(chat, text, plain, signal);
      return { kind: 'sent' };
    } catch (error) {
      const why = reasonOf(error);
      if (!(error instanceof GrammyError)) return { kind: 'failed', why };
      const { error_code: code, parameters } = error;
      // A refused token may be allowed again; a text or chat that is refused will always be.
      if (code === 400 || code === 403) return { kind: 'refused', why };
      return { kind: 'failed', why, afterMs: (parameters.retry_after ?? 0) * 1_000 };
    }
  }

  private trouble(what: string, why: string): void {
    const { logger, redactor } = this.options;
    if (this.strangers.take(what, this.nowMs()) === undefined) return;
    logger.warn({ why: redactor.clean(why) }, what);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
