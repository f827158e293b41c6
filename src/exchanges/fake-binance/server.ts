import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../engine/error.ts';
import { CONTROLS, type ControlState, dumpState } from './control.ts';
import { Gateway, type GatewayOptions, type WireAnswer } from './gateway.ts';
import { VenueError } from './venue-error.ts';

export interface FakeServerOptions extends Omit<GatewayOptions, 'startTime'> {
  /** 0 takes any free port. */
  port: number;
  /** Its clock runs so many times as fast as the machine's; 1 when left out. */
  clockScale?: number;
}

const HOST = '127.0.0.1';
const CLOCK_STEP_MS = 10;
const PING_MS = 180_000;

/** HTTP and websockets around a `Gateway`, on loopback only, on the wall clock. */
export class FakeBinanceServer {
  readonly gateway: Gateway;
  readonly state: ControlState;
  private readonly http: Server;
  private readonly sockets: WebSocketServer;
  private readonly timer: NodeJS.Timeout;
  /** What a process needs to run in the same time. */
  private readonly scale: { scale: number; wallMs: number; venueMs: number };

  private constructor(options: FakeServerOptions) {
    const startTime = Date.now();
    this.gateway = new Gateway({ ...options, startTime });
    this.scale = { scale: options.clockScale ?? 1, wallMs: startTime, venueMs: startTime };
    this.state = {
      gateway: this.gateway,
      latency: { requestMs: 0, answerMs: 0 },
      clock: { offsetMs: 0, frozenAt: undefined },
    };
    this.http = createServer((request, response) => this.onRequest(request, response));
    this.sockets = new WebSocketServer({ server: this.http });
    this.sockets.on('connection', (socket, request) => this.onSocket(socket, request));
    this.timer = setInterval(() => this.tick(), CLOCK_STEP_MS);
  }

  /** @throws AppError EXCHANGE_FAKE_PORT when the port is taken */
  static async start(options: FakeServerOptions): Promise<FakeBinanceServer> {
    const server = new FakeBinanceServer(options);
    await new Promise<void>((resolve, reject) => {
      server.sockets.once('error', reject);
      server.http.listen(options.port, HOST, resolve);
    }).catch((error: Error) => {
      clearInterval(server.timer);
      const hint = 'stop what listens there or take another --port';
      throw new AppError('EXCHANGE_FAKE_PORT', `cannot listen: ${error.message}`, hint);
    });
    return server;
  }

  get port(): number {
    const address = this.http.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const socket of this.sockets.clients) socket.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  /** Brings the venue's clock to the wall clock (plus skew), unless it is frozen. */
  private tick(): void {
    const { offsetMs, frozenAt } = this.state.clock;
    const { scale, wallMs, venueMs } = this.scale;
    const nowMs = venueMs + (Date.now() - wallMs) * scale;
    this.gateway.venue.clock.advanceTo(frozenAt ?? nowMs + offsetMs);
  }

  private onRequest(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const [path, query = ''] = (request.url ?? '/').split('?');
      if (path === '/control' || path.startsWith('/control/')) {
        this.control(response, path.slice('/control/'.length), body);
        return;
      }
      const { requestMs, answerMs } = this.state.latency;
      const handle = () => {
        this.tick();
        const apiKey = String(request.headers['x-mbx-apikey'] ?? '');
        const method = request.method ?? 'GET';
        const answer = this.gateway.request({ method, path, query, body, apiKey });
        later(answerMs, () => write(response, answer));
      };
      later(requestMs, handle);
    });
  }

  private control(response: ServerResponse, name: string, body: string): void {
    this.tick();
    const json = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value ?? { ok: true }));
    };
    if (name === '') {
      json(200, Object.fromEntries(Object.entries(CONTROLS).map(([key, c]) => [key, c.help])));
      return;
    }
    if (name === 'state') {
      json(200, dumpState(this.gateway));
      return;
    }
    if (name === 'scale') {
      json(200, this.scale);
      return;
    }
    const entry = CONTROLS[name];
    if (entry === undefined) {
      json(404, { error: `no control "${name}"; GET /control lists them` });
      return;
    }
    try {
      json(200, entry.run(this.state, body === '' ? {} : Object(JSON.parse(body))));
    } catch (error) {
      const expected = error instanceof VenueError || error instanceof SyntaxError;
      if (!expected) throw error;
      json(400, { error: error.message, usage: `POST /control/${name} ${entry.help}` });
    }
  }

  private onSocket(socket: WebSocket, request: IncomingMessage): void {
    this.tick();
    const { hub } = this.gateway;
    const connection = hub.connect(request.url ?? '/', {
      send: (text) => socket.send(text),
      close: (code) => (code === 1006 ? socket.terminate() : socket.close(code)),
    });
    const ping = setInterval(() => socket.ping(), PING_MS);
    socket.on('message', (data) => hub.receive(connection, data.toString()));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(ping);
      hub.disconnect(connection);
    });
  }
}

function later(delayMs: number, run: () => void): void {
  if (delayMs > 0) setTimeout(run, delayMs);
  else run();
}

function write(response: ServerResponse, answer: WireAnswer): void {
  if (answer.kind === 'hang') return;
  if (answer.kind === 'reset') {
    response.destroy();
    return;
  }
  const type = answer.body.startsWith('<') ? 'text/html' : 'application/json';
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers });
  response.end(answer.body);
}
