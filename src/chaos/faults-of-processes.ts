import { choose, chooseNext, type FaultRule } from './fault.ts';
import type { Target } from './venue-network.ts';

const CONTACTS: readonly Target[] = ['entry', 'leg', 'stop', 'target', 'exit', 'cancel', 'any'];

/** What happens to the process, its machine and its disk. */
export const PROCESS_FAULTS: Readonly<Record<string, FaultRule>> = {
  crash: {
    group: 'process',
    about: 'kill -9 at any moment; a supervisor starts it again 3 s later',
    weight: 3,
    inject: (world) => world.crash(),
  },
  'crash-at-order': {
    group: 'process',
    about: 'kill -9 when an order of some role arrives: executed or lost, the answer unseen',
    weight: 4,
    inject: (world, { dice }) => {
      world.network.faults.push({
        target: choose(dice, CONTACTS),
        executed: chooseNext(dice, [true, false]),
        kind: 'reset',
        onHit: () => world.crash(),
      });
    },
  },
  'crash-twice': {
    group: 'process',
    about: 'the process dies again while it starts',
    inject: (world, { dice }) => {
      world.crash();
      const afterMs = 3_000 + Math.floor(dice * 2_000);
      world.time.wake(world.nowMs() + afterMs, () => world.crash());
    },
  },
  restart: {
    group: 'process',
    about: 'a clean stop and start, with whatever is open',
    inject: (world) => world.restart(),
  },
  upgrade: {
    group: 'process',
    about: 'another version of the program goes on with an open position',
    inject: (world, { dice }) => {
      world.codeVersion = `chaos-${dice}`;
      if (dice < 0.5) world.restart();
      else world.crash();
    },
  },
  'config-change': {
    group: 'process',
    about: 'another configuration goes on with an open position',
    inject: (world, { dice }) => {
      const { script } = world;
      world.configHash = `config-${dice}`;
      world.script = { ...script, trails: !script.trails, exitAfterMinutes: 5, mode: 'taker' };
      if (dice < 0.5) world.restart();
      else world.crash();
    },
  },
  'stop-before-entry': {
    group: 'process',
    about: 'stop.prePlace is auto: the stop goes ahead of its entry, where the venue takes it',
    share: 0.5,
    inject: (world) => {
      world.configHash += '-ahead';
      world.script = { ...world.script, prePlace: 'auto' };
    },
  },
  'second-instance': {
    group: 'process',
    about: 'an order with our prefix and a boot id that this state folder never used',
    lengthMs: [5_000, 90_000],
    inject: (world, { lengthMs }) => world.hand.placeStrange('secondInstance', lengthMs),
  },
  'poisoned-event': {
    group: 'process',
    about: 'an event that cannot be handled',
    inject: (world) => {
      world.poison = (event) => {
        if (event.kind !== 'bar.closed' || event.isWarmUp) return;
        world.poison = () => {};
        throw new Error('made to fail');
      };
    },
  },
  'poison-mark-lost': {
    group: 'process',
    about: 'the same, and the process dies when the event is on the disk and its mark is not',
    inject: (world) => {
      world.poison = (event) => {
        if (event.kind !== 'bar.closed' || event.isWarmUp) return;
        const { symbol, openTime } = event;
        world.poison = () => {};
        world.isPoisoned = (other) =>
          other.kind === 'bar.closed' && other.symbol === symbol && other.openTime === openTime;
        world.process?.store.commit(() => world.crash());
        throw new Error('made to fail');
      };
    },
  },
  stall: {
    group: 'clock',
    about: 'the event loop stands still for 0.2 to 5 s',
    weight: 2,
    inject: (world, { dice }) =>
      world.process?.time.sleep(choose(dice, [200, 900, 1_800, 3_000, 5_000]), {
        isSuspended: false,
      }),
  },
  suspend: {
    group: 'clock',
    about: 'the machine is suspended for 30 s',
    inject: (world) => world.process?.time.sleep(30_000, { isSuspended: true }),
  },
  'clock-step': {
    group: 'clock',
    about: 'the wall clock jumps by up to 5 s, forward or back',
    weight: 2,
    inject: (world, { dice }) =>
      world.process?.time.step(choose(dice, [-5_000, -2_000, -700, 700, 2_000, 5_000])),
  },
  'slow-disk': {
    group: 'store',
    about: 'fdatasync takes 0.6 to 5 s',
    lengthMs: [3_000, 60_000],
    weight: 2,
    inject: ({ disk, time }, { dice, lengthMs }) => {
      disk.slowMs = choose(dice, [600, 1_500, 5_000]);
      disk.slowUntilMs = time.nowMs() + lengthMs;
    },
  },
  'full-disk': {
    group: 'store',
    about: 'no commit succeeds',
    lengthMs: [2_000, 40_000],
    inject: ({ disk, time }, { lengthMs }) => {
      disk.fullUntilMs = time.nowMs() + lengthMs;
    },
  },
};
