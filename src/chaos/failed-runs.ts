import type { Fault } from './fault.ts';

interface FailedRun {
  seed: number;
  what: string;
  /** When entries are tried, where that is not the seed's. */
  script?: { firstMinute: number; everyMinutes: number };
  faults: readonly Fault[];
}

/**
 * Runs that found a defect once, each with its faults as they were: a change of how faults are drawn
 * does not change these. CI plays all of them.
 */
export const FAILED_RUNS: readonly FailedRun[] = [
  {
    seed: 88,
    what: 'a stop with no entry price behind it was sent with a trigger of NaN',
    faults: [
      { kind: 'disaster-refused', atMs: 120008, lengthMs: 0, dice: 0.236717 },
      { kind: 'slow-disk', atMs: 180059, lengthMs: 20470, dice: 0.172864 },
      { kind: 'bad-timestamp', atMs: 300115, lengthMs: 0, dice: 0.686843 },
      { kind: 'leg-refused', atMs: 306940, lengthMs: 0, dice: 0.285361 },
      { kind: 'crash-at-order', atMs: 406795, lengthMs: 0, dice: 0.00556 },
      { kind: 'frames-late', atMs: 614316, lengthMs: 73530, dice: 0.68537 },
      { kind: 'venue-busy', atMs: 622129, lengthMs: 0, dice: 0.905831 },
      { kind: 'funding', atMs: 1021757, lengthMs: 0, dice: 0.009794 },
    ],
  },
  {
    seed: 113,
    what: 'an exit that was lost held up the next one for seven seconds',
    faults: [
      { kind: 'answer-lost', atMs: 120002, lengthMs: 0, dice: 0.261409 },
      { kind: 'price-jump', atMs: 315805, lengthMs: 0, dice: 0.789716 },
      { kind: 'stop-would-trigger', atMs: 540001, lengthMs: 0, dice: 0.728532 },
      { kind: 'thin-book', atMs: 1260008, lengthMs: 44655, dice: 0.213317 },
    ],
  },
  {
    seed: 135,
    what: 'the account was compared with books that were not back yet',
    faults: [
      { kind: 'full-disk', atMs: 751894, lengthMs: 34864, dice: 0.347418 },
      { kind: 'reads-fail', atMs: 780247, lengthMs: 0, dice: 0.506965 },
      { kind: 'stop-refused', atMs: 803143, lengthMs: 0, dice: 0.530474 },
    ],
  },
  {
    seed: 148,
    what: 'a fill on an older price grid kept the account from being read for good',
    faults: [
      { kind: 'bad-timestamp', atMs: 183241, lengthMs: 0, dice: 0.025253 },
      { kind: 'target-refused', atMs: 240216, lengthMs: 0, dice: 0.473609 },
      { kind: 'answer-lost', atMs: 360213, lengthMs: 0, dice: 0.251922 },
      { kind: 'stall', atMs: 534460, lengthMs: 0, dice: 0.992799 },
      { kind: 'target-cancelled-by-hand', atMs: 689581, lengthMs: 0, dice: 0.97744 },
      { kind: 'full-disk', atMs: 960047, lengthMs: 11959, dice: 0.234691 },
      { kind: 'filters-changed', atMs: 1088827, lengthMs: 0, dice: 0.037876 },
      { kind: 'crash', atMs: 1133390, lengthMs: 0, dice: 0.935921 },
    ],
  },
  {
    seed: 156,
    what: 'the same, after a person had flipped the position',
    faults: [
      { kind: 'key-expired', atMs: 120110, lengthMs: 0, dice: 0.028363 },
      { kind: 'target-cancelled-by-hand', atMs: 315056, lengthMs: 0, dice: 0.019067 },
      { kind: 'exit-refused', atMs: 360005, lengthMs: 0, dice: 0.808166 },
      { kind: 'too-many-requests', atMs: 361256, lengthMs: 0, dice: 0.561132 },
      { kind: 'stop-cancelled-by-hand', atMs: 659104, lengthMs: 0, dice: 0.397954 },
      { kind: 'liquidation', atMs: 709844, lengthMs: 0, dice: 0.253683 },
      { kind: 'venue-busy', atMs: 960007, lengthMs: 0, dice: 0.66999 },
      { kind: 'clock-step', atMs: 1178532, lengthMs: 0, dice: 0.568188 },
    ],
  },
  {
    seed: 174,
    what: 'a fill on an older price grid, after a crash',
    faults: [
      { kind: 'filters-changed', atMs: 300029, lengthMs: 0, dice: 0.473766 },
      { kind: 'crash', atMs: 360544, lengthMs: 0, dice: 0.973201 },
      { kind: 'price-jump', atMs: 635271, lengthMs: 0, dice: 0.510629 },
      { kind: 'crash-at-order', atMs: 1084835, lengthMs: 0, dice: 0.126588 },
      { kind: 'answer-lost', atMs: 1101191, lengthMs: 0, dice: 0.487089 },
    ],
  },
  {
    seed: 187,
    what: 'hedge left alone after an outage of requests',
    faults: [
      { kind: 'filters-changed', atMs: 300001, lengthMs: 0, dice: 0.17819 },
      { kind: 'thin-book', atMs: 360013, lengthMs: 37112, dice: 0.021268 },
      { kind: 'upgrade', atMs: 420095, lengthMs: 0, dice: 0.021659 },
    ],
  },
  {
    seed: 209,
    what: 'a person closes and reopens a hedge leg',
    faults: [
      { kind: 'crash', atMs: 120028, lengthMs: 0, dice: 0.786827 },
      { kind: 'crash-at-order', atMs: 240143, lengthMs: 0, dice: 0.675336 },
      { kind: 'answer-lost', atMs: 300007, lengthMs: 0, dice: 0.567526 },
      { kind: 'key-expired', atMs: 354064, lengthMs: 0, dice: 0.308002 },
      { kind: 'frame-lost', atMs: 406527, lengthMs: 0, dice: 0.396818 },
      { kind: 'crash', atMs: 494273, lengthMs: 0, dice: 0.34959 },
    ],
  },
  {
    seed: 267,
    what: "a stranger's fill was booked, and could never leave the books again",
    faults: [
      { kind: 'slow-disk', atMs: 120042, lengthMs: 54602, dice: 0.563517 },
      { kind: 'second-instance', atMs: 180007, lengthMs: 41191, dice: 0.028157 },
      { kind: 'price-jump', atMs: 181059, lengthMs: 0, dice: 0.125699 },
      { kind: 'target-refused', atMs: 237096, lengthMs: 0, dice: 0.813845 },
      { kind: 'key-refused', atMs: 300054, lengthMs: 0, dice: 0.468056 },
      { kind: 'firewall', atMs: 301955, lengthMs: 0, dice: 0.206053 },
    ],
  },
  {
    seed: 291,
    what: 'numbers of the journal began again at 1 behind a slow disk',
    faults: [
      { kind: 'stop-would-trigger', atMs: 120056, lengthMs: 0, dice: 0.271779 },
      { kind: 'stop-rejected-at-trigger', atMs: 300009, lengthMs: 0, dice: 0.94647 },
      { kind: 'request-lost', atMs: 415232, lengthMs: 0, dice: 0.432061 },
      { kind: 'price-jump', atMs: 420001, lengthMs: 0, dice: 0.825019 },
      { kind: 'frame-lost', atMs: 1005359, lengthMs: 0, dice: 0.587456 },
      { kind: 'crash-at-order', atMs: 1200030, lengthMs: 0, dice: 0.639558 },
    ],
  },
  {
    seed: 459,
    what: 'full disk, crash at an order and outage',
    faults: [
      { kind: 'funding', atMs: 121642, lengthMs: 0, dice: 0.24536 },
      { kind: 'crash', atMs: 129096, lengthMs: 0, dice: 0.554881 },
      { kind: 'disaster-refused', atMs: 175928, lengthMs: 0, dice: 0.367619 },
      { kind: 'key-refused', atMs: 360125, lengthMs: 0, dice: 0.847567 },
    ],
  },
  {
    seed: 480,
    what: 'exits refused under a position by hand',
    faults: [
      { kind: 'full-disk', atMs: 180184, lengthMs: 25956, dice: 0.442355 },
      { kind: 'reduce-only-regime', atMs: 186322, lengthMs: 72442, dice: 0.589724 },
      { kind: 'request-lost', atMs: 240407, lengthMs: 0, dice: 0.074137 },
      { kind: 'requests-slow', atMs: 286631, lengthMs: 10300, dice: 0.321854 },
      { kind: 'restart', atMs: 900021, lengthMs: 0, dice: 0.173967 },
      { kind: 'exit-refused', atMs: 929611, lengthMs: 0, dice: 0.663616 },
      { kind: 'stream-silent', atMs: 1158942, lengthMs: 59107, dice: 0.23098 },
    ],
  },
  {
    seed: 577,
    what: 'working and wide stop lost at once: the exit came after the two seconds',
    faults: [
      { kind: 'answer-lost', atMs: 240001, lengthMs: 0, dice: 0.286777 },
      { kind: 'price-jump', atMs: 360044, lengthMs: 0, dice: 0.493175 },
      { kind: 'reduce-only-regime', atMs: 380195, lengthMs: 21822, dice: 0.401408 },
      { kind: 'frame-doubled', atMs: 396776, lengthMs: 0, dice: 0.666862 },
      { kind: 'reads-fail', atMs: 611164, lengthMs: 0, dice: 0.173266 },
      { kind: 'too-many-requests', atMs: 720003, lengthMs: 0, dice: 0.165192 },
      { kind: 'suspend', atMs: 840988, lengthMs: 0, dice: 0.104133 },
      { kind: 'crash', atMs: 1000673, lengthMs: 0, dice: 0.419974 },
    ],
  },
  {
    seed: 1228,
    what: 'a second stop of an earlier process rested unseen; cancels went round in a ring',
    faults: [
      { kind: 'exit-refused', atMs: 240006, lengthMs: 0, dice: 0.613268 },
      { kind: 'answer-lost', atMs: 412953, lengthMs: 0, dice: 0.799607 },
      { kind: 'streams-down', atMs: 780387, lengthMs: 48435, dice: 0.1289 },
      { kind: 'post-only-refused', atMs: 982502, lengthMs: 0, dice: 0.46588 },
      { kind: 'post-only-refused', atMs: 1140386, lengthMs: 0, dice: 0.294726 },
      { kind: 'venue-busy', atMs: 1161709, lengthMs: 0, dice: 0.379886 },
      { kind: 'request-lost', atMs: 1260001, lengthMs: 0, dice: 0.211992 },
    ],
  },
  {
    seed: 20547,
    what: 'a gap of the feed that a crash left open halted entries for good',
    faults: [
      { kind: 'feed-gap', atMs: 216285, lengthMs: 90348, dice: 0.673704 },
      { kind: 'target-refused', atMs: 240007, lengthMs: 0, dice: 0.846341 },
      { kind: 'position-by-hand', atMs: 246527, lengthMs: 49230, dice: 0.348146 },
      { kind: 'frames-reordered', atMs: 300003, lengthMs: 0, dice: 0.294847 },
      { kind: 'crash', atMs: 305120, lengthMs: 0, dice: 0.053765 },
      { kind: 'stream-silent', atMs: 386017, lengthMs: 28994, dice: 0.384009 },
      { kind: 'upgrade', atMs: 481381, lengthMs: 0, dice: 0.871706 },
      { kind: 'line-dead', atMs: 485883, lengthMs: 66629, dice: 0.153161 },
    ],
  },
  {
    seed: 60224,
    what: 'a hedge leg to be shrunk under a ban: refused and asked again without end',
    faults: [
      { kind: 'banned', atMs: 300085, lengthMs: 38011, dice: 0.928881 },
      { kind: 'price-jump', atMs: 368867, lengthMs: 0, dice: 0.190863 },
      { kind: 'requests-slow', atMs: 735124, lengthMs: 17135, dice: 0.537665 },
      { kind: 'price-jump', atMs: 741921, lengthMs: 0, dice: 0.32522 },
      { kind: 'adl', atMs: 900853, lengthMs: 0, dice: 0.585209 },
    ],
  },
  {
    seed: 60293,
    what: 'the same ring, with the firewall before',
    faults: [
      { kind: 'firewall', atMs: 300001, lengthMs: 0, dice: 0.99794 },
      { kind: 'banned', atMs: 383412, lengthMs: 21930, dice: 0.618731 },
    ],
  },
  {
    seed: 100946,
    what: 'a trade by hand on a leg that was not open yet poisoned the event that ended it',
    faults: [{ kind: 'position-by-hand', atMs: 480038, lengthMs: 1257, dice: 0.984771 }],
  },
  {
    seed: 106900,
    what: 'the end of a listen key was told in a silence: the stream stayed mute for good',
    faults: [
      { kind: 'slow-disk', atMs: 240155, lengthMs: 46979, dice: 0.685066 },
      { kind: 'stream-silent', atMs: 360693, lengthMs: 39540, dice: 0.676451 },
      { kind: 'poisoned-event', atMs: 362999, lengthMs: 0, dice: 0.42932 },
      { kind: 'key-expired', atMs: 370551, lengthMs: 0, dice: 0.911895 },
      { kind: 'leverage-by-hand', atMs: 432321, lengthMs: 0, dice: 0.815339 },
      { kind: 'frames-reordered', atMs: 918087, lengthMs: 0, dice: 0.772841 },
    ],
  },
  {
    seed: 107362,
    what: 'a hedge leg enlarged by hand on a dead line, told after the package had closed its own',
    faults: [
      { kind: 'line-dead', atMs: 120334, lengthMs: 85511, dice: 0.017801 },
      { kind: 'added-by-hand', atMs: 181032, lengthMs: 0, dice: 0.541587 },
      { kind: 'request-lost', atMs: 240094, lengthMs: 0, dice: 0.805332 },
      { kind: 'suspend', atMs: 618998, lengthMs: 0, dice: 0.807323 },
      { kind: 'answer-lost', atMs: 824018, lengthMs: 0, dice: 0.57549 },
      { kind: 'position-by-hand', atMs: 960006, lengthMs: 53384, dice: 0.514319 },
      { kind: 'thin-book', atMs: 1080001, lengthMs: 48017, dice: 0.929385 },
      { kind: 'stream-silent', atMs: 1305027, lengthMs: 43970, dice: 0.283927 },
    ],
  },
  {
    seed: 102978,
    what: 'three crashes within seconds: reading the account had used up its share of the limit',
    faults: [
      { kind: 'crash-at-order', atMs: 131597, lengthMs: 0, dice: 0.166782 },
      { kind: 'crash-twice', atMs: 189767, lengthMs: 0, dice: 0.441293 },
      { kind: 'target-refused', atMs: 263206, lengthMs: 0, dice: 0.681067 },
      { kind: 'key-refused', atMs: 360064, lengthMs: 0, dice: 0.894209 },
      { kind: 'too-many-requests', atMs: 1260006, lengthMs: 0, dice: 0.214097 },
    ],
  },
  {
    seed: 107598,
    what: 'a hedge leg was filled while a start waited for its disk, and stood without a stop',
    faults: [
      { kind: 'funding', atMs: 121989, lengthMs: 0, dice: 0.722831 },
      { kind: 'config-change', atMs: 181480, lengthMs: 0, dice: 0.723631 },
      { kind: 'slow-disk', atMs: 182778, lengthMs: 31606, dice: 0.87653 },
      { kind: 'poisoned-event', atMs: 301215, lengthMs: 0, dice: 0.006652 },
      { kind: 'frames-reordered', atMs: 575323, lengthMs: 0, dice: 0.591482 },
    ],
  },
  {
    seed: 104126,
    what: 'a hedge leg stayed: its exit throttled four times, then refused by the firewall',
    faults: [
      { kind: 'venue-busy', atMs: 183230, lengthMs: 0, dice: 0.842082 },
      { kind: 'firewall', atMs: 240001, lengthMs: 0, dice: 0.728213 },
      { kind: 'answer-lost', atMs: 300003, lengthMs: 0, dice: 0.702371 },
      { kind: 'too-many-requests', atMs: 300003, lengthMs: 0, dice: 0.809597 },
      { kind: 'liquidation', atMs: 899387, lengthMs: 0, dice: 0.800343 },
      { kind: 'frames-reordered', atMs: 1200061, lengthMs: 0, dice: 0.894773 },
    ],
  },
  {
    seed: 105292,
    what: 'two lost exits of a hedge leg, and no third for seven seconds',
    faults: [
      { kind: 'key-refused', atMs: 81286, lengthMs: 0, dice: 0.147551 },
      { kind: 'request-lost', atMs: 360067, lengthMs: 0, dice: 0.250995 },
      { kind: 'request-lost', atMs: 780012, lengthMs: 0, dice: 0.783835 },
      { kind: 'request-lost', atMs: 857705, lengthMs: 0, dice: 0.741076 },
      { kind: 'firewall', atMs: 1077478, lengthMs: 0, dice: 0.016565 },
      { kind: 'reads-fail', atMs: 1080599, lengthMs: 0, dice: 0.381233 },
      { kind: 'reduce-only-regime', atMs: 1281439, lengthMs: 58379, dice: 0.45065 },
      { kind: 'key-refused', atMs: 1305921, lengthMs: 0, dice: 0.93784 },
    ],
  },
  {
    seed: 220296,
    what: 'after a step of the clock a ban lasted two seconds longer here than at the venue',
    faults: [
      { kind: 'price-jump', atMs: 180049, lengthMs: 0, dice: 0.013392 },
      { kind: 'line-dead', atMs: 300501, lengthMs: 45937, dice: 0.701913 },
      { kind: 'clock-step', atMs: 360056, lengthMs: 0, dice: 0.225024 },
      { kind: 'stream-silent', atMs: 480051, lengthMs: 59425, dice: 0.036878 },
      { kind: 'request-lost', atMs: 494391, lengthMs: 0, dice: 0.799532 },
      { kind: 'suspend', atMs: 960500, lengthMs: 0, dice: 0.967953 },
      { kind: 'banned', atMs: 1020045, lengthMs: 11730, dice: 0.526871 },
      { kind: 'clock-step', atMs: 1140602, lengthMs: 0, dice: 0.940457 },
    ],
  },
  {
    seed: 1,
    what: 'no start while a position was held on cross margin, which a person had chosen before',
    faults: [
      { kind: 'margin-type-by-hand', atMs: 60_000, lengthMs: 0, dice: 0.618 },
      { kind: 'margin-type-by-hand', atMs: 61_000, lengthMs: 0, dice: 0.2 },
      { kind: 'crash', atMs: 185_000, lengthMs: 0, dice: 0.5 },
      { kind: 'crash', atMs: 400_000, lengthMs: 0, dice: 0.5 },
    ],
  },
  {
    seed: 458,
    what: 'after a 429 a start did not know for a minute whether its package was hedged',
    script: { firstMinute: 2, everyMinutes: 3 },
    faults: [
      { kind: 'crash', atMs: 182173, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: 183173, lengthMs: 30000, dice: 0.9594503469386836 },
      { kind: 'price-jump', atMs: 186783, lengthMs: 0, dice: 0.19949098455253989 },
      { kind: 'clock-step', atMs: 188929, lengthMs: 0, dice: 0.227974 },
      { kind: 'too-many-requests', atMs: 190165, lengthMs: 0, dice: 0.250583 },
    ],
  },
  {
    seed: 697,
    what: 'the same, with a target cancelled by hand',
    script: { firstMinute: 2, everyMinutes: 3 },
    faults: [
      { kind: 'crash', atMs: 185165, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: 186165, lengthMs: 30000, dice: 0.7136653622811426 },
      { kind: 'price-jump', atMs: 189458, lengthMs: 0, dice: 0.02024361107032746 },
      { kind: 'too-many-requests', atMs: 191112, lengthMs: 0, dice: 0.337092 },
      { kind: 'target-cancelled-by-hand', atMs: 188672, lengthMs: 0, dice: 0.585204 },
    ],
  },
  {
    seed: 38,
    what: 'the same, and the hedge leg had been filled',
    script: { firstMinute: 2, everyMinutes: 3 },
    faults: [
      { kind: 'crash', atMs: 182165, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: 181093, lengthMs: 30000, dice: 0.5464898551581427 },
      { kind: 'price-jump', atMs: 186479, lengthMs: 0, dice: 0.7815180461620912 },
      { kind: 'too-many-requests', atMs: 187496, lengthMs: 0, dice: 0.255735 },
    ],
  },
  {
    seed: 704237,
    what: 'orders left under the name of a start that a full disk had not taken',
    faults: [
      { kind: 'crash-at-order', atMs: 107567, lengthMs: 0, dice: 0.246515 },
      { kind: 'restart', atMs: 360004, lengthMs: 0, dice: 0.661054 },
      { kind: 'full-disk', atMs: 360691, lengthMs: 3019, dice: 0.57856 },
    ],
  },
  {
    seed: 705008,
    what: 'the simulated person could not close a position on a halted symbol, and never tried again',
    faults: [
      { kind: 'position-by-hand', atMs: 300003, lengthMs: 4094, dice: 0.063881 },
      { kind: 'symbol-halted', atMs: 302969, lengthMs: 1641, dice: 0.14318 },
    ],
  },
  {
    seed: 707394,
    what: 'after an outage of seven seconds no exit was on its way: five were in doubt',
    faults: [{ kind: 'rest-down', atMs: 180112, lengthMs: 7080, dice: 0.496115 }],
  },
  {
    seed: 106,
    what: 'a stop of the start was lost behind a gateway, and nobody looked for seven seconds',
    script: { firstMinute: 2, everyMinutes: 3 },
    faults: [
      { kind: 'crash', atMs: 181426, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: 182426, lengthMs: 30000, dice: 0.7680385950704803 },
      { kind: 'price-jump', atMs: 185167, lengthMs: 0, dice: 0.6198781962739304 },
      { kind: 'request-lost', atMs: 183589, lengthMs: 0, dice: 0.306978 },
    ],
  },
  {
    seed: 420,
    what: 'after a ban a start looked at its positions only seconds later',
    script: { firstMinute: 2, everyMinutes: 3 },
    faults: [
      { kind: 'crash', atMs: 181279, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: 182279, lengthMs: 30000, dice: 0.7050671119774924 },
      { kind: 'price-jump', atMs: 185504, lengthMs: 0, dice: 0.7149746901122853 },
      { kind: 'added-by-hand', atMs: 187523, lengthMs: 0, dice: 0.079805 },
      { kind: 'banned', atMs: 187287, lengthMs: 23881, dice: 0.080101 },
    ],
  },
  {
    seed: 480,
    what: 'a start watched its positions no longer although the account could not be read yet',
    script: { firstMinute: 2, everyMinutes: 3 },
    faults: [
      { kind: 'crash', atMs: 182583, lengthMs: 0, dice: 0.5 },
      { kind: 'slow-disk', atMs: 183583, lengthMs: 30000, dice: 0.9671941100674448 },
      { kind: 'price-jump', atMs: 186296, lengthMs: 0, dice: 0.2824060666607693 },
      { kind: 'reads-fail', atMs: 187142, lengthMs: 0, dice: 0.687257 },
      { kind: 'banned', atMs: 186666, lengthMs: 11839, dice: 0.365199 },
    ],
  },
];
