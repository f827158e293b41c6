import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceSection } from './document-section.ts';

const folder = mkdtempSync(join(tmpdir(), 'qcm-section-'));

test('replaces what stands between the marks, and only that', () => {
  const path = join(folder, 'a.md');
  writeFileSync(path, '# A\n<!-- x -->\nold\n<!-- /x -->\nend\n');
  replaceSection(path, 'x', 'one');
  replaceSection(path, 'x', 'two');
  expect(readFileSync(path, 'utf8')).toBe('# A\n<!-- x -->\n\ntwo\n\n<!-- /x -->\nend\n');
});

test('refuses a document without the marks, or with them in the wrong order', () => {
  const path = join(folder, 'b.md');
  expect(() => replaceSection(path, 'x', 'one')).toThrow(/has no section/);
  writeFileSync(path, '<!-- /x -->\n<!-- x -->\n');
  expect(() => replaceSection(path, 'x', 'one')).toThrow(/has no section/);
  expect(readFileSync(path, 'utf8')).toBe('<!-- /x -->\n<!-- x -->\n');
});
