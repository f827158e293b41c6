import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { LineLogger } from '../notify/decision-log.ts';

const RETRY_MS = 30_000;

export interface MetricsServerOptions {
  port: number;
  token: string;
  registry: Registry;
  /** Why the session is not well; undefined while it is. */
  trouble: () => string | undefined;
  logger: LineLogger;
  retryMs?: number;
}

/**
 * `/metrics` for who shows the token (`Authorization: Bearer` or `?token=`), `/healthz` for
 * everybody on this machine: 200 while all is well, else 503 with the reason. Loopback only. A port
 * that is taken is said and tried again; nothing waits for it.
 */
export class MetricsServer {
  declare private readonly options: MetricsServerOptions;
  declare private readonly digest: Buffer;
  declare private readonly server: Server;
  private retry: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(options: MetricsServerOptions) {
    this.options = options;
    this.digest = sha256(options.token);
    this.server = createServer((request, response) => this.handle(request, response));
    this.server.requestTimeout = 10_000;
    this.server.maxConnections = 32;
    this.server.on('error', (error) => this.onError(error));
  }

  /** Port in use; undefined while it does not listen. */
  get port(): number | undefined {
    return (this.server.address() as AddressInfo | null)?.port;
  }

  start(): void {
    if (!this.isStopped) this.server.listen(this.options.port, '127.0.0.1');
  }

  stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.retry);
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
    if (request.method !== 'GET' || url === null) return answer(response, 405, 'GET only\n');
    if (url.pathname === '/healthz') {
      const trouble = this.options.trouble();
      return answer(response, trouble === undefined ? 200 : 503, `${trouble ?? 'ok'}\n`);
    }
    if (url.pathname !== '/metrics') return answer(response, 404, 'see /metrics and /healthz\n');
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const token = bearer ?? url.searchParams.get('token') ?? '';
    if (!timingSafeEqual(sha256(token), this.digest)) {
      response.setHeader('www-authenticate', 'Bearer');
      return answer(response, 401, 'a token is needed: Authorization: Bearer, or ?token=\n');
    }
    const { registry } = this.options;
    registry.metrics().then(
      (text) => {
        response.writeHead(200, { 'content-type': registry.contentType }).end(text);
      },
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.options.logger.error({ why }, 'metrics could not be read');
        answer(response, 500, 'metrics could not be read; the log says why\n');
      },
    );
  }

  private onError(error: Error & { code?: string }): void {
    const why = error.code ?? error.message;
    this.options.logger.error({ why, port: this.options.port }, 'metrics do not listen');
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.start(), this.options.retryMs ?? RETRY_MS).unref();
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
