import { describe, expect, test } from 'vitest';
import { testPlan } from '../engine/testing/engine-fixture.ts';
import { ObserverList } from './session-observer.ts';
import { CoreRig } from './testing/core-rig.ts';

describe('observers of a session', () => {
  test('hear of effects after these have left, in their order', () => {
    const heard: string[] = [];
    const rig = new CoreRig({
      observers: [{ onEffect: ({ kind }) => heard.push(`${kind} ${rig.sent.length}`) }],
    });
    rig.strategy.next({ kind: 'enter', plan: testPlan() });
    rig.bar(100_000);
    const submits = heard.filter((text) => text.startsWith('order.submit'));
    expect(submits).toEqual(['order.submit 1']);
  });

  test('hear of an order when it has left; an entry waits for the disk', () => {
    const heard: string[] = [];
    const rig = new CoreRig({
      isSlow: true,
      observers: [
        {
          onEffect: (effect) => {
            if (effect.kind === 'order.submit') heard.push(`planned ${effect.request.role}`);
          },
          onSent: (orderId) => heard.push(`sent ${orderId.slice(-1)}, ${rig.submitted.length} out`),
        },
      ],
    });
    rig.strategy.next({ kind: 'enter', plan: testPlan() });
    rig.bar(100_000);
    expect(heard).toEqual(['planned entry']);
    rig.held.answer();
    expect(heard).toEqual(['planned entry', 'sent e, 1 out']);
  });

  test('one that throws is told of once and hurts neither trading nor the others', () => {
    const rig = new CoreRig({
      observers: [
        {
          onEffect: () => {
            throw new Error('no memory for this metric');
          },
        },
        { onNotify: ({ text }) => rig.notices.push(text) },
      ],
    });
    for (let i = 0; i < 3; i++) {
      rig.strategy.next({ kind: 'enter', plan: testPlan() });
      rig.bar(100_000);
    }
    expect(rig.submitted.length).toBeGreaterThan(0);
    expect(rig.observers.failures).toBeGreaterThan(1);
    expect(rig.failures).toEqual(['no memory for this metric']);
  });

  test('a failure that fails again while it is told ends there', () => {
    let told = 0;
    const list = new ObserverList(
      [
        {
          onNotify: () => {
            throw new Error('always');
          },
        },
      ],
      () => {
        told++;
        list.onNotify({ kind: 'operator.notify', level: 'alarm', code: 'X', text: '' }, 0);
      },
    );
    list.onNotify({ kind: 'operator.notify', level: 'info', code: 'X', text: '' }, 0);
    expect(told).toBe(1);
    expect(list.failures).toBe(2);
  });
});
