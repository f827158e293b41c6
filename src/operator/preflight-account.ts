import { isWireObject, numberOf, type WireObject } from '../../data/binance/wire-fields.ts';
import type { RestPort } from '../exchanges/binance/venue-rest.ts';
import { readBrackets, readFeeRates } from '../exchanges/binance/venue-rows.ts';
import { green, note, type PreflightCheck, type PreflightMode, red } from './preflight-check.ts';
import { askVenue, failureText, type VenueAnswer } from './venue-ask.ts';

export interface AccountOptions {
  mode: PreflightMode;
  rest: RestPort;
  symbols: readonly string[];
  /** Highest leverage of the ramp. */
  leverageMax: number;
}

const KEY_FIX = 'make a new key: reading and futures only, limited to the address of this server';

/** What only the owner of the account may read. Nothing is changed here. */
export async function accountChecks(options: AccountOptions): Promise<PreflightCheck[]> {
  const { rest } = options;
  const config = await askVenue(rest, 'fapiPrivate', 'accountConfig');
  const checks = [await keyCheck(options), futuresCheck(config)].flat();
  if (!config.isOk || !isWireObject(config.body)) return checks;
  checks.push(...modeChecks(config.body), await balanceCheck(rest));
  for (const symbol of options.symbols) checks.push(...(await symbolChecks(options, symbol)));
  return checks;
}

/** A key that can move money out is refused whatever the mode: a stolen one would empty it. */
async function keyCheck({ rest, mode }: AccountOptions): Promise<PreflightCheck[]> {
  const answer = await askVenue(rest, 'sapi', 'account/apiRestrictions');
  if (!answer.isOk || !isWireObject(answer.body)) {
    const found = answer.isOk ? 'cannot be read' : failureText(answer);
    if (mode !== 'live') return [note('key rights', `${found} (the demo server has no such call)`)];
    return [red('key rights', found, KEY_FIX)];
  }
  const rights = answer.body;
  const checks: PreflightCheck[] = [];
  for (const [field, what] of MOVES_MONEY) {
    if (rights[field] === true) checks.push(red('key rights', `the key ${what}`, KEY_FIX));
  }
  if (rights.enableFutures !== true) {
    checks.push(red('key rights', 'the key may not trade futures', 'switch "Enable Futures" on'));
  }
  if (checks.length === 0) checks.push(green('key rights', 'futures, nothing that moves money'));
  const free = 'works from any address';
  if (rights.ipRestrict === true) checks.push(green('key address', 'limited to given addresses'));
  else if (mode === 'live') checks.push(red('key address', free, KEY_FIX));
  else checks.push(note('key address', free));
  return checks;
}

const MOVES_MONEY = [
  ['enableWithdrawals', 'can withdraw'],
  ['enableInternalTransfer', 'can transfer to other users'],
  ['permitsUniversalTransfer', 'can transfer between accounts'],
] as const;

function futuresCheck(config: VenueAnswer): PreflightCheck {
  if (!config.isOk) {
    const { code } = config;
    const why =
      code === -2015 || code === -2014 ? 'key, address or futures permission refused' : '';
    const found = why === '' ? failureText(config) : `${why} (code ${code})`;
    return red(
      'futures account',
      found,
      'check key and secret, the address limit, "Enable Futures"',
    );
  }
  const canTrade = isWireObject(config.body) && config.body.canTrade === true;
  if (canTrade) return green('futures account', 'may trade');
  return red('futures account', 'trading is switched off', 'open the futures account at Binance');
}

function modeChecks(config: WireObject): PreflightCheck[] {
  const isHedged = config.dualSidePosition !== false;
  const isMulti = config.multiAssetsMargin !== false;
  return [
    isHedged
      ? red('position mode', 'hedge mode', 'switch Position Mode to One-way in Preferences')
      : green('position mode', 'one-way'),
    isMulti
      ? red('asset mode', 'multi-assets', 'switch Asset Mode to Single-Asset in Preferences')
      : green('asset mode', 'single-asset'),
  ];
}

