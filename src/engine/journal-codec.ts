import { Digest } from './digest.ts';
import { AppError } from './error.ts';

const VERSION = 1;

/**
 * One line of a journal or a whole snapshot: `v1 <digest> <json>`. JSON alone turns NaN into null
 * and -0 into 0; here they are tagged. The digest over the text finds truncated and flipped bytes.
 * Fields that are undefined are left out.
 * @throws AppError ENGINE_CODEC for what would not come back: Map, Set, undefined in a list
 */
export function encode(value: unknown): string {
  if (value === undefined) throw cannotWrite('undefined');
  const json = JSON.stringify(value, tagSpecials);
  return `v${VERSION} ${checksum(json)} ${json}`;
}

/** @throws AppError ENGINE_CODEC when the line is damaged or of another version */
export function decode(line: string): unknown {
  const match = /^v(\d+) ([0-9a-f]{16}) (.*)$/s.exec(line);
  if (match === null) throw new AppError('ENGINE_CODEC', 'a journal line is cut off or not ours');
  if (Number(match[1]) !== VERSION) {
    throw new AppError('ENGINE_CODEC', `journal version ${match[1]} is not known`);
  }
  if (checksum(match[3]) !== match[2]) {
    throw new AppError('ENGINE_CODEC', 'a journal line is damaged: its digest does not fit');
  }
  return JSON.parse(match[3], untagSpecials);
}

function checksum(text: string): string {
  const digest = new Digest();
  digest.addString(text);
  return digest.hex();
}

/** Strings that begin with the tag get it twice, so that nothing is ambiguous. */
const TAG = '~';
/** Columns keep their type, so that a snapshot fits the instance it came from. */
const ARRAY_KEY = '~array';
const ARRAY_KINDS = { Float64Array, Int32Array, Uint32Array, Uint8Array } as const;

/** A column on its way into JSON; a class, so that no plain data can look like one. */
class Columns {
  readonly [ARRAY_KEY]: string;
  readonly values: readonly number[];

  constructor(kind: string, values: readonly number[]) {
    this[ARRAY_KEY] = kind;
    this.values = values;
  }
}

function tagSpecials(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(TAG) ? TAG + value : value;
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '~-0';
    if (!Number.isFinite(value)) return `~${value}`;
  }
  if (Array.isArray(value)) {
    // JSON would write null for it: a restored list must not differ in silence.
    if (value.includes(undefined)) throw cannotWrite('undefined in a list');
  } else if (typeof value === 'object' && value !== null) return tagObject(value);
  return value;
}

function tagObject(value: object): object {
  if (ArrayBuffer.isView(value)) {
    const kind = value.constructor.name;
    if (!(kind in ARRAY_KINDS)) throw cannotWrite(kind);
    return new Columns(kind, Array.from(value as Float64Array));
  }
  // JSON would write {} for these.
  if (value instanceof Map || value instanceof Set) throw cannotWrite(value.constructor.name);
  if (ARRAY_KEY in value && !(value instanceof Columns)) throw cannotWrite(`key ${ARRAY_KEY}`);
  return value;
}

function cannotWrite(what: string): AppError {
  return new AppError('ENGINE_CODEC', `${what} cannot be written to a journal`);
}

function untagSpecials(_key: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && ARRAY_KEY in value) {
    const { [ARRAY_KEY]: kind, values } = value as { [ARRAY_KEY]: string; values: number[] };
    return ARRAY_KINDS[kind as keyof typeof ARRAY_KINDS].from(values);
  }
  if (typeof value !== 'string' || !value.startsWith(TAG)) return value;
  if (value.startsWith(TAG + TAG)) return value.slice(1);
  return value === '~-0' ? -0 : Number(value.slice(1));
}
