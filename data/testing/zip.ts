import { crc32, deflateRawSync } from 'node:zlib';

/** A one-file zip, for tests; `claimedBytes` lets its directory lie about the inflated size. */
export function zipOf(
  name: string,
  content: string | Uint8Array,
  options: { claimedBytes?: number } = {},
): Uint8Array {
  const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const packed = deflateRawSync(data);
  const size = options.claimedBytes ?? data.length;
  const title = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(size, 18);
  common.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, title, packed]);
  const entry = Buffer.alloc(16);
  const made = Buffer.from([20, 0]);
  const directory = Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    made,
    common,
    entry,
    title,
  ]);
  directory.writeUInt32LE(0, 42);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}