async function balanceCheck(rest: RestPort): Promise<PreflightCheck> {
  const answer = await askVenue(rest, 'fapiPrivateV3', 'balance');
  if (!answer.isOk) return red('balance', failureText(answer), 'try again');
  const rows = Array.isArray(answer.body) ? answer.body.filter(isWireObject) : [];
  const free = numberOf(rows.find(({ asset }) => asset === 'USDT')?.availableBalance);
  if (free === undefined) return red('balance', 'no USDT row', 'transfer USDT to the account');
  const found = `${free.toFixed(2)} USDT free`;
  return free > 0 ? green('balance', found) : red('balance', found, 'transfer USDT to the account');
}

async function symbolChecks(options: AccountOptions, symbol: string): Promise<PreflightCheck[]> {
  const { rest, leverageMax } = options;
  const [config, brackets, fees, risk] = [
    await askVenue(rest, 'fapiPrivate', 'symbolConfig', { symbol }),
    await askVenue(rest, 'fapiPrivate', 'leverageBracket', { symbol }),
    await askVenue(rest, 'fapiPrivate', 'commissionRate', { symbol }),
    await askVenue(rest, 'fapiPrivateV3', 'positionRisk', { symbol }),
  ];
  const position = positionOf(risk);
  return [
    marginCheck(symbol, config, position),
    bracketCheck(symbol, brackets, leverageMax),
    feeCheck(symbol, fees),
    ...positionCheck(symbol, risk, position),
  ];
}

function marginCheck(symbol: string, config: VenueAnswer, position: number): PreflightCheck {
  const name = `margin ${symbol}`;
  const row = rowsOf(config)[0];
  if (row === undefined) return red(name, whyNot(config), 'try again');
  const found = `${String(row.marginType).toLowerCase()}, leverage ${String(row.leverage)} x`;
  if (row.marginType === 'ISOLATED') return green(name, found);
  // Flat, the start sets it; under a position the venue refuses.
  if (position === 0) return note(name, `${found}; a start sets it to isolated`);
  return red(name, `${found}, and a position is open`, 'close it, or set it to Isolated by hand');
}

function bracketCheck(symbol: string, answer: VenueAnswer, leverageMax: number): PreflightCheck {
  const name = `brackets ${symbol}`;
  const row = rowsOf(answer)[0];
  const tiers = row === undefined ? whyNot(answer) : readBrackets(row);
  if (typeof tiers === 'string') return red(name, tiers, 'try again');
  const highest = tiers[0].leverageMax;
  const found = `${tiers.length} tiers, up to ${highest} x`;
  if (highest >= leverageMax) return green(name, found);
  return red(name, `${found}; the ramp ends at ${leverageMax} x`, 'lower leverage.ramp');
}

function feeCheck(symbol: string, answer: VenueAnswer): PreflightCheck {
  const name = `fees ${symbol}`;
  const fees = answer.isOk && isWireObject(answer.body) ? readFeeRates(answer.body) : undefined;
  if (fees === undefined || typeof fees === 'string') return red(name, whyNot(answer), 'try again');
  const { makerE8, takerE8 } = fees;
  return green(name, `maker ${percent(makerE8)} %, taker ${percent(takerE8)} %`);
}

function positionCheck(symbol: string, answer: VenueAnswer, position: number): PreflightCheck[] {
  if (!answer.isOk) return [red(`position ${symbol}`, failureText(answer), 'try again')];
  if (position === 0) return [];
  const found = `${position} is open; it is adopted only if this state folder opened it`;
  return [note(`position ${symbol}`, found)];
}

function positionOf(answer: VenueAnswer): number {
  return rowsOf(answer).reduce((sum, row) => sum + (numberOf(row.positionAmt) ?? 0), 0);
}

/** Some calls answer with a list, some with one object. */
function rowsOf(answer: VenueAnswer): WireObject[] {
  if (!answer.isOk) return [];
  return (Array.isArray(answer.body) ? answer.body : [answer.body]).filter(isWireObject);
}

function whyNot(answer: VenueAnswer): string {
  return answer.isOk ? 'an answer without what is needed' : failureText(answer);
}

function percent(e8: number): string {
  return (e8 / 1e6).toFixed(3);
}
