import { createHash } from 'node:crypto';
import { type Bars, createBars } from '../../../data/bars/bars.ts';
import { AppError } from '../../engine/error.ts';
import type { MarketData } from '../../market-data.ts';

const COLUMNS = ['openTime', 'open', 'high', 'low', 'close', 'volume', 'takerBuyVolume'] as const;
const MAGIC = 'QCMDATA1';

/** What trials read of the data, as bytes with their hash: the same data, the same bytes. */
export interface PackedData {
  hash: string;
  bytes: Buffer;
}

/** @throws AppError RESEARCH_TAPES for recorded books, which are too big to be sent round */
export function packData(data: MarketData): PackedData {
  if ((data.tapes ?? []).length > 0) {
    throw new AppError(
      'RESEARCH_TAPES',
      'recorded trades and books are not sent to other machines',
      'search without --distributed, or without the trades/ and book/ folders',
    );
  }
  const header = Buffer.from(
    JSON.stringify({
      kind: data.kind,
      label: data.label,
      dataHash: data.dataHash,
      calendarHash: data.calendarHash,
      funding: data.funding,
      events: data.events,
      series: data.series.map(({ symbol, timeframeMs, length, source }) => ({
        symbol,
        timeframeMs,
        length,
        source,
      })),
    }),
  );
  const sizes = Buffer.alloc(4);
  sizes.writeUInt32LE(header.length);
  const parts: Buffer[] = [Buffer.from(MAGIC), sizes, header];
  for (const bars of data.series) {
    for (const name of COLUMNS) {
      const column = bars[name];
      parts.push(Buffer.from(column.buffer, column.byteOffset, column.byteLength));
    }
  }
  const bytes = Buffer.concat(parts);
  return { hash: hashOfBytes(bytes), bytes };
}

/** Bars over shared memory again. @throws AppError RESEARCH_DATA when the bytes are not whole */
export function unpackData(bytes: Buffer): MarketData {
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC) throw damaged();
  const size = bytes.readUInt32LE(MAGIC.length);
  let at = MAGIC.length + 4;
  const header = JSON.parse(bytes.subarray(at, at + size).toString()) as Pick<
    MarketData,
    'kind' | 'label' | 'dataHash' | 'calendarHash' | 'funding' | 'events'
  > & { series: Pick<Bars, 'symbol' | 'timeframeMs' | 'length' | 'source'>[] };
  at += size;
  const series = header.series.map((meta) => {
    const bars = createBars(meta);
    for (const name of COLUMNS) {
      const end = at + 8 * meta.length;
      if (end > bytes.length) throw damaged();
      new Uint8Array(bars[name].buffer).set(bytes.subarray(at, end));
      at = end;
    }
    return bars;
  });
  return { ...header, series, manifest: [], findings: [], notes: [] };
}

export function hashOfBytes(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function damaged(): AppError {
  return new AppError('RESEARCH_DATA', 'the shipped data is damaged');
}
