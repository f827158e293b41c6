import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../../src/engine/order.ts';
import {
  type ConformanceCase,
  type ConformanceVenue,
  factLines,
  fillFault,
} from './conformance.ts';
import { CONFORMANCE_CASES } from './conformance-cases.ts';

export interface ConformanceSuite {
  /** What is tested, for the title. */
  name: string;
  /** A fresh venue with this cash: flat, nothing resting, leverage 10, last price 60,000. */
  makeVenue: (cash: number) => ConformanceVenue | PromiseLike<ConformanceVenue>;
  /** Rules that this venue cannot show, with the reason; they are reported as skipped. */
  skips?: Readonly<Record<string, string>>;
}

/** Registers one test for each rule; every venue behind the port runs the same ones. */
export function runConformance({ name, makeVenue, skips = {} }: ConformanceSuite): void {
  describe(`conformance of ${name}`, () => {
    for (const each of CONFORMANCE_CASES) {
      const reason = skips[each.rule];
      if (reason === undefined) it(each.rule, () => play(each, makeVenue));
      else it.skip(`${each.rule} (${reason})`);
    }
  });
}

async function play(each: ConformanceCase, makeVenue: ConformanceSuite['makeVenue']) {
  const venue = await makeVenue(each.cash ?? 100_000);
  const sent = new Map<string, OrderRequest>();
  const fillIds = new Set<string>();
  try {
    for (const [i, step] of each.steps.entries()) {
      const { do: action } = step;
      if (action.kind === 'submit') sent.set(action.request.orderId, action.request);
      const facts = await venue.act(action);
      for (const fact of facts) {
        expect(fillFault(fact, 'orderId' in fact ? sent.get(fact.orderId) : undefined)).toBe(
          undefined,
        );
        if (fact.kind !== 'order.filled' || action.kind === 'order.query') continue;
        expect(fillIds.has(fact.fillId), `fill ${fact.fillId} was told twice`).toBe(false);
        fillIds.add(fact.fillId);
      }
      const lines = factLines(facts);
      const isPermitted = step.permits.some((one) => one.join('\n') === lines.join('\n'));
      const title = `step ${i + 1}, ${action.kind}`;
      if (!isPermitted) expect(lines, `${title}: not among the permitted`).toEqual(step.permits[0]);
    }
  } finally {
    await venue.close?.();
  }
}
