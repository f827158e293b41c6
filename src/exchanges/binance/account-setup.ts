import { isWireObject, numberOf } from '../../../data/binance/wire-fields.ts';
import { AppError } from '../../engine/error.ts';
import type { EngineEvent, EventSource } from '../../engine/event.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { BracketTier, FeeRates, InstrumentSpec } from '../../engine/instrument-spec.ts';
import { PROTECTION_WINDOW_MS } from './order-params.ts';
import { playScript, type RestScript, type ScriptLine, type ScriptOutcome } from './rest-script.ts';
import type { LineAnswer, Notice, VenueLine } from './venue-line.ts';
import type { EdgeTime, RestRequest } from './venue-rest.ts';
import { readBrackets, readFeeRates, readInstrument } from './venue-rows.ts';

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 10_000;
const CLOCK_TRIES = 5;
/** Between tries to leave cross margin. */
const AGAIN_MS = 60_000;

export interface AccountSetupOptions {
  line: VenueLine;
  time: EdgeTime;
  symbols: readonly string[];
  leverage: number;
  notice: Notice;
  sink: (event: EngineEvent, source: EventSource) => void;
  /** Filled and kept up to date here; everything that converts reads it. */
  instruments: Map<string, Instrument>;
}

/** What a session needs to know of the account before its first event. */
export interface AccountFacts {
  instruments: InstrumentSpec[];
  brackets: Record<string, BracketTier[]>;
  feeRates: Record<string, FeeRates>;
}

/**
 * Puts the account into the only state that the engine knows: one-way, single-asset, isolated, the
 * wanted leverage. What orders or positions forbid to change is an error before the first entry and
 * never changed under an open position. Filters and fees are read again each day, as events.
 */
export class AccountSetup {
  declare private readonly options: AccountSetupOptions;
  private readonly rates = new Map<string, FeeRates>();
  private daily: { cancel(): void } | undefined;
  /** Symbols that could not be isolated yet. */
  private readonly crossed = new Set<string>();
  private again: { cancel(): void } | undefined;

  constructor(options: AccountSetupOptions) {
    this.options = options;
  }

  /** @throws AppError EXCHANGE_SETUP when the account cannot be put into that state */
  prepare(): Promise<AccountFacts> {
    return new Promise((resolve, reject) => {
      this.begin((outcome) => {
        if (outcome.kind === 'done') resolve(outcome.value);
        else reject(outcome.error);
      });
    });
  }

  /** `prepare` without a promise, for time that is virtual. */
  begin(done: (outcome: ScriptOutcome<AccountFacts>) => void): void {
    playScript(this.preparing(), this.line(), done);
  }

  private *preparing(): RestScript<AccountFacts> {
    const { symbols, leverage } = this.options;
    yield* this.change('positionSide/dual', { dualSidePosition: 'false' });
    yield* this.change('multiAssetsMargin', { multiAssetsMargin: 'false' });
    const specs = yield* this.readFilters();
    const brackets: Record<string, BracketTier[]> = {};
    for (const symbol of symbols) {
      yield* this.isolate(symbol, leverage);
      const rows = yield* this.get('fapiPrivate', 'leverageBracket', { symbol });
      const row = (Array.isArray(rows) ? rows : [rows]).filter(isWireObject)[0];
      brackets[symbol] = known(row === undefined ? 'no brackets' : readBrackets(row), symbol);
      this.rates.set(symbol, yield* this.readFees(symbol));
    }
    this.readDaily();
    return { instruments: specs, brackets, feeRates: Object.fromEntries(this.rates) };
  }

  /** Reads filters and fees now; what changed becomes events. */
  refresh(): Promise<void> {
    return new Promise((resolve, reject) => {
      playScript(this.refreshing(), this.line(), (outcome) => {
        if (outcome.kind === 'done') resolve();
        else reject(outcome.error);
      });
    });
  }

  private *refreshing(): RestScript<void> {
    const { symbols, sink, instruments } = this.options;
    const before = new Map([...instruments].map(([symbol, { spec }]) => [symbol, spec]));
    for (const spec of yield* this.readFilters()) {
      if (before.get(spec.symbol)?.version === spec.version) continue;
      sink({ kind: 'instrument.changed', spec }, 'venue');
    }
    for (const symbol of symbols) {
      const rates = yield* this.readFees(symbol);
      const old = this.rates.get(symbol);
      this.rates.set(symbol, rates);
      if (old?.makerE8 === rates.makerE8 && old.takerE8 === rates.takerE8) continue;
      sink({ kind: 'feeRates.changed', symbol, rates }, 'venue');
    }
  }

  stop(): void {
    this.daily?.cancel();
    this.again?.cancel();
  }

  private readDaily(): void {
    const { time, notice } = this.options;
    this.daily = time.wake(time.nowMs() + DAY_MS, () => {
      this.refresh().catch((error: Error) => {
        notice('warning', 'FILTERS_STALE', `filters could not be read: ${error.message}`);
      });
      this.readDaily();
    });
  }

  /** The version rises only when a filter is another one. */
  private *readFilters(): RestScript<InstrumentSpec[]> {
    const { symbols, instruments } = this.options;
    const body = yield* this.get('fapiPublic', 'exchangeInfo', {});
    const rows = isWireObject(body) && Array.isArray(body.symbols) ? body.symbols : [];
    return symbols.map((symbol) => {
      const row = rows.filter(isWireObject).find((each) => each.symbol === symbol);
      const old = instruments.get(symbol)?.spec;
      const version = old?.version ?? 1;
      const spec = known(row === undefined ? 'not listed' : readInstrument(row, version), symbol);
      if (old !== undefined && JSON.stringify(old) === JSON.stringify(spec)) return old;
      const changed = { ...spec, version: old === undefined ? 1 : version + 1 };
      instruments.set(symbol, new Instrument(changed));
      return changed;
    });
  }

