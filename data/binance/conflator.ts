import type { EngineEvent } from '../../src/engine/event.ts';
import type { BookFrame, TradeFrame } from './market-frame.ts';

/** While an order or position of ours is open on the symbol, and otherwise. */
export const SAMPLE_MS_BUSY = 100;
export const SAMPLE_MS_IDLE = 1_000;

/**
 * Folds every frame of one symbol into the latest book and the running flow, so that no queue of
 * frames can grow: a burst costs time, never memory. The engine gets samples.
 */
export class Conflator {
  /** Frames older than the book that is known. */
  staleBooks = 0;
  /** Trades that never came, counted by their consecutive ids. */
  missedTrades = 0;
  declare readonly symbol: string;
  private updateId = -1;
  private bid = 0;
  private ask = 0;
  private bidQuantity = 0;
  private askQuantity = 0;
  private isBookNew = false;
  /** The latest book as it came; read when a sample is due. */
  private heldText = '';
  private tradeId = -1;
  private buyVolume = 0;
  private sellVolume = 0;
  private lastPrice = 0;
  private isFlowNew = false;
  private sampledMs = Number.NEGATIVE_INFINITY;

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  /** False for a book that is older than the one known: frames are out of order. */
  onBook(frame: BookFrame): boolean {
    if (frame.updateId === this.updateId) return true;
    if (!this.isNext(frame.updateId)) return false;
    this.heldText = '';
    this.take(frame);
    return true;
  }

  /** The same for a book whose id alone has been read. */
  onBookText(text: string, updateId: number): boolean {
    if (updateId === this.updateId) return true;
    if (!this.isNext(updateId)) return false;
    this.heldText = text;
    return true;
  }

  private isNext(updateId: number): boolean {
    if (updateId > this.updateId) {
      this.updateId = updateId;
      return true;
    }
    this.staleBooks++;
    return false;
  }

  private take({ bid, ask, bidQuantity, askQuantity }: BookFrame): void {
    this.bid = bid;
    this.ask = ask;
    this.bidQuantity = bidQuantity;
    this.askQuantity = askQuantity;
    this.isBookNew = true;
  }

  /** How many trades are missing before this one; one that is known is dropped. */
  onTrade(frame: TradeFrame): number {
    if (frame.tradeId <= this.tradeId) return 0;
    const missed = this.tradeId < 0 ? 0 : frame.tradeId - this.tradeId - 1;
    this.missedTrades += missed;
    this.tradeId = frame.tradeId;
    if (frame.isSell) this.sellVolume += frame.quantity;
    else this.buyVolume += frame.quantity;
    this.lastPrice = frame.price;
    this.isFlowNew = true;
    return missed;
  }

  /**
   * Samples if it is time; `isForced` goes with a closed bar. Nothing new, nothing told.
   *
   * @param options.read a held frame as a book; undefined when it is none
   */
  sample(
    nowMs: number,
    options: {
      isBusy: boolean;
      isForced?: boolean;
      read?: (text: string) => BookFrame | undefined;
    },
    sink: (event: EngineEvent) => void,
  ): void {
    const { isBusy, isForced = false, read } = options;
    const everyMs = isBusy ? SAMPLE_MS_BUSY : SAMPLE_MS_IDLE;
    if (!isForced && nowMs - this.sampledMs < everyMs) return;
    if (this.heldText !== '') {
      const frame = read?.(this.heldText);
      this.heldText = '';
      if (frame !== undefined) this.take(frame);
    }
    if (!this.isBookNew && !this.isFlowNew) return;
    this.sampledMs = nowMs;
    const { symbol } = this;
    if (this.isBookNew) {
      const { bid, ask, bidQuantity, askQuantity } = this;
      this.isBookNew = false;
      sink({ kind: 'book.sampled', symbol, bid, ask, bidQuantity, askQuantity });
    }
    if (this.isFlowNew) {
      const { buyVolume, sellVolume, lastPrice } = this;
      this.isFlowNew = false;
      this.buyVolume = 0;
      this.sellVolume = 0;
      sink({ kind: 'flow.sampled', symbol, buyVolume, sellVolume, lastPrice });
    }
  }
}
