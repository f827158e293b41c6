import { choose, chooseNext, type FaultRule } from './fault.ts';
import type { Target, TargetedFault } from './venue-network.ts';

const TARGETS: readonly Target[] = ['entry', 'leg', 'stop', 'disaster', 'target', 'exit', 'cancel'];

/** How an answer can be missing. */
const SYMPTOMS: readonly Pick<TargetedFault, 'kind' | 'status' | 'code' | 'body'>[] = [
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'answer', status: 503, body: '{"code":-1000,"msg":"Unknown error, please check"}' },
  { kind: 'answer', status: 408, code: -1007 },
  { kind: 'answer', status: 502, body: '<html><body>502 Bad Gateway</body></html>' },
];

/** Requests and answers that are lost, late, or refused for reasons of the moment. */
export const REQUEST_FAULTS: Readonly<Record<string, FaultRule>> = {
  'answer-lost': {
    group: 'requests',
    about: 'an order or cancel is executed, its answer never comes: reset, hang, 503, -1007, 502',
    weight: 4,
    inject: ({ network }, { dice }) => {
      const target = choose(dice, TARGETS);
      network.faults.push({ target, executed: true, ...chooseNext(dice, SYMPTOMS) });
    },
  },
  'request-lost': {
    group: 'requests',
    about: 'the same symptoms, and the venue never did it',
    weight: 4,
    inject: ({ network }, { dice }) => {
      const target = choose(dice, TARGETS);
      network.faults.push({ target, executed: false, ...chooseNext(dice, SYMPTOMS) });
    },
  },
  'reads-fail': {
    group: 'requests',
    about: 'reads of the account fail for a while',
    inject: ({ network }, { dice }) => {
      const match = choose(dice, ['GET /fapi/v1', 'GET /fapi/v3', 'userTrades', 'openAlgoOrders']);
      const count = chooseNext(dice, [1, 3, 6]);
      network.faults.push({ target: 'any', match, executed: false, kind: 'reset', count });
    },
  },
  'requests-slow': {
    group: 'requests',
    about: 'every request takes 0.2 to 3 s more',
    lengthMs: [3_000, 20_000],
    inject: (world, { dice, lengthMs }) => {
      world.network.extraMs = choose(dice, [100, 400, 900, 1_500]);
      world.network.extraUntilMs = world.nowMs() + lengthMs;
      world.slowUntilMs = world.nowMs() + lengthMs + 3_000;
    },
  },
  'rest-down': {
    group: 'requests',
    about: 'partial outage: no request gets through or none is answered; streams live',
    lengthMs: [1_000, 60_000],
    inject: ({ network, time }, { lengthMs }) => {
      network.restDownUntilMs = Math.max(network.restDownUntilMs, time.nowMs() + lengthMs);
    },
  },
  'bad-timestamp': {
    group: 'requests',
    about: '-1021 or -5028: outside of the window',
    inject: ({ network }, { dice }) => {
      const target = choose(dice, TARGETS);
      const code = chooseNext(dice, [-1021, -5028]);
      network.faults.push({ target, executed: false, kind: 'answer', status: 400, code });
    },
  },
  'venue-busy': {
    group: 'limits',
    about: '-1008 storm: nothing is executed, reduce-only orders are let through later',
    inject: ({ network }, { dice }) => {
      const count = choose(dice, [1, 2, 4]);
      const refusal = { executed: false, kind: 'answer', status: 503, code: -1008 } as const;
      network.faults.push({ target: 'any', match: 'POST /fapi/v1/', ...refusal, count });
    },
  },
  'too-many-requests': {
    group: 'limits',
    about: '429: request weight or order count, by any request',
    inject: ({ network }, { dice }) => {
      const code = choose(dice, [-1003, -1015]);
      const count = chooseNext(dice, [1, 3]);
      const refusal = { executed: false, kind: 'answer', status: 429, code } as const;
      network.faults.push({ target: 'any', ...refusal, count });
    },
  },
  banned: {
    group: 'limits',
    about: '418 with the end of the ban in its text, whatever is open',
    lengthMs: [5_000, 40_000],
    inject: ({ gateway, time }, { lengthMs }) => {
      gateway.limits.bannedUntil = Math.max(gateway.limits.bannedUntil, time.nowMs() + lengthMs);
    },
  },
  firewall: {
    group: 'limits',
    about: '403 with an HTML page',
    inject: ({ network }, { dice }) => {
      const body = '<html><head><title>403 Forbidden</title></head></html>';
      const refusal = { executed: false, kind: 'answer', status: 403, body } as const;
      network.faults.push({ target: choose(dice, TARGETS), ...refusal });
    },
  },
};

/** Refusals with a code that is the venue's last word. */
const REFUSALS: Readonly<Record<string, { target: Target; codes: number[]; about: string }>> = {
  'post-only-refused': { target: 'entry', codes: [-5022], about: 'GTX would take' },
  'entry-refused': {
    target: 'entry',
    codes: [-2019, -2027, -4164, -1111, -4131],
    about: 'entry refused: margin, cap, filters',
  },
  'leg-refused': {
    target: 'leg',
    codes: [-2019, -4164, -5022, -2027],
    about: 'hedge leg refused',
  },
  'stop-would-trigger': { target: 'stop', codes: [-2021], about: 'price is through the stop' },
  'stop-refused': {
    target: 'stop',
    codes: [-2022, -4509, -2019, -4045, -4120],
    about: 'stop refused: reduce-only, flat, margin, count, wrong service',
  },
  'disaster-refused': {
    target: 'disaster',
    codes: [-2021, -2022, -4045],
    about: 'wide stop refused',
  },
  'target-refused': {
    target: 'target',
    codes: [-2022, -4118, -1111],
    about: 'ladder order refused',
  },
  'wrong-mode-entry': {
    target: 'entry',
    codes: [-4061],
    about: 'the account is in hedge mode, says the answer to an entry',
  },
  'wrong-mode-stop': {
    target: 'stop',
    codes: [-4061],
    about: 'the same to the stop of a position',
  },
  'wrong-mode-exit': {
    target: 'exit',
    codes: [-4061],
    about: 'the same to an exit',
  },
  'regime-refused': {
    target: 'entry',
    codes: [-2023, -4105, -4106, -4107, -4189, -4401],
    about: 'entry refused: the account may only reduce',
  },
  'exit-refused': { target: 'exit', codes: [-4131, -2022], about: 'market exit refused' },
};

export const REFUSAL_FAULTS: Readonly<Record<string, FaultRule>> = Object.fromEntries(
  Object.entries(REFUSALS).map(([name, { target, codes, about }]) => [
    name,
    {
      group: 'refusals',
      about: `${about} (${codes.join(', ')})`,
      inject: ({ network }, { dice }) => {
        const refusal = { executed: false, kind: 'answer', status: 400 } as const;
        network.faults.push({ target, ...refusal, code: choose(dice, codes) });
      },
    } satisfies FaultRule,
  ]),
);