  private *readFees(symbol: string): RestScript<FeeRates> {
    const row = yield* this.get('fapiPrivate', 'commissionRate', { symbol });
    return known(isWireObject(row) ? readFeeRates(row) : 'no commission rates', symbol);
  }

  /** Leverage and margin type as they are; each is set only when it is another one and all is flat. */
  private *isolate(symbol: string, leverage: number): RestScript<void> {
    const rows = yield* this.get('fapiPrivate', 'symbolConfig', { symbol });
    const row = (Array.isArray(rows) ? rows : []).filter(isWireObject)[0];
    if (row?.marginType !== 'ISOLATED') yield* this.leaveCross(symbol);
    if (numberOf(row?.leverage) === leverage) return;
    if (!(yield* this.isFlat(symbol))) {
      const now = numberOf(row?.leverage);
      const text = `${symbol}: leverage stays ${now} until the position is closed`;
      this.options.notice('warning', 'LEVERAGE', text);
      if (now !== undefined) {
        this.options.sink({ kind: 'accountConfig.changed', symbol, leverage: now }, 'venue');
      }
      return;
    }
    yield* this.change('leverage', { symbol, leverage });
  }

  /**
   * Refused while something is held or rests. A start that gave up then would leave the position
   * alone: it goes on, nothing opens, and the change is tried again until it is taken.
   */
  private *leaveCross(symbol: string): RestScript<void> {
    const { notice, sink, time } = this.options;
    const params = { symbol, marginType: 'ISOLATED' };
    const answer = yield* this.call({
      method: 'POST',
      api: 'fapiPrivate',
      path: 'marginType',
      params,
    });
    const reason = `venue: ${symbol} is on cross margin`;
    if (answer.kind === 'ok' || answer.rule.reaction === 'done') {
      if (this.crossed.delete(symbol)) sink({ kind: 'entries.released', reason }, 'venue');
      return;
    }
    const { failure, rule } = answer;
    const isOccupied = failure.code === -4047 || failure.code === -4048;
    // Once it is known, a try that fails for another reason says nothing new.
    if (!isOccupied && !this.crossed.has(symbol)) throw refused('marginType', answer);
    if (!this.crossed.has(symbol)) {
      this.crossed.add(symbol);
      notice('alarm', 'MARGIN_TYPE', `${symbol} stays on cross margin until flat: ${rule.meaning}`);
    }
    // Each time: a person may have lifted the halt meanwhile.
    sink({ kind: 'entries.blocked', reason }, 'venue');
    this.again ??= time.wake(time.nowMs() + AGAIN_MS, () => this.leaveAllCross());
  }

  private leaveAllCross(): void {
    const { crossed } = this;
    this.again = undefined;
    const script = function* (setup: AccountSetup): RestScript<void> {
      for (const symbol of [...crossed]) yield* setup.leaveCross(symbol);
    };
    playScript(script(this), this.line(), () => {});
  }

  private *isFlat(symbol: string): RestScript<boolean> {
    const rows = yield* this.get('fapiPrivateV3', 'positionRisk', { symbol });
    if (!Array.isArray(rows)) throw setupError(`${symbol}: the position cannot be read`);
    return rows.filter(isWireObject).every((row) => numberOf(row.positionAmt) === 0);
  }

  private *change(path: string, params: RestRequest['params']): RestScript<void> {
    const answer = yield* this.call({ method: 'POST', api: 'fapiPrivate', path, params });
    // "Already so" is what was wanted.
    if (answer.kind === 'ok' || answer.rule.reaction === 'done') return;
    throw refused(path, answer);
  }

  private *get(
    api: RestRequest['api'],
    path: string,
    params: RestRequest['params'],
  ): RestScript<unknown> {
    const answer = yield* this.call({ method: 'GET', api, path, params });
    if (answer.kind === 'ok') return answer.body;
    const { failure, rule } = answer;
    throw setupError(`${path} could not be read: ${failure.code} ${rule.meaning}`);
  }

  /** A clock that is off is measured while the first request is refused: it is asked again. */
  private *call(request: Omit<RestRequest, 'recvWindowMs'>): RestScript<LineAnswer> {
    const sent = { ...request, recvWindowMs: PROTECTION_WINDOW_MS };
    let answer = yield sent;
    for (let i = 0; i < CLOCK_TRIES; i++) {
      if (answer.kind === 'ok' || answer.rule.also !== 'syncClock') break;
      answer = yield sent;
    }
    return answer;
  }

  private line(): ScriptLine {
    return { line: this.options.line, urgency: 'report', timeoutMs: TIMEOUT_MS };
  }
}

function known<T extends object>(value: T | string, symbol: string): T {
  if (typeof value === 'string') throw setupError(`${symbol}: ${value}`);
  return value;
}

function refused(path: string, answer: Extract<LineAnswer, { kind: 'failed' }>): AppError {
  return setupError(`${path} was refused: ${answer.failure.code} ${answer.rule.meaning}`);
}

function setupError(text: string): AppError {
  const hint = 'close positions and orders of these symbols by hand, then start again';
  return new AppError('EXCHANGE_SETUP', text, hint);
}
