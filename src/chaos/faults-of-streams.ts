import { NEXT_LOOK_MS } from './chaos-world.ts';
import { choose, chooseNext, type FaultRule } from './fault.ts';

const FRAMES = ['ORDER_TRADE_UPDATE', 'ALGO_UPDATE', 'ACCOUNT_UPDATE', '"x":"TRADE"'];

export const STREAM_FAULTS: Readonly<Record<string, FaultRule>> = {
  'frame-doubled': {
    group: 'stream',
    about: 'user frames come twice',
    inject: ({ gateway }, { dice }) => {
      const match = choose(dice, FRAMES);
      const count = chooseNext(dice, [1, 3]);
      gateway.faults.streams.push({ category: 'private', kind: 'duplicate', match, count });
    },
  },
  'frames-reordered': {
    group: 'stream',
    about: 'a user frame comes after the one behind it',
    inject: ({ gateway }, { dice }) => {
      const match = choose(dice, FRAMES);
      const count = chooseNext(dice, [1, 2]);
      gateway.faults.streams.push({ category: 'private', kind: 'reorder', match, count });
    },
  },
  'frame-lost': {
    group: 'stream',
    about: 'a user frame never comes, or cut in two; the connection lives',
    inject: ({ gateway }, { dice }) => {
      const kind = choose(dice, ['drop', 'half'] as const);
      const match = chooseNext(dice, FRAMES);
      gateway.faults.streams.push({ category: 'private', kind, match });
    },
  },
  'frames-late': {
    group: 'stream',
    about: 'user frames are 50 to 800 ms late: answers overtake them',
    lengthMs: [20_000, 120_000],
    inject: ({ gateway, time }, { dice, lengthMs }) => {
      gateway.hub.userDelayMs = choose(dice, [50, 200, 500, 800]);
      time.wake(time.nowMs() + lengthMs, () => {
        gateway.hub.userDelayMs = 0;
      });
    },
  },
  'stream-closed': {
    group: 'stream',
    about: 'the private stream is closed: 1006, 1008, or the 24 hours are over',
    inject: ({ gateway }, { dice }) => {
      gateway.hub.closeAll(choose(dice, [1006, 1008, 1000]), 'private');
    },
  },
  'streams-down': {
    group: 'stream',
    about: 'partial outage: streams are cut and refused; requests get through',
    lengthMs: [2_000, 60_000],
    inject: ({ network, gateway, time }, { lengthMs }) => {
      network.streamsDownUntilMs = Math.max(network.streamsDownUntilMs, time.nowMs() + lengthMs);
      gateway.hub.closeAll(1006, 'private');
    },
  },
  'stream-silent': {
    group: 'stream',
    about: 'frames are lost, pings are answered',
    lengthMs: [3_000, 60_000],
    inject: (world, { lengthMs }) => {
      const untilMs = world.nowMs() + lengthMs;
      world.network.silentUntilMs = Math.max(world.network.silentUntilMs, untilMs);
      world.expectBlindness(lengthMs + NEXT_LOOK_MS);
    },
  },
  'line-dead': {
    group: 'stream',
    about: 'the connection is open and nothing comes any more, not even pongs',
    lengthMs: [10_000, 90_000],
    inject: (world, { lengthMs }) => {
      const untilMs = world.nowMs() + lengthMs;
      world.network.lineDeadUntilMs = Math.max(world.network.lineDeadUntilMs, untilMs);
      world.expectBlindness(lengthMs + NEXT_LOOK_MS);
    },
  },
  'key-expired': {
    group: 'stream',
    about: 'listenKeyExpired: nothing follows on the open socket',
    inject: ({ gateway }) => gateway.hub.expireListenKey(),
  },
  'key-refused': {
    group: 'stream',
    about: 'the listen key cannot be made or extended (-1125, 5xx) while the stream breaks',
    inject: ({ network, gateway }, { dice }) => {
      const code = choose(dice, [-1125, -1001]);
      const count = chooseNext(dice, [1, 3]);
      const refusal = { executed: false, kind: 'answer', status: 400, code } as const;
      network.faults.push({ target: 'any', match: 'listenKey', ...refusal, count });
      gateway.hub.closeAll(1006, 'private');
    },
  },
};
