import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SentMessage {
  chat_id: number;
  text: string;
}

type Answer = { status: number; body: object } | 'drop' | 'hang';

/**
 * A Bot API server on loopback: getMe, getUpdates (long poll), sendMessage and deleteWebhook, with
 * the answers of the real one, and faults on demand.
 */
export class FakeTelegram {
  readonly sent: SentMessage[] = [];
  /** Names of the methods called, in order. */
  readonly calls: string[] = [];
  /** The next answers to a method, before its normal ones. */
  readonly faults: Record<string, Answer[]> = {};
  token = '123456789:AAF-abcdefghijklmnopqrstuvwxyz01234';
  private readonly updates: { update_id: number; message: object }[] = [];
  private readonly polls = new Set<() => void>();
  private readonly sockets = new Set<{ destroy(): void }>();
  private nextId = 1;
  declare private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      void this.handle(request).then((answer) => {
        if (answer === 'hang') return;
        if (answer === 'drop') return response.destroy();
        const body = JSON.stringify(answer.body);
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
      });
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
      });
    });
  }

  close(): Promise<void> {
    for (const wake of this.polls) wake();
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Somebody writes to the bot. */
  write(text: string, from: { user: number; chat: number; date?: number }): void {
    const { user, chat, date = Math.floor(Date.now() / 1_000) } = from;
    const length = text.split(' ')[0].length;
    const isCommand = text.startsWith('/');
    this.updates.push({
      update_id: this.nextId++,
      message: {
        message_id: this.nextId,
        date,
        chat: { id: chat, type: chat < 0 ? 'group' : 'private' },
        from: { id: user, is_bot: false, first_name: 'U' },
        text,
        ...(isCommand ? { entities: [{ type: 'bot_command', offset: 0, length }] } : {}),
      },
    });
    for (const wake of this.polls) wake();
  }

  private async handle(request: IncomingMessage): Promise<Answer> {
    const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? [];
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const ask = text === '' ? {} : (JSON.parse(text) as Record<string, never>);
    this.calls.push(method);
    const fault = this.faults[method]?.shift();
    if (fault !== undefined) return fault;
    if (token !== this.token) return refusal(401, 'Unauthorized');
    switch (method) {
      case 'getMe':
        return result({ id: 1, is_bot: true, first_name: 'qcm', username: 'qcm_test_bot' });
      case 'deleteWebhook':
        return result(true);
      case 'sendMessage':
        this.sent.push(ask as unknown as SentMessage);
        return result({ message_id: 1, date: 1, chat: { id: ask.chat_id, type: 'private' } });
      case 'getUpdates':
        return this.poll(Number(ask.offset ?? 0), Number(ask.timeout ?? 0));
      default:
        return refusal(404, 'Not Found');
    }
  }

  private async poll(offset: number, timeoutSeconds: number): Promise<Answer> {
    const fresh = () => this.updates.filter(({ update_id }) => update_id >= offset);
    if (fresh().length === 0 && timeoutSeconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutSeconds * 1_000);
        const wake = () => {
          clearTimeout(timer);
          this.polls.delete(wake);
          resolve();
        };
        this.polls.add(wake);
      });
    }
    return result(fresh());
  }
}

export function refusal(status: number, description: string, parameters?: object): Answer {
  return { status, body: { ok: false, error_code: status, description, parameters } };
}

function result(value: unknown): Answer {
  return { status: 200, body: { ok: true, result: value } };
}
