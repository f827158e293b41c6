import { simulateMarket } from '../../../data/simulated/market.ts';
import { composePaperReplay, type PaperReplay } from '../../compose-live.ts';
import { loadConfig } from '../../config.ts';
import type { SessionObserver } from '../../live/session-observer.ts';
import type { MarketData } from '../../market-data.ts';
import { type OpenedStore, openStore } from '../../store/open-store.ts';
import { stateFolder } from '../../store/testing/store-fixture.ts';

const BAR_MS = 180_000;

export const PAPER_CONFIG = loadConfig({
  ignoreFile: true,
  env: {},
  preset: 'smc-stand-in',
  sets: ['hedge.mode=proportional', 'guards.volatilityMultiple=9'],
}).config;

export interface PaperFixture extends PaperReplay {
  opened: OpenedStore;
  folder: string;
  /** Engine time. */
  nowMs: () => number;
  play(instants?: number): void;
  stop(): Promise<void>;
}

/** A paper session over days of a simulated market, on a store of its own. */
export function paperFixture(options: {
  observers: readonly SessionObserver[];
  days?: number;
  folder?: string;
}): PaperFixture {
  const { observers, days = 4, folder = stateFolder() } = options;
  const market = simulateMarket({ seed: 3, days, timeframeMs: BAR_MS });
  const opened = openStore(folder);
  const data = { series: market.series, funding: [], events: [] } as unknown as MarketData;
  const paper = composePaperReplay({
    config: PAPER_CONFIG,
    data,
    codeVersion: 'test',
    configHash: 'test',
    equityStopOnBreach: 'observe',
    opened,
    bootId: 'paper001',
    observers,
  });
  const { session, replay } = paper;
  session.start();
  return {
    ...paper,
    opened,
    folder,
    nowMs: () => session.core.engine.inspect().kernel.nowMs,
    play: (instants = Number.POSITIVE_INFINITY) => {
      while (instants > 0 && replay.advance(Math.min(instants, 2_000))) instants -= 2_000;
    },
    stop: async () => {
      await new Promise<void>((resolve) => session.stop(resolve));
      opened.lock.release();
    },
  };
}
