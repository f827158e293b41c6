/** Values that wire fields must survive: wrong types, huge numbers, odd text, prototypes. */
const ODD: readonly string[] = [
  ...['null', 'true', '-1', '0', '1e308', '-0', '9007199254740993', '"NaN"', '""', '"1e5"'],
  ...['[]', '{}', '[[[]]]', '"\\u0000"', '"Infinity"', '{"__proto__":{"x":1}}', '"0x10"', '1e-320'],
  ...['"99999999999999999999999"', '"-5"', '"1.00000000000000000001"', '"…"', '{"e":{"e":1}}'],
];

/** Mutations of real frames, the same for the same seed. */
export function* fuzzFrames(options: {
  seeds: readonly string[];
  count: number;
  seed: number;
}): Generator<string> {
  let state = options.seed >>> 0 || 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
  for (let i = 0; i < options.count; i++) {
    let text = options.seeds[below(options.seeds.length)];
    const rounds = 1 + below(3);
    for (let round = 0; round < rounds; round++) text = mutate(text, below);
    yield text;
  }
}

function mutate(text: string, below: (limit: number) => number): string {
  if (text.length === 0) return '{';
  const at = below(text.length);
  switch (below(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(32 + below(95)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + below(20));
    case 3: {
      // Another value in the place of one.
      const values = [...text.matchAll(/:("[^"]*"|[-\d.eE+]+|true|false|null)/g)];
      if (values.length === 0) return text + text;
      const { index, 0: old } = values[below(values.length)];
      return `${text.slice(0, index)}:${ODD[below(ODD.length)]}${text.slice(index + old.length)}`;
    }
    default: {
      const keys = [...text.matchAll(/"([A-Za-z]+)":/g)];
      if (keys.length === 0) return `[${text}]`;
      const { index, 0: old } = keys[below(keys.length)];
      return `${text.slice(0, index)}"__proto__":${text.slice(index + old.length)}`;
    }
  }
}
