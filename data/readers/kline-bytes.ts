import { RawBars } from './raw-bars.ts';

const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const MANTISSA_DIGITS_MAX = 15;
const FIELDS = 12;
const FIELD_TAKER = 9;

/** Exact powers of ten: a mantissa under 2^53 over one of these is correctly rounded. */
const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
];

/**
 * Fast path for Binance's own kline layout: 12 comma-separated plain decimals a line, the fields
 * from the eighth on possibly empty, an optional header. Returns undefined for anything else; the
 * caller then takes the robust path, which also words the errors. Equal to `Number(text)` always.
 */
export function parseKlineBytes(bytes: Uint8Array): RawBars | undefined {
  const parser = new KlineParser(bytes);
  return parser.run() ? parser.rows : undefined;
}

class KlineParser {
  readonly rows: RawBars;
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.rows = new RawBars(Math.max(16, Math.ceil(bytes.length / 100)));
  }

  run(): boolean {
    const { bytes, rows } = this;
    const isDigit = bytes[0] >= ZERO && bytes[0] <= NINE;
    if (!isDigit) {
      // Only Binance's own header may stand there; other headers can mean other columns.
      if (!startsWith(bytes, 'open_time,open,high,low,close,volume,close_time,')) return false;
      this.skipLine();
      rows.firstLine = 2;
    }
    while (this.at < bytes.length) {
      if (!this.row()) return false;
    }
    return rows.length > 0;
  }

  private row(): boolean {
    const { rows } = this;
    const i = rows.add();
    for (let field = 0; field < FIELDS; field++) {
      const value = this.number();
      if (field === 0) rows.openTime[i] = value;
      else if (field === 1) rows.open[i] = value;
      else if (field === 2) rows.high[i] = value;
      else if (field === 3) rows.low[i] = value;
      else if (field === 4) rows.close[i] = value;
      else if (field === 5) rows.volume[i] = value;
      else if (field === FIELD_TAKER) rows.takerBuyVolume[i] = value;
      if (field < 6 && Number.isNaN(value)) return false;
      if (field < FIELDS - 1) {
        if (this.bytes[this.at++] !== COMMA) return false;
      }
    }
    if (this.bytes[this.at] === RETURN) this.at++;
    if (this.at >= this.bytes.length) return true;
    return this.bytes[this.at++] === NEWLINE;
  }

  /** The decimal at the cursor; NaN for an empty field or anything that is not plain digits. */
  private number(): number {
    const { bytes } = this;
    const start = this.at;
    let mantissa = 0;
    let digits = 0;
    let decimals = -1;
    for (;;) {
      const byte = bytes[this.at];
      if (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        // Leading zeros carry no precision.
        if (mantissa > 0) digits++;
        if (decimals >= 0) decimals++;
      } else if (byte === DOT && decimals < 0) decimals = 0;
      else break;
      this.at++;
    }
    const length = this.at - start;
    if (length === 0 || (length === 1 && decimals === 0)) return Number.NaN;
    const places = Math.max(0, decimals);
    if (digits <= MANTISSA_DIGITS_MAX && places < POWERS.length) return mantissa / POWERS[places];
    let text = '';
    for (let i = start; i < this.at; i++) text += String.fromCharCode(bytes[i]);
    return Number(text);
  }

  private skipLine(): void {
    while (this.at < this.bytes.length && this.bytes[this.at++] !== NEWLINE);
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
