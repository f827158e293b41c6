import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * A path of the material that lies beside the project (`QCM_SHARED` overrides where), or undefined
 * when it is absent; then the tests that need it say so and are skipped.
 */
export function sharedPath(...parts: string[]): string | undefined {
  const root = process.env.QCM_SHARED ?? resolve(import.meta.dirname, '../../../shared');
  const path = join(root, ...parts);
  if (existsSync(path)) return path;
  console.warn(`SKIPPED: ${parts.join('/')} is not there; set QCM_SHARED to run these tests`);
  return undefined;
}
