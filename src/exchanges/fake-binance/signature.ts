import { createHmac } from 'node:crypto';

const KEPT = 64;
/** In one process both sides sign the same text: who checks it finds what the sender made. */
const kept = new Map<string, string>();

/** HMAC-SHA256 in hex, of the text as sent. */
export function signatureOf(secret: string, text: string): string {
  const key = `${secret} ${text}`;
  let signature = kept.get(key);
  if (signature === undefined) {
    signature = createHmac('sha256', secret).update(text).digest('hex');
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, signature);
  }
  return signature;
}
