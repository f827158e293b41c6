import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSource, type Violation } from './style-rules.ts';

const ROOTS = [
  '.ci',
  'src',
  'indicators',
  'strategy',
  'data',
  'backtests',
  'bench',
  'bin',
  'deploy',
];
const SKIPPED_NAMES = new Set(['node_modules', 'dist']);
/** What the program or its user writes. */
const SKIPPED_PATHS = new Set(['data/store', 'backtests/out', 'backtests/golden']);

/** Checks every source file of the project against `checkSource`. */
export function checkTree(root: string): { files: number; violations: Violation[] } {
  const files = ROOTS.flatMap((folder) => sourceFiles(root, folder));
  for (const name of readdirSync(root)) if (isSource(name)) files.push(name);
  const violations = files.flatMap((file) =>
    checkSource(file, readFileSync(join(root, file), 'utf8')),
  );
  return { files: files.length, violations };
}

/** Paths from the root, with `/`, in a fixed order. */
function sourceFiles(root: string, folder: string): string[] {
  const found: string[] = [];
  const entries = readEntries(join(root, folder));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (SKIPPED_NAMES.has(entry.name) || SKIPPED_PATHS.has(path)) continue;
      found.push(...sourceFiles(root, path));
    } else if (isSource(entry.name)) {
      found.push(path);
    }
  }
  return found;
}

function readEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const isSource = (name: string) => /\.(?:ts|mjs|mts)$/.test(name);
