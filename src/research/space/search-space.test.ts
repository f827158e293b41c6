import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../data/simulated/random.ts';
import { INDICATOR_RANGES } from '../../../indicators/search-ranges.ts';
import type { SearchParameter } from '../../../strategy/search-space.ts';
import { drawUnit } from '../samplers/sampler.ts';
import { configOfPoint, loadSpace, SEARCH_SPACES } from './load-space.ts';
import { SearchSpace } from './search-space.ts';

function spaceOf(parameters: SearchParameter[]): SearchSpace {
  return new SearchSpace({ name: 'test', note: '', preset: 'sequence', parameters }, {});
}

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'qcm-space-')), 'space.json');
  writeFileSync(path, text);
  return path;
}

describe('search space', () => {
  it('gives every whole number of a range the same share, both ends included', () => {
    const space = spaceOf([{ path: 'a', kind: 'int', low: 3, high: 5 }]);
    expect([0, 0.33, 0.34, 0.66, 0.67, 1].map((u) => space.decode([u]).a)).toEqual([
      3, 3, 4, 4, 5, 5,
    ]);
  });

  it('halves a logarithmic range at its geometric mean', () => {
    const space = spaceOf([{ path: 'a', kind: 'float', low: 0.01, high: 100, log: true }]);
    expect([0, 0.5, 1].map((u) => space.decode([u]).a)).toEqual([0.01, 1, 100]);
  });

  it('leaves out what depends on another value', () => {
    const space = spaceOf([
      { path: 'a', kind: 'choice', choices: ['x', 'y'] },
      { path: 'b', kind: 'int', low: 1, high: 9, when: { path: 'a', in: ['y'] } },
    ]);
    expect(space.decode([0.2, 0.5])).toEqual({ a: 'x' });
    expect(space.decode([0.8, 0.5])).toEqual({ a: 'y', b: 5 });
  });

  it.each<[string, SearchParameter[]]>([
    ['low 2 above its high 1', [{ path: 'a', kind: 'float', low: 2, high: 1 }]],
    ['must be above 0', [{ path: 'a', kind: 'float', low: 0, high: 1, log: true }]],
    ['whole numbers', [{ path: 'a', kind: 'int', low: 0.5, high: 1 }]],
    ['has no choices', [{ path: 'a', kind: 'choice', choices: [] }]],
    ['finite low and high', [{ path: 'a', kind: 'float', low: Number.NaN, high: 1 }]],
    [
      'declared twice',
      [
        { path: 'a', kind: 'int', low: 0, high: 1 },
        { path: 'a', kind: 'int', low: 0, high: 1 },
      ],
    ],
    [
      'not declared before it',
      [{ path: 'a', kind: 'int', low: 0, high: 1, when: { path: 'b', in: [1] } }],
    ],
    [
      'cannot be execution-only',
      [{ path: 'signal.obMaxAgeBars', kind: 'int', low: 0, high: 1, executionOnly: true }],
    ],
  ])('refuses a declaration that contradicts itself: %s', (why, parameters) => {
    expect(() => spaceOf(parameters)).toThrow(why);
  });
});

describe('declared spaces', () => {
  it('each fit the configuration, and every point of a hundred is a valid one', () => {
    for (const { name, preset } of SEARCH_SPACES) {
      const { space } = loadSpace(name);
      const random = new Random(5, 0);
      let tried = 0;
      for (let i = 0; i < 100; i++) {
        const values = space.decode(drawUnit(space.dimensions, random));
        if (!space.isAllowed(values)) continue;
        expect(configOfPoint({ preset, sets: [] }, values).hash).toHaveLength(64);
        tried++;
      }
      expect(tried).toBeGreaterThan(20);
    }
  });

  it('lets searched values win over those of the user, who wins over the preset', () => {
    const { config } = configOfPoint(
      { preset: 'sequence', sets: ['stop.kDeep=2', 'hedge.mode=off'] },
      { 'stop.kDeep': 1 },
    );
    expect([config.stop.kDeep, config.hedge.mode]).toEqual([1, 'off']);
  });

  it('of the indicators name settings that there are, and change signals', () => {
    const { space } = loadSpace('btc-alpha-indicators');
    expect(space.dimensions).toBe(INDICATOR_RANGES.length);
    expect(space.hasExecutionOnly).toBe(false);
    const { config } = configOfPoint({ preset: 'sequence', sets: [] }, { 'tuning.sensitivity': 9 });
    expect(config.tuning.sensitivity).toBe(9);
    const refused = () =>
      configOfPoint({ preset: 'sequence', sets: ['tuning.hyperwaveLength=1'] }, {});
    expect(refused).toThrow('tuning.hyperwaveLength');
  });

  it('never search by profit what was chosen by frequency', () => {
    const paths = SEARCH_SPACES.flatMap(({ parameters }) => parameters.map(({ path }) => path));
    expect(paths).not.toContain('signal.sequenceWindowBars');
    expect(paths).not.toContain('signal.strengthMin');
  });
});

describe('a space of a file', () => {
  it('is read and checked like a declared one', () => {
    const path = fileOf(
      '{"parameters": [{"path": "stop.kDeep", "kind": "float", "low": 0.5, "high": 2}]}',
    );
    expect(loadSpace(path).space.decode([0.5])).toEqual({ 'stop.kDeep': 1.25 });
    rmSync(path);
  });

  it.each([
    ['{"parameters": [{"path": "stop.kDep", "kind": "float", "low": 1, "high": 2}]}', 'kDep'],
    ['{"parameters": [{"path": "stop.kDeep", "kind": "float", "low": 1, "high": 99}]}', 'outside'],
    ['{"parameters": [{"path": "entry.mode", "kind": "choice", "choices": ["now"]}]}', '"now"'],
    ['{"parameters": [{"path": "stop.kDeep", "kind": "real"}]}', 'kind "real"'],
    ['{"parameters": [{"path": "stop.kDeep", "kind": "float"}]}', 'needs low and high'],
    ['{"parameters": 3}', 'must be a list'],
    ['{"parameters": ', 'not valid JSON'],
    [
      '{"parameters": [{"path": "stop.kDeep", "kind": "float", "low": 1, "high": 2}],' +
        '"constraints": [{"left": "stop.kDeep", "is": "<", "right": "stop.none"}]}',
      'neither searched nor a setting',
    ],
    [
      '{"parameters": [{"path": "stop.kDeep", "kind": "float", "low": 1, "high": 2}],' +
        '"constraints": [{"left": "stop.kDeep", "is": "<", "right": "stop.kShallow"}]}',
      'no point of space',
    ],
  ])('is refused with its reason: %s', (text, why) => {
    expect(() => loadSpace(fileOf(text))).toThrow(why);
  });

  it('that does not exist is taken for a mistyped name', () => {
    expect(() => loadSpace('btc-alpha-hegde')).toThrow(/neither a declared space nor a file/);
  });
});
