// A receiver of alerts: verifies the signature, refuses what is older than 60 s, drops repeats.
//   ALERT_SECRET=... PORT=8787 node alert-receiver.example.mjs
// Headers of a message: x-qcm-timestamp (ms since 1970) and x-qcm-signature
// (sha256=<hex HMAC-SHA256 of "<timestamp>.<raw body>" under the shared secret>).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

export const AGE_MS_MAX = 60_000;
const BODY_BYTES_MAX = 64_000;

/** "ok", or why the message is refused. `body` is the raw text: signed bytes, not parsed JSON. */
export function verify({ secret, timestamp, signature, body, nowMs }) {
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest();
  const given = Buffer.from(String(signature).replace(/^sha256=/, ''), 'hex');
  if (given.length !== hmac.length || !timingSafeEqual(given, hmac)) return 'bad signature';
  // After the signature: an unsigned time stamp says nothing.
  const ageMs = nowMs - Number(timestamp);
  if (!(Math.abs(ageMs) <= AGE_MS_MAX)) return 'too old or from the future';
  return 'ok';
}

/** An HTTP server that calls `onAlert` once for each genuine alert. */
export function createReceiver({ secret, onAlert, now = Date.now }) {
  const seen = new Map();
  const receive = async (request) => {
    if (request.method !== 'POST') return [405, 'POST only'];
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) return [413, 'too large'];
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const timestamp = request.headers['x-qcm-timestamp'] ?? '';
    const signature = request.headers['x-qcm-signature'] ?? '';
    const nowMs = now();
    const verdict = verify({ secret, timestamp, signature, body, nowMs });
    if (verdict !== 'ok') return [401, verdict];
    const alert = JSON.parse(body);
    // Retries carry the same id. What is older than the age limit cannot come back.
    for (const [id, atMs] of seen) if (nowMs - atMs > 2 * AGE_MS_MAX) seen.delete(id);
    if (!seen.has(alert.id)) {
      seen.set(alert.id, nowMs);
      onAlert(alert);
    }
    return [200, 'ok'];
  };
  return createServer((request, response) => {
    receive(request)
      .then(([status, text]) => response.writeHead(status).end(`${text}\n`))
      // A sender that hangs up in the middle must not stop the receiver.
      .catch(() => response.destroy());
  });
}

if (import.meta.main) {
  const secret = process.env.ALERT_SECRET; // tidy-ok: stands alone, outside the project
  if (!secret) throw new Error('set ALERT_SECRET to the value of QCM_ALERT_SECRET');
  const onAlert = (alert) => {
    const mark = alert.isTest ? 'TEST ' : '';
    process.stdout.write(`${mark}${alert.side} ${alert.symbol} ${alert.qty} ${alert.tags}\n`);
  };
  const port = Number(process.env.PORT ?? 8787); // tidy-ok: stands alone, outside the project
  createReceiver({ secret, onAlert }).listen(port, '127.0.0.1');
}
