import { AppendFile, readLines, type WriteText } from './append-file.ts';

interface SpentLine {
  kind: 'spent';
  data: string;
  study: string;
  /** First and one past the last number. */
  from: number;
  to: number;
  command: string;
}

interface OpenedLine {
  kind: 'opened';
  data: string;
  study: string;
  release: string;
}

type LedgerLine = SpentLine | OpenedLine;

/**
 * How many trials were ever spent on a data set, and how often its hold-out was opened: both make a
 * good result less surprising, so they outlive the studies. One file for all data sets.
 */
export class TrialLedger {
  declare private readonly file: AppendFile;
  private readonly lines: LedgerLine[] = [];

  constructor(path: string, write?: WriteText) {
    this.file = new AppendFile(path, write);
    this.lines.push(...(readLines(path) as LedgerLine[]));
  }

  /** Notes trials of a study by their numbers; numbers that are known are not counted again. */
  spend(line: Omit<SpentLine, 'kind'>): void {
    if (this.numbersOf(line.data, line.study).has(line.to - 1)) {
      const known = this.numbersOf(line.data, line.study);
      let isNew = false;
      for (let n = line.from; n < line.to; n++) if (!known.has(n)) isNew = true;
      if (!isNew) return;
    }
    this.add({ kind: 'spent', ...line });
  }

  /** Trials ever spent on this data, in all studies. */
  spentOn(data: string): number {
    const studies = new Set(
      this.lines.filter((line) => line.kind === 'spent' && line.data === data).map((l) => l.study),
    );
    let total = 0;
    for (const study of studies) total += this.numbersOf(data, study).size;
    return total;
  }

  openHoldOut(line: Omit<OpenedLine, 'kind'>): void {
    this.add({ kind: 'opened', ...line });
  }

  /** Each opening of the hold-out of this data, with the release it was for. */
  openings(data: string): { study: string; release: string }[] {
    return this.lines.flatMap((line) =>
      line.kind === 'opened' && line.data === data
        ? [{ study: line.study, release: line.release }]
        : [],
    );
  }

  close(): void {
    this.file.close();
  }

  private add(line: LedgerLine): void {
    this.file.append([line]);
    this.file.sync();
    this.lines.push(line);
  }

  private numbersOf(data: string, study: string): Set<number> {
    const out = new Set<number>();
    for (const line of this.lines) {
      if (line.kind !== 'spent' || line.data !== data || line.study !== study) continue;
      for (let n = line.from; n < line.to; n++) out.add(n);
    }
    return out;
  }
}
