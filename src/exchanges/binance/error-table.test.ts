import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../../data/testing/shared.ts';
import { bannedUntilMs, ERROR_TABLE, ruleOf } from './error-table.ts';

const path = sharedPath('payloads', 'binance', 'errors.json');

describe('error table', () => {
  test('lists each code once', () => {
    const codes = ERROR_TABLE.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('no answer, 5xx and odd pages are unknown outcomes, never refusals', () => {
    for (const status of [0, 408, 500, 502, 504]) {
      expect(ruleOf({ status, code: 0, message: '<html>' }).reaction).toBe('query');
    }
    const unknown = { status: 503, code: 0, message: 'Unknown error, please check' };
    expect(ruleOf(unknown).reaction).toBe('query');
    expect(ruleOf({ ...unknown, message: 'Service Unavailable.' }).reaction).toBe('retry');
  });

  test('an unlisted code of a refused request is terminal and alarms', () => {
    const rule = ruleOf({ status: 400, code: -9876, message: 'new' });
    expect(rule.reaction).toBe('terminal');
    expect(rule.also).toBe('alarm');
    expect(ruleOf({ status: 500, code: -9876, message: 'new' }).reaction).toBe('query');
  });

  test('a ban halts and says its end; the firewall halts', () => {
    const message = 'Way too many requests; IP banned until 1795219999999. Please use';
    expect(ruleOf({ status: 418, code: -1003, message }).reaction).toBe('halt');
    expect(bannedUntilMs(message)).toBe(1_795_219_999_999);
    expect(ruleOf({ status: 403, code: 0, message: '<html>' }).reaction).toBe('halt');
  });

  test.skipIf(path === undefined)('lists every code of the recorded errors', () => {
    const errors = JSON.parse(readFileSync(path as string, 'utf8')) as {
      http: number;
      code: number;
      msg: string;
    }[];
    expect(errors.length).toBeGreaterThan(30);
    const listed = new Set(ERROR_TABLE.map(({ code }) => code));
    expect(errors.filter(({ code }) => !listed.has(code))).toEqual([]);
    const reactionOf = (wanted: number) => {
      const { http, code, msg } = errors.find((each) => each.code === wanted)!;
      return ruleOf({ status: http, code, message: msg }).reaction;
    };
    expect(reactionOf(-1007)).toBe('query');
    expect(reactionOf(-1008)).toBe('retry');
    expect(reactionOf(-4130)).toBe('adopt');
    expect(reactionOf(-4116)).toBe('query');
    expect(reactionOf(-5022)).toBe('terminal');
    expect(reactionOf(-1021)).toBe('retry');
    expect(reactionOf(-2011)).toBe('gone');
  });
});
