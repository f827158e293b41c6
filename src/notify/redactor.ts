import type { Environment } from '../config.ts';

const MASK = '[redacted]';
/** Anything shorter is no secret, and replacing it would garble every text. */
const SECRET_CHARS_MIN = 4;
/** Parts of addresses from this length on are taken for secrets. */
const PART_CHARS_MIN = 12;

/** Shapes of secrets that nobody told us about, e.g. a listen key inside a library's error. */
const SHAPES: readonly [RegExp, string][] = [
  // A Telegram bot token: digits, colon, 35 characters.
  [/(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}/g, MASK],
  [
    /([?&](?:signature|token|api_?key|listenkey|key|secret|password|pass)=)[^&\s"'\\]+/gi,
    `$1${MASK}`,
  ],
  [/(:\/\/[^/\s:@"']*:)[^@\s/"']+(?=@)/g, `$1${MASK}`],
  [/(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}/gi, `$1${MASK}`],
  [
    /("(?:authorization|x-mbx-apikey|api_?key|secret|password|token|listenkey|signature)"\s*:\s*")[^"\\]+/gi,
    `$1${MASK}`,
  ],
  [/(\bx-mbx-apikey\s*[:=]\s*)[\w-]{8,}/gi, `$1${MASK}`],
];

/**
 * Takes secrets out of text, wherever they stand: every configured secret by its value, as it is,
 * as JSON writes it, as URLs write it and in base64, and whatever looks like a key or a signature.
 */
export class Redactor {
  private readonly values: RegExp | undefined;

  constructor(secrets: readonly string[]) {
    const forms = new Set<string>();
    for (const secret of secrets) {
      if (secret.length < SECRET_CHARS_MIN) continue;
      const json = JSON.stringify(secret).slice(1, -1);
      const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
      for (const form of [secret, json, JSON.stringify(json).slice(1, -1)]) forms.add(form);
      forms.add(encodeURIComponent(secret)).add(encodeURI(secret)).add(base64);
    }
    // Longest first: a secret that begins like another must not leave its end behind.
    const sorted = [...forms].sort((a, b) => b.length - a.length);
    const pattern = sorted.map((form) => form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|');
    this.values = sorted.length === 0 ? undefined : new RegExp(pattern, 'g');
  }

  clean(text: string): string {
    let out = this.values === undefined ? text : text.replace(this.values, MASK);
    for (const [shape, mask] of SHAPES) out = out.replace(shape, mask);
    return out;
  }
}

/**
 * Every secret of the environment. Of addresses (webhooks, heartbeats) the long parts
 * of path and query are secrets; the host may be read.
 */
export function secretsOf(environment: Partial<Environment>): string[] {
  const { binanceKey, binanceSecret, telegramToken, alertSecret } = environment;
  const { webhookSecret, metricsToken } = environment;
  const plain = [
    binanceKey,
    binanceSecret,
    telegramToken,
    alertSecret,
    webhookSecret,
    metricsToken,
  ];
  const secrets = plain.filter((value) => value !== undefined);
  const { alertUrl, webhookUrl, heartbeatUrl, redisUrl } = environment;
  for (const address of [alertUrl, webhookUrl, heartbeatUrl, redisUrl]) {
    const url = address === undefined ? null : URL.parse(address);
    if (url === null) continue;
    secrets.push(url.password, safelyDecoded(url.password));
    if (address === redisUrl) continue;
    const parts = [url.pathname, ...url.pathname.split('/'), ...url.searchParams.values()];
    // "/hook" is no secret; what services give out is long.
    secrets.push(...parts.filter((part) => part.length >= PART_CHARS_MIN));
  }
  return secrets.filter((value) => value !== '');
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % in a password: there is no other form of it then.
    return text;
  }
}
