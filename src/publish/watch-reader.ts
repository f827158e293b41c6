import {
  keysOf,
  type PublishedBeta,
  type PublishedCvd,
  type PublishedPrice,
  type PublishedStatus,
  type PublishedTags,
} from './keys.ts';
import { type Command, RedisLink } from './redis-link.ts';

const ENTRIES_SHOWN = 5;

export interface WatchedSymbol {
  symbol: string;
  price: PublishedPrice | null;
  cvd: PublishedCvd | null;
  tags: PublishedTags | null;
}

/** Everything published at one moment; what has expired is null. */
export interface WatchPicture {
  /** Null: no daemon publishes, or it has been silent for longer than a status lives. */
  status: PublishedStatus | null;
  symbols: WatchedSymbol[];
  beta: PublishedBeta | null;
  /** Newest last. */
  alerts: { id: string; [field: string]: unknown }[];
  notices: { id: string; [field: string]: unknown }[];
}

/** Reads what a `Publisher` writes; also an example of a reader. */
export class WatchReader {
  declare private readonly link: RedisLink;
  declare private readonly keys: ReturnType<typeof keysOf>;
  private symbols: readonly string[] = [];

  constructor(options: { url: string; prefix: string; onTrouble: (why: string) => void }) {
    this.keys = keysOf(options.prefix);
    this.link = new RedisLink(options);
    this.link.connect();
  }

  /** Undefined when Redis does not answer. */
  async read(): Promise<WatchPicture | undefined> {
    const { keys } = this;
    const first = await this.link.send([
      ['get', keys.status],
      ['get', keys.beta],
      ['xrevrange', keys.alerts, '+', '-', 'COUNT', ENTRIES_SHOWN],
      ['xrevrange', keys.notices, '+', '-', 'COUNT', ENTRIES_SHOWN],
    ]);
    if (first === undefined) return undefined;
    const [status, beta, alerts, notices] = first;
    const picture = {
      status: parsed<PublishedStatus>(status),
      beta: parsed<PublishedBeta>(beta),
      alerts: entriesOf(alerts),
      notices: entriesOf(notices),
    };
    // Without a status the symbols of the last one are looked at until they expire as well.
    this.symbols = picture.status?.symbols ?? this.symbols;
    if (this.symbols.length === 0) return { ...picture, symbols: [] };
    const ask: Command[] = this.symbols.map((symbol) => [
      'mget',
      keys.price(symbol),
      keys.cvd(symbol),
      keys.tags(symbol),
    ]);
    const rows = await this.link.send(ask);
    if (rows === undefined) return undefined;
    const symbols = this.symbols.map((symbol, i) => {
      const [price, cvd, tags] = rows[i] as unknown[];
      return {
        symbol,
        price: parsed<PublishedPrice>(price),
        cvd: parsed<PublishedCvd>(cvd),
        tags: parsed<PublishedTags>(tags),
      };
    });
    return { ...picture, symbols };
  }

  close(): void {
    this.link.close();
  }
}

function parsed<T>(text: unknown): T | null {
  return typeof text === 'string' ? (JSON.parse(text) as T) : null;
}

/** Of `[[id, ['json', text]], ...]`, newest first; repeats by the writer's own id are left out. */
function entriesOf(rows: unknown): WatchPicture['alerts'] {
  const byId = new Map<string, WatchPicture['alerts'][number]>();
  for (const [, fields] of (rows as [string, string[]][]).toReversed()) {
    const entry = JSON.parse(fields[1] ?? '{}') as WatchPicture['alerts'][number];
    byId.set(entry.id, entry);
  }
  return [...byId.values()];
}
