import { LEDGER_PATH, type LedgerEntry } from '../hold-out.ts';
import { AppendFile, readLines, type WriteText } from './append-file.ts';

/** Numbers of a study's trials, so that those tried again after a crash are not counted twice. */
interface SpentEntry extends LedgerEntry {
  study: string;
  from: number;
  /** One past the last number. */
  to: number;
}

/**
 * The ledger of `ResearchLedger`, written durably and by trial numbers: how many trials were ever
 * spent on a data set makes a good result less surprising, so it outlives the studies.
 */
export class TrialLedger {
  declare private readonly file: AppendFile;
  private readonly entries: (LedgerEntry | SpentEntry)[] = [];

  constructor(path: string = LEDGER_PATH, write?: WriteText) {
    this.file = new AppendFile(path, write);
    this.entries.push(...(readLines(path) as LedgerEntry[]));
  }

  /** Notes trials of a study by their numbers; numbers that are known are not counted again. */
  spend(of: {
    data: string;
    study: string;
    what: string;
    from: number;
    to: number;
    atMs: number;
  }): void {
    const known = this.numbersOf(of.data, of.study);
    let trials = 0;
    for (let number = of.from; number < of.to; number++) if (!known.has(number)) trials++;
    if (trials === 0) return;
    const { data: dataHash, study, what, from, to, atMs } = of;
    const entry = { dataHash, atMs, what, trials, kind: 'search' as const, study, from, to };
    this.file.append([entry]);
    this.file.sync();
    this.entries.push(entry);
  }

  /** Trials ever spent on this data, by all studies and commands. */
  spentOn(data: string): number {
    let total = 0;
    for (const { dataHash, trials } of this.entries) if (dataHash === data) total += trials;
    return total;
  }

  /** Times that the hold-out of this data was opened. */
  openings(data: string): number {
    return this.entries.filter(({ dataHash, kind }) => dataHash === data && kind === 'holdOut')
      .length;
  }

  close(): void {
    this.file.close();
  }

  private numbersOf(data: string, study: string): Set<number> {
    const out = new Set<number>();
    for (const entry of this.entries) {
      if (entry.dataHash !== data || !('study' in entry) || entry.study !== study) continue;
      for (let number = entry.from; number < entry.to; number++) out.add(number);
    }
    return out;
  }
}
