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
  // Tagged before it is written: a replacer would keep the runtime from its fast way.
  const json = JSON.stringify(tagged(value));
  return `v${VERSION} ${checksum(json)} ${json}`;
}

/** @throws AppError ENGINE_CODEC when the line is damaged or of another version */
export function decode(line: string): unknown {
  const match = /^v(\d+) ([0-9a-f]{16}) /.exec(line);
  if (match === null) throw new AppError('ENGINE_CODEC', 'a journal line is cut off or not ours');
  const [head, version, digest] = match;
  if (Number(version) !== VERSION) {
    throw new AppError('ENGINE_CODEC', `journal version ${version} is not known`);
  }
  const json = line.slice(head.length);
  if (checksum(json) !== digest) {
    throw new AppError('ENGINE_CODEC', 'a journal line is damaged: its digest does not fit');
  }
  const value: unknown = JSON.parse(json);
  // Most lines hold nothing that is tagged.
  return json.includes(TAG_IN_JSON) ? untagged(value) : value;
}

function checksum(text: string): string {
  const digest = new Digest();
  digest.addString(text);
  return digest.hex();
}

/** Strings that begin with the tag get it twice, so that nothing is ambiguous. */
const TAG = '~';
const TAG_CODE = TAG.charCodeAt(0);
const TAG_IN_JSON = `"${TAG}`;
/** Columns keep their type, so that a snapshot fits the instance it came from. */
const ARRAY_KEY = '~array';
const ARRAY_KINDS = { Float64Array, Int32Array, Uint32Array, Uint8Array } as const;

/** The value itself where nothing in it needs a tag; what needs one is copied. */
function tagged(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value.charCodeAt(0) === TAG_CODE ? TAG + value : value;
    case 'number':
      if (value === 0) return Object.is(value, -0) ? '~-0' : value;
      return Number.isFinite(value) ? value : `~${value}`;
    case 'object':
      if (value === null) return value;
      return Array.isArray(value) ? taggedList(value) : taggedObject(value);
    default:
      return value;
  }
}

function taggedList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    // JSON would write null for it: a restored list must not differ in silence.
    if (value === undefined) throw cannotWrite('undefined in a list');
    const other = tagged(value);
    if (Object.is(other, value)) continue;
    copy ??= [...list];
    copy[i] = other;
  }
  return copy ?? list;
}

function taggedObject(object: object): unknown {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    if (ArrayBuffer.isView(object)) return taggedColumn(object);
    // JSON would write {} for these.
    if (object instanceof Map || object instanceof Set) throw cannotWrite(object.constructor.name);
    if ('toJSON' in object) return tagged(JSON.parse(JSON.stringify(object)));
  }
  const fields = object as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(fields)) {
    if (key === ARRAY_KEY) throw cannotWrite(`key ${ARRAY_KEY}`);
    const value = fields[key];
    const other = tagged(value);
    if (Object.is(other, value)) continue;
    copy ??= { ...fields };
    copy[key] = other;
  }
  return copy ?? object;
}

/** Made here only, behind the check for its key: no plain data can look like one. */
function taggedColumn(column: ArrayBufferView): unknown {
  const kind = column.constructor.name;
  if (!(kind in ARRAY_KINDS)) throw cannotWrite(kind);
  return { [ARRAY_KEY]: kind, values: taggedList(Array.from(column as Float64Array)) };
}

function cannotWrite(what: string): AppError {
  return new AppError('ENGINE_CODEC', `${what} cannot be written to a journal`);
}

/** Takes tags off, in place: the value has just been parsed and is nobody else's. */
function untagged(value: unknown): unknown {
  if (typeof value === 'string') {
    if (value.charCodeAt(0) !== TAG_CODE) return value;
    if (value.charCodeAt(1) === TAG_CODE) return value.slice(1);
    return value === '~-0' ? -0 : Number(value.slice(1));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = untagged(value[i]);
    return value;
  }
  const fields = value as Record<string, unknown>;
  for (const key of Object.keys(fields)) {
    if (key !== ARRAY_KEY) fields[key] = untagged(fields[key]);
  }
  if (!(ARRAY_KEY in fields)) return fields;
  const { [ARRAY_KEY]: kind, values } = fields as { [ARRAY_KEY]: string; values: number[] };
  return ARRAY_KINDS[kind as keyof typeof ARRAY_KINDS].from(values);
}
