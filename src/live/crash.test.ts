import { describe, expect, test } from 'vitest';
import { faults } from './testing/crash-faults.ts';
import { CrashPoint, CrashRig } from './testing/crash-rig.ts';
import { crashScripts, type Script } from './testing/crash-scripts.ts';

/** Every contact takes minutes: QCM_CRASH_EVERY=1; here each script takes turns. */
const EVERY = Number(process.env.QCM_CRASH_EVERY ?? 23);

function playCrash(script: Script, at: number, when: 'before' | 'after'): CrashRig {
  return new CrashRig({ ...script, crash: new CrashPoint(at, when) }).play();
}

describe('a process that dies at any contact with the world, and its successor', () => {
  test.each(crashScripts())('$name', { timeout: 600_000 }, (script) => {
    const whole = playCrash(script, 0, 'before');
    expect(faults(whole, script)).toEqual([]);
    expect(whole.picture().fills.length).toBeGreaterThanOrEqual(2);
    const contacts = whole.crash.contacts;
    expect(contacts).toBeGreaterThan(50);
    const first = script.name.length % EVERY;
    for (let at = 1 + first; at <= contacts; at += EVERY) {
      for (const when of ['before', 'after'] as const) {
        const rig = playCrash(script, at, when);
        expect({ at, when, boots: rig.boots, faults: faults(rig, script) }).toEqual({
          at,
          when,
          boots: 2,
          faults: [],
        });
      }
    }
  });
});
