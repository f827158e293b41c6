/** A decoded JSON object whose fields nobody has promised anything about. */
export type WireObject = Readonly<Record<string, unknown>>;

/** Plain decimals only: no exponent, no hex, no blanks; long enough for every real price. */
const DECIMAL = /^[+-]?\d{1,20}(\.\d{0,20})?$/;

export function isWireObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON of a frame, or undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Text that is not empty and not absurdly long. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined;
}

const ID = /^\d{1,20}$/;

/** A value for a message. Never `String` of it: an object of the wire may bring its own toString. */
export function shownOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 40);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[...]' : '{...}';
  return String(value);
}

/** Ids come as numbers or as digits; above 2^53 only text is exact, and a number is refused. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  }
  return typeof value === 'string' && ID.test(value) ? value : undefined;
}

/** A decimal as the venue wrote it; it is converted by the instrument, never through a double. */
export function decimalOf(value: unknown): string | undefined {
  return typeof value === 'string' && DECIMAL.test(value) ? value : undefined;
}

/** A finite double of a decimal text or a number. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : undefined;
}

/** Milliseconds since 1970, up to the year 5138; some events write them as text. */
export function timeOf(value: unknown): number | undefined {
  const time = numberOf(value);
  return time !== undefined && Number.isSafeInteger(time) && time >= 0 && time < 1e14
    ? time
    : undefined;
}

export function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/**
 * Counts fields that no parser knows and keeps the first value of each: Binance adds them without
 * notice, and a new one is worth a line in the log once, never an error.
 */
export class UnknownFields {
  private readonly seen = new Map<string, number>();
  private readonly first = new Map<string, string>();
  declare private readonly namesMax: number;

  constructor(options: { namesMax: number } = { namesMax: 1_000 }) {
    this.namesMax = options.namesMax;
  }

  /** Adds what `object` has beyond `known` (one string of names between blanks). */
  note(kind: string, object: WireObject, known: ReadonlySet<string>): void {
    for (const name in object) {
      if (known.has(name)) continue;
      const key = `${kind}.${name.slice(0, 40)}`;
      const count = this.seen.get(key);
      if (count === undefined && this.seen.size >= this.namesMax) continue;
      if (count === undefined) this.first.set(key, shownOf(object[name]));
      this.seen.set(key, (count ?? 0) + 1);
    }
  }

  counts(): ReadonlyMap<string, number> {
    return this.seen;
  }

  /** The first value of each, cut short. */
  samples(): ReadonlyMap<string, string> {
    return this.first;
  }
}
