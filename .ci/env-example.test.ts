import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

it('.env.example names exactly the variables that src/config.ts reads', () => {
  const used = read('src/config.ts').match(/\b(?:QCM_[A-Z_]+|REDIS_URL)\b/g) ?? [];
  const listed = read('.env.example').match(/^[A-Z_]+(?==)/gm) ?? [];
  expect(listed.length).toBeGreaterThan(0);
  expect([...listed].sort()).toEqual([...new Set(used)].sort());
});
