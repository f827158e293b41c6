// `npm run style`: prints every broken rule as file:line and fails when there is one.
import { fileURLToPath } from 'node:url';
import { checkTree } from './style-tree.ts';

const { files, violations } = checkTree(fileURLToPath(new URL('..', import.meta.url)));
for (const { file, line, rule, message } of violations) {
  console.log(`${file}:${line} ${rule}: ${message}`);
}
console.log(`${files} files, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
