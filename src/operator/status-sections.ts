import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DaemonOptions, sessionConfig } from '../compose-daemon.ts';
import type { Engine } from '../engine/engine.ts';
import { DATABASE_FILE } from '../store/open-store.ts';
import { dryRunMarkets, goLiveEvidence } from './go-live.ts';
import type { GoLiveEvidence } from './go-live-check.ts';
import { GuardReader, type GuardStatus } from './guard-status.ts';

/** What a status shows besides books and entries. */
export interface StatusSections {
  guards: GuardStatus;
  goLive: GoLiveEvidence;
  storeBytes: number;
}

/**
 * Made when somebody asks: a start does not wait for it.
 * @param folder state folder; dry runs are looked for in it and in `paper` and `demo` beside it
 */
export function statusSections(
  options: DaemonOptions,
  folder: string,
  engine: () => Engine,
): () => StatusSections & Record<string, unknown> {
  let guards: GuardReader | undefined;
  const { config } = options.loaded;
  return () => {
    guards ??= new GuardReader(sessionConfig(options, []));
    return {
      guards: guards.read(engine()),
      goLive: goLiveEvidence(dryRunFolders(folder), {
        config,
        dataHashes: dryRunMarkets(options.address.restUrl),
      }),
      storeBytes: sizeOf(join(folder, DATABASE_FILE)),
    };
  };
}

/** Where paper and demo ran, unless told otherwise. */
export function dryRunFolders(folder: string): string[] {
  const beside = ['paper', 'demo'].map((name) => join(dirname(folder), name));
  return [...new Set([folder, ...beside])];
}

function sizeOf(path: string): number {
  return ['', '-wal'].reduce((sum, tail) => {
    return sum + (statSync(path + tail, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}
