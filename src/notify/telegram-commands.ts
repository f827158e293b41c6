import type { Bot, Context } from 'grammy';
import type { LineLogger } from './decision-log.ts';
import { LineLimiter } from './line-limiter.ts';
import type { OperatorActions } from './operator-actions.ts';
import { statusText } from './telegram-texts.ts';

const COMMANDS_A_MINUTE = 20;

const HELP = `/status - what is open, equity, guards
/pause <why> - no new entries; what is open keeps its stops
/resume - entries again
/flatten - close everything: answers with a code to repeat
/help - this`;

/**
 * What the listed users can ask for. Read-only bots answer /status and /help. Nothing here waits
 * for the exchange: a flatten answers again when it is done.
 */
export class TelegramCommands {
  declare private readonly actions: () => OperatorActions | undefined;
  declare private readonly logger: LineLogger;
  declare private readonly isReadOnly: boolean;
  declare private readonly reply: (chat: number, text: string) => void;
  declare private readonly nowMs: () => number;
  private readonly limiter = new LineLimiter({ perMinute: COMMANDS_A_MINUTE });

  constructor(options: {
    actions: () => OperatorActions | undefined;
    logger: LineLogger;
    isReadOnly: boolean;
    reply: (chat: number, text: string) => void;
    nowMs: () => number;
  }) {
    this.actions = options.actions;
    this.logger = options.logger;
    this.isReadOnly = options.isReadOnly;
    this.reply = options.reply;
    this.nowMs = options.nowMs;
  }

  install(bot: Bot): void {
    const on = (
      name: string,
      rights: 'read' | 'act',
      run: (actions: OperatorActions, argument: string, by: string) => string | Promise<string>,
    ) => bot.command(name, (context) => this.answer(context, { name, rights, run }));
    on('status', 'read', (actions) => statusText(actions.status()));
    on('pause', 'act', (actions, why, by) => {
      actions.pause(`${by}${why === '' ? '' : `: ${why}`}`);
      return 'Paused: no new entries. What is open keeps its stops and targets. /resume goes on.';
    });
    on('resume', 'act', (actions) => {
      actions.resume();
      return 'Resumed: entries are allowed again, as far as the guards allow them.';
    });
    on('flatten', 'act', (actions, code) => {
      if (code !== '') return actions.flattenConfirm(code);
      const ask = actions.flattenAsk();
      return `${ask.text}\nTo do it, send: /flatten ${ask.code}`;
    });
    const help = (context: Context) => {
      const readOnly = this.isReadOnly ? '\nRead-only: pause, resume and flatten are refused.' : '';
      if (context.chat !== undefined) this.reply(context.chat.id, HELP + readOnly);
    };
    bot.command(['help', 'start'], help);
    // Texts that are no command are nobody's business here.
  }

  private answer(
    context: Context & { match: unknown },
    command: {
      name: string;
      rights: 'read' | 'act';
      run: (actions: OperatorActions, argument: string, by: string) => string | Promise<string>;
    },
  ): void {
    const { name, rights, run } = command;
    const chat = context.chat?.id;
    const user = context.from?.id ?? 0;
    if (chat === undefined || this.limiter.take('command', this.nowMs()) === undefined) return;
    const fields = { user, command: name };
    if (rights === 'act' && this.isReadOnly) {
      this.logger.warn(fields, 'telegram command refused: read-only');
      return this.reply(chat, 'Refused: this bot is read-only.');
    }
    this.logger.info(fields, 'telegram command');
    const actions = this.actions();
    if (actions === undefined) return this.reply(chat, 'The session is not ready yet.');
    const failed = (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.logger.error({ ...fields, why }, 'telegram command failed');
      this.reply(chat, `/${name} failed: ${why}`);
    };
    try {
      const argument = String(context.match ?? '').trim();
      const answer = run(actions, argument, `telegram user ${user}`);
      // Not awaited: the next command must not wait until the account is flat.
      if (typeof answer === 'string') this.reply(chat, answer);
      else void answer.then((text) => this.reply(chat, text), failed);
    } catch (error) {
      failed(error);
    }
  }
}
