import { isWireObject } from '../../data/binance/wire-fields.ts';
import { AppError } from '../engine/error.ts';
import { PROTECTION_WINDOW_MS } from '../exchanges/binance/order-params.ts';
import type { LineAnswer, Notice, VenueLine } from '../exchanges/binance/venue-line.ts';
import type { RestRequest } from '../exchanges/binance/venue-rest.ts';

const TIMEOUT_MS = 10_000;

/** What has to be true before a process with keys may start; throws what is not. */
export type Preflight = (context: PreflightContext) => Promise<void>;

export interface PreflightContext {
  mode: 'demo' | 'live';
  line: VenueLine;
  /** Measures the venue's clock less ours, in ms. */
  measureClock: () => Promise<number>;
  checkClock: (offsetMs: number) => void;
  symbols: readonly string[];
  notice: Notice;
}

/**
 * Clock, and what the key may do: it must trade futures and must not withdraw; in live mode it has
 * to be bound to an address. Account modes are set, and refused when they cannot be, by the
 * adapter's own set-up, which follows.
 * @throws AppError EXCHANGE_CLOCK, EXCHANGE_PERMISSION, EXCHANGE_ACCESS
 */
export async function checkAccount(context: PreflightContext): Promise<void> {
  const { mode, line, measureClock, checkClock, notice } = context;
  checkClock(await measureClock());
  if (mode === 'demo') {
    notice('info', 'DEMO', 'the demo exchange does not tell what a key may do; not checked');
    return;
  }
  const answer = await ask(line, { api: 'sapi', path: 'account/apiRestrictions' });
  if (answer.kind === 'failed') {
    const { failure, rule } = answer;
    const why = `what the key may do cannot be read: ${failure.code} ${rule.meaning}`;
    throw new AppError('EXCHANGE_ACCESS', why, 'check key, secret and the address it is bound to');
  }
  const rights = isWireObject(answer.body) ? answer.body : {};
  if (rights.enableWithdrawals !== false) {
    const hint = 'make a key for futures only, without withdrawals';
    throw new AppError('EXCHANGE_PERMISSION', 'this key can withdraw: it is refused', hint);
  }
  if (rights.enableFutures !== true) {
    const hint = 'enable futures for the key at the exchange';
    throw new AppError('EXCHANGE_PERMISSION', 'this key cannot trade futures', hint);
  }
  if (rights.ipRestrict !== true) {
    const hint = 'bind the key to the address of this machine at the exchange';
    throw new AppError('EXCHANGE_PERMISSION', 'this key works from any address', hint);
  }
}

function ask(line: VenueLine, request: Pick<RestRequest, 'api' | 'path'>): Promise<LineAnswer> {
  const base = { method: 'GET', params: {}, recvWindowMs: PROTECTION_WINDOW_MS } as const;
  return new Promise((resolve) => {
    line.send({ ...base, ...request }, { urgency: 'report', timeoutMs: TIMEOUT_MS }, resolve);
  });
}
