import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `<package version>` or, in a checkout, `<package version>+<commit>`; for manifests. */
export function codeVersion(): string {
  const root = packageRoot(import.meta.dirname);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const commit = headCommit(join(root, '.git'));
  return commit === undefined ? version : `${version}+${commit.slice(0, 12)}`;
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new RangeError('package.json is missing beside the sources');
  return packageRoot(parent);
}

/** Reads the commit without starting git, which may not be installed. */
function headCommit(gitFolder: string): string | undefined {
  const head = join(gitFolder, 'HEAD');
  if (!existsSync(head)) return undefined;
  const text = readFileSync(head, 'utf8').trim();
  if (!text.startsWith('ref: ')) return text;
  const ref = text.slice(5);
  const loose = join(gitFolder, ref);
  if (existsSync(loose)) return readFileSync(loose, 'utf8').trim();
  const packed = join(gitFolder, 'packed-refs');
  if (!existsSync(packed)) return undefined;
  const line = readFileSync(packed, 'utf8')
    .split('\n')
    .find((each) => each.endsWith(` ${ref}`));
  return line?.split(' ')[0];
}
