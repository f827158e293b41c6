import { AppError, closestNames } from './engine/error.ts';

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

/** One value that differs from the preset, and where it came from. */
export interface Setting {
  path: string;
  value: Plain;
  origin: string;
}

/**
 * A copy of a preset with settings applied, each by its dotted path. Types must fit the preset's
 * own; unknown paths are refused with the closest names.
 * @throws AppError CONFIG_UNKNOWN_KEY or CONFIG_TYPE
 */
export function withSettings<T extends object>(preset: T, settings: readonly Setting[]): T {
  const copy = structuredClone(preset) as Plain & object;
  for (const setting of settings) apply(copy as Record<string, Plain>, setting);
  return deepFreeze(copy) as T;
}

/** `key=value` of the command line; the value is read as JSON where it is JSON, else as text. */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=');
  if (at <= 0) {
    throw new AppError('USAGE_SET', `"${text}" is not key=value`, 'write --set hedge.mode=off');
  }
  const raw = text.slice(at + 1);
  let value: Plain = raw;
  try {
    value = JSON.parse(raw) as Plain;
  } catch {
    // Plain words need no quotes on the command line.
    value = raw;
  }
  return { path: text.slice(0, at).trim(), value, origin: '--set' };
}

/** Every path with its value, for `config show` and reports. */
export function flatten(value: Plain, path = ''): { path: string; value: Plain }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ path, value }];
  // An empty group says nothing, but its name must exist all the same.
  if (Object.keys(value).length === 0 && path !== '') return [{ path, value }];
  return Object.keys(value).flatMap((key) =>
    flatten(value[key], path === '' ? key : `${path}.${key}`),
  );
}

function apply(target: Record<string, Plain>, setting: Setting): void {
  const keys = setting.path.split('.');
  let place: Plain = target;
  for (const [depth, key] of keys.entries()) {
    const isMap: boolean = typeof place === 'object' && place !== null && !Array.isArray(place);
    const known: string[] = isMap ? Object.keys(place as object) : [];
    if (!known.includes(key)) throw unknownKey(setting, keys.slice(0, depth), key, known, target);
    const map = place as Record<string, Plain>;
    if (depth < keys.length - 1) {
      place = map[key];
      continue;
    }
    checkType(setting, map[key]);
    // Only an empty group comes as a whole: it leaves what is there.
    const isGroup = typeof setting.value === 'object' && !Array.isArray(setting.value);
    if (!isGroup || setting.value === null) map[key] = setting.value;
  }
}

function unknownKey(
  setting: Setting,
  above: readonly string[],
  key: string,
  known: readonly string[],
  target: Record<string, Plain>,
): AppError {
  const prefix = above.length === 0 ? '' : `${above.join('.')}.`;
  const near = closestNames(key, known).map((name) => prefix + name);
  const all = flatten(target).map((entry) => entry.path);
  const byEnd = all.filter((path) => path.endsWith(`.${key}`));
  const hint = [...near, ...byEnd].slice(0, 3).join(', ');
  const text = `${setting.origin}: there is no setting "${setting.path}"`;
  return new AppError(
    'CONFIG_UNKNOWN_KEY',
    text,
    hint === '' ? undefined : `did you mean ${hint}?`,
  );
}

function checkType(setting: Setting, before: Plain): void {
  const { value, path, origin } = setting;
  const kind = (entry: Plain) => (Array.isArray(entry) ? 'list' : typeof entry);
  const fits =
    kind(value) === kind(before) && !(typeof value === 'number' && !Number.isFinite(value));
  if (fits) return;
  const text = `${origin}: "${path}" must be a ${kind(before)} like ${JSON.stringify(before)}`;
  throw new AppError('CONFIG_TYPE', text, `got ${JSON.stringify(value)}`);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const entry of Object.values(value)) deepFreeze(entry);
    Object.freeze(value);
  }
  return value;
}
