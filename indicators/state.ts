/** Plain data of an indicator: numbers (NaN, infinities and -0 included), typed arrays, lists. */
export type State = number | boolean | string | null | undefined | State[] | TypedArray | StateMap;
export interface StateMap {
  [field: string]: State;
}
type TypedArray = Float64Array | Int32Array | Uint8Array | Uint32Array;

/**
 * A deep copy of everything an object holds in its own fields. Works for every class here because
 * fields are plain data, typed arrays, lists of plain objects, or other such instances; no two
 * fields may share one mutable object (the copy would split it).
 * @throws TypeError for functions and other things that are not data
 */
export function saveState(value: unknown): State {
  if (value === null || value === undefined) return value as null | undefined;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') {
    return value;
  }
  if (isTypedArray(value)) return value.slice();
  if (Array.isArray(value)) return value.map(saveState);
  if (typeof value !== 'object') throw new TypeError(`state holds a ${typeof value}`);
  const out: StateMap = {};
  for (const key of Object.keys(value)) out[key] = saveState((value as StateMap)[key]);
  return out;
}

/**
 * Puts a saved state back into an instance made with the same options. Nested instances keep their
 * identity and class; lists of plain data are replaced.
 * @throws TypeError when the state does not fit the instance
 */
export function loadState(target: object, state: State): void {
  if (typeof state !== 'object' || state === null) throw new TypeError('state is not an object');
  const fields = state as StateMap;
  const into = target as StateMap;
  const known = Object.keys(target);
  for (const key of Object.keys(fields)) {
    if (!known.includes(key)) throw new TypeError(`state has an unknown field "${key}"`);
  }
  for (const key of known) into[key] = merged(into[key], fields[key], key);
}

function merged(current: State, saved: State, key: string): State {
  if (isTypedArray(current)) {
    if (!isTypedArray(saved)) throw new TypeError(`state field "${key}" is not an array`);
    if (saved.length !== current.length) return saved.slice();
    current.set(saved);
    return current;
  }
  if (isTypedArray(saved)) return saved.slice();
  if (Array.isArray(saved)) {
    const list = Array.isArray(current) ? current : [];
    return saved.map((item, i) =>
      isInstance(list[i]) ? merged(list[i], item, `${key}[${i}]`) : saveState(item),
    );
  }
  if (isInstance(current)) {
    loadState(current as object, saved);
    return current;
  }
  return saveState(saved);
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isInstance(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (isTypedArray(value)) return false;
  return Object.getPrototypeOf(value) !== Object.prototype;
}
