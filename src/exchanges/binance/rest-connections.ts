import * as http from 'node:http';
import * as https from 'node:https';
import { gunzipSync } from 'node:zlib';

export interface HttpRequest {
  url: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

interface Server {
  open: typeof http.request;
  hostname: string;
  port: string;
  agent: http.Agent;
}

/** Longer than between two latency probes, shorter than common servers keep an idle connection. */
const IDLE_MS = 25_000;
const TIMEOUT_MS = 10_000;
/** The largest answer, all filters of the venue, has about two million. */
const BODY_MAX_BYTES = 64_000_000;

/**
 * HTTP/1.1 connections that stay open: with one free, the text of a request is handed to the
 * operating system as soon as the event at hand has been dealt with, before any promise and any
 * other event. As many connections as there are requests under way: a stop never stands in line
 * behind requests that hang. Nothing is sent twice and no redirect is followed.
 */
export class RestConnections {
  /** By origin: reading an address takes as long as making the request. */
  private readonly servers = new Map<string, Server>();
  // Idle ones are closed by the agent when their time is over, or when the server says sooner.
  private readonly plain = new http.Agent({ keepAlive: true, timeout: IDLE_MS });
  private readonly secure = new https.Agent({ keepAlive: true, timeout: IDLE_MS });

  /** Closes what is open; requests under way fail. */
  stop(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  /** @throws Error when no whole answer came: nobody knows what the server has done */
  send({ url, method, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const pathAt = url.indexOf('/', url.indexOf('//') + 2);
    const { open, ...server } = this.serverOf(url.slice(0, pathAt));
    const options = { ...server, path: url.slice(pathAt), method, headers };
    return new Promise((resolve, reject) => {
      const request = open(options, (response) => {
        read(response).then(resolve, reject);
      });
      const timer = setTimeout(() => request.destroy(new Error('request timed out')), TIMEOUT_MS);
      request.on('error', reject);
      request.on('close', () => clearTimeout(timer));
      request.end(body);
    });
  }

  private serverOf(origin: string): Server {
    const known = this.servers.get(origin);
    if (known !== undefined) return known;
    const { protocol, hostname, port } = new URL(origin);
    const isSecure = protocol === 'https:';
    const open = isSecure ? https.request : http.request;
    const agent = isSecure ? this.secure : this.plain;
    const server = { open, hostname: hostname.replace(/^\[|\]$/g, ''), port, agent };
    this.servers.set(origin, server);
    return server;
  }
}

async function read(response: http.IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  const { statusCode: status = 0, headers } = response;
  const whole = Buffer.concat(chunks);
  const isPacked = headers['content-encoding'] === 'gzip';
  const text = isPacked ? gunzipSync(whole, { maxOutputLength: BODY_MAX_BYTES }) : whole;
  return { status, headers, body: text.toString('utf8') };
}
