#!/usr/bin/env node
// The `qcm` command, from any folder. Finds the bundled Node 26 when the caller's is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const source = join(root, 'src/cli/main.ts');
const built = join(root, 'dist/src/cli/main.js');
// A packed install holds compiled JavaScript (Node refuses .ts under node_modules).
const main = existsSync(source) ? source : built;
const [major, minor] = process.versions.node.split('.').map(Number);
const modern = major > 22 || (major === 22 && minor >= 18);

if (modern) {
  // Keeps compiled code between runs: a run starts in half the time. In our own folder, since the
  // shared temporary folder is writable by others.
  nodeModule.enableCompileCache?.(join(root, '.cache/compile'));
  process.argv[1] = main;
  await import(main);
} else {
  const places = [join(root, 'node_modules/.bin/node'), join(root, '../.bin/node')];
  const node = places.find((path) => existsSync(path));
  if (node === undefined) {
    await import('./guard.mjs');
  } else {
    const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => child.kill(signal));
    }
    child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
  }
}
