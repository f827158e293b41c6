import { basename } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { readTextBytes } from '../readers/open-file.ts';
import { ROW_BUY, ROW_SELL, type TapeRows, type TapeSpan, TapeWriter } from './tape.ts';

const COMMA = 44;
const NEWLINE = 10;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const LOWER_T = 116;
const UPPER_T = 84;
const LOWER_F = 102;
const UPPER_F = 70;
/** Times above are microseconds, as spot archives have them since 2025. */
const MICROSECONDS_FROM = 1e14;
const BYTES_PER_ROW = 60;

/**
 * Binance's archive of trades: `aggTrades` (id, price, quantity, first id, last id, time, buyer is
 * maker) or `trades` (id, price, quantity, quote quantity, time, buyer is maker), with or without
 * header, .csv, .gz or .zip. Which of the two it is is told by the place of the flag.
 *
 * Ids of aggregated trades are consecutive: where one is missing, the span between its neighbours
 * is a gap. Ids of single trades may jump and say nothing.
 * @throws AppError DATA_TRADES naming file and line
 */
export function readTradeFile(path: string): TapeRows {
  return parseTrades(readTextBytes(path), basename(path));
}

export function parseTrades(bytes: Uint8Array, name: string): TapeRows {
  return new TradeParser(bytes, name).run();
}

class TradeParser {
  private readonly bytes: Uint8Array;
  private readonly name: string;
  private readonly rows: TapeWriter;
  private readonly gaps: TapeSpan[] = [];
  private at = 0;
  private line = 1;
  private lastId = Number.NaN;

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes;
    this.name = name;
    this.rows = new TapeWriter(Math.ceil(bytes.length / BYTES_PER_ROW));
  }

  run(): TapeRows {
    const { bytes } = this;
    if (!isDigit(bytes[0])) this.skipLine();
    const flagField = this.flagField();
    const isAggregated = flagField === 6;
    while (this.at < bytes.length) this.row(flagField, isAggregated);
    return this.rows.done(this.gaps);
  }

  /** Number of the first field that is a flag: 6 of aggregated trades, 5 of single ones. */
  private flagField(): number {
    const { bytes } = this;
    let field = 0;
    for (let i = this.at; i < bytes.length && bytes[i] !== NEWLINE; i++) {
      if (bytes[i] !== COMMA) continue;
      field++;
      if (flagOf(bytes[i + 1]) !== undefined) {
        if (field === 5 || field === 6) return field;
        break;
      }
    }
    throw this.refusal('is neither aggTrades nor trades');
  }

  private row(flagField: number, isAggregated: boolean): void {
    const id = this.number();
    const price = this.number();
    const quantity = this.number();
    for (let field = 3; field < flagField - 1; field++) this.number();
    const raw = this.number();
    const isBuyerMaker = flagOf(this.bytes[this.at]);
    if (isBuyerMaker === undefined) throw this.refusal('has no flag true or false');
    if (!(price > 0 && quantity > 0)) throw this.refusal('has no price or no quantity');
    const atMs = raw >= MICROSECONDS_FROM ? Math.floor(raw / 1_000) : raw;
    const { rows } = this;
    if (atMs < rows.lastMs) throw this.refusal('goes back in time');
    if (isAggregated && id !== this.lastId + 1 && rows.length > 0) {
      this.gaps.push({ fromMs: rows.lastMs, toMs: atMs + 1 });
    }
    this.lastId = id;
    rows.add(atMs, isBuyerMaker ? ROW_SELL : ROW_BUY, price, quantity);
    this.skipLine();
  }

  /** A plain decimal and the comma behind it. */
  private number(): number {
    const { bytes } = this;
    let mantissa = 0;
    let decimals = 0;
    let digits = 0;
    let isPoint = false;
    for (;;) {
      const byte = bytes[this.at];
      if (isDigit(byte)) {
        mantissa = mantissa * 10 + (byte - ZERO);
        digits++;
        if (isPoint) decimals++;
      } else if (byte === DOT && !isPoint) isPoint = true;
      else break;
      this.at++;
    }
    if (digits === 0 || bytes[this.at++] !== COMMA) throw this.refusal('is not a row of numbers');
    // A mantissa under 2^53 over a power of ten up to 1e22 is the correctly rounded double.
    if (mantissa >= Number.MAX_SAFE_INTEGER) throw this.refusal('has a number of too many digits');
    return decimals === 0 ? mantissa : mantissa / POWERS[decimals];
  }

  private skipLine(): void {
    const end = this.bytes.indexOf(NEWLINE, this.at);
    this.at = end < 0 ? this.bytes.length : end + 1;
    this.line++;
  }

  private refusal(what: string): AppError {
    return new AppError(
      'DATA_TRADES',
      `${this.name}, line ${this.line} ${what}`,
      'expected an aggTrades or trades file of data.binance.vision, unchanged',
    );
  }
}

const POWERS = Array.from({ length: 23 }, (_, digits) => Number(`1e${digits}`));

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function flagOf(byte: number | undefined): boolean | undefined {
  if (byte === LOWER_T || byte === UPPER_T) return true;
  return byte === LOWER_F || byte === UPPER_F ? false : undefined;
}
