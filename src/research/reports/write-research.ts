import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../engine/error.ts';
import type { ResearchDocument } from './research-document.ts';
import { researchPage } from './research-page.ts';

/**
 * Writes `<name>.html` and `<name>.json` into a folder and returns their paths.
 * @throws AppError RESEARCH_WRITE when the disk refuses
 */
export function writeResearch(
  document: ResearchDocument,
  options: { folder: string; name: string; data: unknown },
): string[] {
  const { folder, name, data } = options;
  const paths = [join(folder, `${name}.html`), join(folder, `${name}.json`)];
  const json = JSON.stringify({ title: document.title, label: document.label, data }, null, 2);
  try {
    mkdirSync(folder, { recursive: true });
    // The figures first: a page can be made again from them.
    writeFileSync(paths[1], `${json}\n`);
    writeFileSync(paths[0], researchPage(document, {}));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('RESEARCH_WRITE', `the report cannot be written: ${why}`, 'try --out');
  }
  return paths;
}
