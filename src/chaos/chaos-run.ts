import { replayJournal } from '../live/replay-journal.ts';
import { CHAOS_KEYS, createChaosEngine } from './chaos-process.ts';
import { CHAOS_SYMBOLS, type StrategyScript } from './chaos-strategy.ts';
import { CHAOS_START_MS, ChaosWorld, type WorldOptions } from './chaos-world.ts';
import type { Fault } from './fault.ts';
import { drawFaults, FAULTS } from './fault-catalog.ts';

export interface RunOptions extends WorldOptions {
  /** Those of the seed when left out. */
  faults?: readonly Fault[];
}

export interface RunResult {
  seed: number;
  faults: readonly Fault[];
  /** Empty when everything held. */
  violations: string[];
  /** Runs that never held a position prove nothing. */
  hasHeld: boolean;
  hasHedged: boolean;
  boots: number;
  trades: number;
  steps: number;
  /** Longest time without a stop while both sides could see each other. */
  worstNakedMs: number;
  /** Chain over all decisions, and the venue's wallet: two equal runs have equal ones. */
  digest: string;
}

/** Nothing is broken any more from here on; a person looks after what only a person may. */
const CALM_MINUTE = 26;
const HANDS_MINUTE = 28;
const END_MINUTE = 31;

/** One run: thirty market minutes and a last look. The same seed, the same run. */
export function runChaos(options: RunOptions): RunResult {
  const { seed, faults = drawFaults(seed) } = options;
  const world = new ChaosWorld(options);
  try {
    for (const fault of faults) {
      const inject = (): void => {
        world.note(`FAULT ${JSON.stringify(fault)}`);
        FAULTS[fault.kind].inject(world, fault);
      };
      if (fault.atMs === 0) inject();
      else world.time.wake(CHAOS_START_MS + fault.atMs, inject, 0);
    }
    const end = playAndLook(world);
    const violations = [...world.invariants.violations, ...end];
    return resultOf(world, { seed, faults, violations });
  } finally {
    world.close();
  }
}

/** The run itself; whatever throws on the way is a violation like any other. */
function playAndLook(world: ChaosWorld): string[] {
  try {
    world.start();
    world.runTo(world.minutesMs(CALM_MINUTE));
    world.calm();
    world.runTo(world.minutesMs(HANDS_MINUTE));
    lookAfter(world);
    world.runTo(world.minutesMs(END_MINUTE));
    return lastLook(world);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    world.note(error.stack ?? '');
    return [`thrown: ${error.message}`];
  }
}

/** What an operator does after such a half hour: lifts halts that wait for him, closes the rest. */
function lookAfter(world: ChaosWorld): void {
  const core = world.process?.session?.core;
  if (core === undefined) return;
  const { open, halts } = core.engine.inspect();
  if (halts.length > 0) {
    world.note(`halts: ${halts.join('; ')}`);
    core.deliver({ kind: 'command.received', command: 'resume', reason: 'looked at' }, 'operator');
  }
  if (open.size === 0) for (const symbol of CHAOS_SYMBOLS) world.hand.flatten(symbol);
}

/** Books equal to the exchange, nothing left over, the journal tells the same story again. */
function lastLook(world: ChaosWorld): string[] {
  const out: string[] = [];
  const { venue, process } = world;
  for (const { symbol, amount } of venue.account.positions.values()) {
    if (amount !== 0) out.push(`${symbol}: ${amount} is held at the end`);
  }
  for (const { clientId } of venue.orders.open) out.push(`${clientId} rests at the end`);
  for (const { clientId } of venue.algos.open) out.push(`stop ${clientId} rests at the end`);
  const session = process?.session;
  if (session === undefined) return [...out, 'no process lives at the end'];
  if (!session.isReady) out.push('the last start never got ready');
  const { kernel, open, halts } = session.core.engine.inspect();
  if (open.size > 0) out.push('a package is open at the end');
  if (halts.length > 0) out.push(`halted at the end: ${halts.join('; ')}`);
  for (const { request, state } of kernel.store.openOrders()) {
    out.push(`${request.orderId} is ${state} in the books at the end`);
  }
  for (const symbol of CHAOS_SYMBOLS) {
    const lots = kernel.portfolio.position(symbol)?.lots ?? 0;
    if (lots !== 0) out.push(`the books hold ${lots} lots of ${symbol} at the end`);
  }
  const booked = kernel.portfolio.cashUnits();
  const there = Math.round(venue.account.wallet * 1e8);
  if (booked !== there) out.push(`the books have ${booked} of cash, the venue has ${there}`);
  return [...out, ...replayed(world), ...leaks(world)];
}

function replayed(world: ChaosWorld): string[] {
  world.process?.session?.stop(() => {});
  world.disk.flush();
  const digest = world.process?.session?.core.engine.effectDigest();
  const compose = (config: unknown) => createChaosEngine(config as StrategyScript);
  const { difference, digest: again } = replayJournal(world.disk.sqlite.db, { compose });
  if (difference !== undefined) {
    const { seq, event } = difference.envelope;
    world.note(`journalled: ${JSON.stringify(difference.journalled)}`);
    world.note(`replayed: ${JSON.stringify(difference.replayed)}`);
    return [`the journal replays otherwise from event ${seq} (${event.kind})`];
  }
  return again === digest ? [] : ['the journal replays to another digest'];
}

/** No key, secret or listen key in anything that is kept or shown. */
function leaks(world: ChaosWorld): string[] {
  const out: string[] = [];
  const kept = world.disk.everything().join('\n');
  const shown = world.texts.join('\n');
  for (const [what, secret] of [
    ['the secret', CHAOS_KEYS.secret],
    ['the API key', CHAOS_KEYS.apiKey],
    ['a listen key', 'fakeListenKey'],
    ['a signature', 'signature='],
  ]) {
    if (kept.includes(secret)) out.push(`${what} is in the store`);
    if (shown.includes(secret)) out.push(`${what} is in a message`);
  }
  return out;
}

function resultOf(
  world: ChaosWorld,
  found: Pick<RunResult, 'seed' | 'faults' | 'violations'>,
): RunResult {
  const { invariants, boots, steps, venue } = world;
  const digest = world.process?.session?.core.engine.effectDigest() ?? '';
  return {
    ...found,
    hasHeld: invariants.hasHeld,
    hasHedged: invariants.hasHedged,
    boots,
    steps,
    trades: venue.orders.trades.length,
    worstNakedMs: invariants.worstNakedMs,
    digest: `${digest} ${venue.account.wallet}`,
  };
}
