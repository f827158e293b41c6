import { Random } from '../../data/simulated/random.ts';
import type { Fault, FaultRule } from './fault.ts';
import { PROCESS_FAULTS } from './faults-of-processes.ts';
import { REFUSAL_FAULTS, REQUEST_FAULTS } from './faults-of-requests.ts';
import { STREAM_FAULTS } from './faults-of-streams.ts';
import { VENUE_FAULTS } from './faults-of-venues.ts';

/** Everything that can go wrong, by the name it is counted under. */
export const FAULTS: Readonly<Record<string, FaultRule>> = {
  ...REQUEST_FAULTS,
  ...REFUSAL_FAULTS,
  ...STREAM_FAULTS,
  ...PROCESS_FAULTS,
  ...VENUE_FAULTS,
};

const NAMES = Object.entries(FAULTS).flatMap(([name, { weight = 1, share }]) =>
  share === undefined ? Array.from({ length: weight }, () => name) : [],
);
const TRAITS = Object.entries(FAULTS).filter(([, { share }]) => share !== undefined);
const FIRST_MS = 50_000;
const LAST_MS = 23 * 60_000;
const FAULTS_MAX = 8;

/** One to eight faults at random times of a run, and what the run is like from its beginning. */
export function drawFaults(seed: number): Fault[] {
  const random = new Random(seed, 4);
  const count = 1 + (random.next() % FAULTS_MAX);
  const faults = Array.from({ length: count }, () =>
    drawFault(NAMES[random.next() % NAMES.length], random),
  );
  const others = new Random(seed, 5);
  for (const [name, { share = 0 }] of TRAITS) {
    if (others.uniform() < share) faults.push(drawFault(name, others));
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** Time, length and variant of a fault. */
export function drawFault(kind: string, random: Random): Fault {
  const { lengthMs: [shortest, longest] = [0, 0], share } = FAULTS[kind];
  return {
    kind,
    atMs: share === undefined ? drawMoment(random) : 0,
    lengthMs: Math.floor(shortest + random.uniform() * (longest - shortest)),
    dice: Math.floor(random.uniform() * 1e6) / 1e6,
  };
}

/**
 * Any moment, or one soon after a bar has closed, when orders are on their way: a millisecond later
 * as likely as a second.
 */
function drawMoment(random: Random): number {
  if (random.uniform() < 0.4) return FIRST_MS + Math.floor(random.uniform() * (LAST_MS - FIRST_MS));
  const minute = 2 + (random.next() % (random.uniform() < 0.5 ? 5 : 20));
  const octave = 1 << (random.next() % 16);
  return minute * 60_000 + Math.floor(octave * (1 + random.uniform()));
}
