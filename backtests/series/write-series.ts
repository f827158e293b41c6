import { type Bars, emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import { AppError } from '../../src/engine/error.ts';
import type { SeriesModule, SeriesSettings } from './series-module.ts';

/** Characters collected before they are handed on. */
const CHUNK_CHARS = 1 << 18;

export interface WriteOptions {
  module: SeriesModule;
  settings: SeriesSettings;
  bars: Bars;
  /** Gets CSV text in large pieces, the header first. */
  write: (text: string) => void;
}

/** One row a bar: `openTime` and the module's columns. Returns the number of rows. */
export function writeSeries(options: WriteOptions): number {
  const { bars, write } = options;
  const session = opened(() => options.module.openSeries(options.settings));
  const row = new Float64Array(session.columns.length);
  let text = `openTime,${session.columns.join(',')}\n`;
  const bar = emptyBarRow();
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    session.update(bar, row);
    text += String(bar.openTime);
    for (let c = 0; c < row.length; c++) text += `,${cellText(row[c])}`;
    text += '\n';
    if (text.length > CHUNK_CHARS) {
      write(text);
      text = '';
    }
  }
  write(text);
  return bars.length;
}

/** One row an event: `seq,bar,openTime` and the module's columns. Returns the number of events. */
export function writeEvents(options: WriteOptions): number {
  const { bars, write } = options;
  const session = opened(() => options.module.openEvents(options.settings));
  let text = `seq,bar,openTime,${session.columns.join(',')}\n`;
  let seq = 0;
  let index = 0;
  const bar = emptyBarRow();
  const tell = (cells: readonly (string | number)[]) => {
    text += `${seq++},${index},${bar.openTime}`;
    for (const cell of cells) text += `,${typeof cell === 'number' ? cellText(cell) : cell}`;
    text += '\n';
  };
  for (; index < bars.length; index++) {
    readBarInto(bar, bars, index);
    session.update(bar, tell);
    if (text.length > CHUNK_CHARS) {
      write(text);
      text = '';
    }
  }
  write(text);
  return seq;
}

/** The shortest text that reads back as the same number; nothing for "no value". */
export function cellText(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/** Settings can be right one by one and wrong together; the indicator says so when it is made. */
function opened<Session>(open: () => Session): Session {
  try {
    return open();
  } catch (error) {
    if (error instanceof RangeError) throw new AppError('USAGE_SET', error.message);
    throw error;
  }
}
