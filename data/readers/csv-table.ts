import { parse } from 'csv-parse/sync';
import { AppError } from '../../src/engine/error.ts';

/** A CSV as text cells: the robust path for every layout. */
export interface CsvTable {
  path: string;
  /** Titles of the header row; empty when the first row is data. */
  titles: readonly string[];
  rows: readonly (readonly string[])[];
  /** Line of the file that `rows[0]` stands on. */
  firstLine: number;
}

/** @throws AppError DATA_CSV with file and line */
export function readCsvTable(path: string, bytes: Uint8Array): CsvTable {
  let rows: string[][];
  try {
    rows = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      bom: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
      trim: true,
    });
  } catch (error) {
    const { message, lines } = error as { message: string; lines?: number };
    throw new AppError('DATA_CSV', `${path}:${lines ?? '?'}: ${message}`, 'is it a CSV file?');
  }
  if (rows.length === 0) throw new AppError('DATA_EMPTY', `${path} holds no rows`);
  const hasHeader = !isData(rows[0]);
  return {
    path,
    titles: hasHeader ? rows[0] : [],
    rows: hasHeader ? rows.slice(1) : rows,
    firstLine: hasHeader ? 2 : 1,
  };
}

/** A first row whose first two cells are a time and a number is data, not a header. */
function isData(row: readonly string[]): boolean {
  return row.length >= 2 && !Number.isNaN(Number(row[1])) && row[1] !== '' && /^\d/.test(row[0]);
}
