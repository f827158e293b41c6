/** What a field is replaced by: valid for none that matters, so that the truth stays known. */
const ODD: readonly unknown[] = [
  ...[null, {}, [], '', 'NaN', 'Infinity', '-', '0x10', '1e5', 1e308, 2 ** 53 + 2, -0.5],
  ...[
    { e: { e: [] } },
    [[[[]]]],
    '\u0000',
    '99999999999999999999999999999',
    '1..5',
    { toString: 1 },
  ],
];
/** Names say who is meant; another valid name cannot be told from the truth by anybody. */
const NAMES = new Set(['s', 'symbol', 'a', 'asset', 'c', 'clientOrderId', 'caid', 'clientAlgoId']);
const DEEP = 2_000;

/** A small generator of its own, so that a seed means the same everywhere. */
export class MangleRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state % limit;
  }
}

/**
 * A JSON text broken in a way that a careful reader must notice or that changes nothing: half of
 * it, a field of a wrong type, missing, renamed, twice, or buried 2,000 levels deep. A valid value
 * is never replaced by another valid one, so what is told afterwards can be held against the truth.
 */
export function mangle(text: string, random: MangleRandom): string {
  switch (random.below(8)) {
    case 0:
      return text.slice(0, random.below(text.length));
    case 1:
      return '['.repeat(DEEP) + text + ']'.repeat(DEEP);
    case 2:
      return `${'{"a":'.repeat(DEEP)}${text}${'}'.repeat(DEEP)}`;
    case 3:
      return `<html>${text}</html>`;
    default:
      return mangleField(text, random);
  }
}

function mangleField(text: string, random: MangleRandom): string {
  const root: unknown = JSON.parse(text);
  const spots: { holder: Record<string, unknown>; key: string }[] = [];
  collect(root, spots);
  if (spots.length === 0) return `${text}${text}`;
  const { holder, key } = spots[random.below(spots.length)];
  const value = holder[key];
  switch (random.below(4)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      delete holder[key];
      holder[`${key}_`] = value;
      break;
    case 2: {
      // The second of two equal keys wins in every reader of JSON.
      const odd = JSON.stringify(ODD[random.below(ODD.length)]);
      const plain = JSON.stringify(root);
      const pair = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
      const twice = `${JSON.stringify(key)}:${odd},${pair}`;
      return plain.replace(pair, () => twice);
    }
    default:
      if (!NAMES.has(key)) holder[key] = ODD[random.below(ODD.length)];
  }
  return JSON.stringify(root);
}

function collect(value: unknown, spots: { holder: Record<string, unknown>; key: string }[]): void {
  if (Array.isArray(value)) {
    for (const each of value) collect(each, spots);
  } else if (typeof value === 'object' && value !== null) {
    const holder = value as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      spots.push({ holder, key });
      collect(holder[key], spots);
    }
  }
}
