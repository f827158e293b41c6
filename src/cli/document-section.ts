import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { AppError } from '../engine/error.ts';

/**
 * Replaces what stands between `<!-- name -->` and `<!-- /name -->` of a document, so that measured
 * tables are never typed.
 * @throws AppError USAGE_DOCUMENT when the file or its marks are missing
 */
export function replaceSection(path: string, name: string, text: string): void {
  const { document, from, to } = findSection(path, name);
  writeFileSync(path, `${document.slice(0, from)}\n\n${text}\n\n${document.slice(to)}`);
}

/**
 * Where the section lies; also asked before a long measurement, so that a typing error costs none.
 * @throws AppError USAGE_DOCUMENT when the file or its marks are missing
 */
export function findSection(
  path: string,
  name: string,
): { document: string; from: number; to: number } {
  const open = `<!-- ${name} -->`;
  const close = `<!-- /${name} -->`;
  const document = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const from = document.indexOf(open);
  const to = document.indexOf(close);
  if (from < 0 || to < from) {
    throw new AppError(
      'USAGE_DOCUMENT',
      `${path} has no section between ${open} and ${close}`,
      'add both marks, each on a line of its own',
    );
  }
  return { document, from: from + open.length, to };
}
