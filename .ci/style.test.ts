import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { functionSpans } from './function-spans.ts';
import { maskSource } from './source-mask.ts';
import { checkSource, LIMITS } from './style-rules.ts';
import { checkTree } from './style-tree.ts';

const rules = (file: string, text: string) => checkSource(file, text).map(({ rule }) => rule);
/** Written in two parts, so that the mark excuses nothing in this file. */
const MARK = `// tidy-${'ok'}`;

describe('the tree', () => {
  it('breaks no rule', () => {
    const { files, violations } = checkTree(fileURLToPath(new URL('..', import.meta.url)));
    expect(violations.map((v) => `${v.file}:${v.line} ${v.rule}: ${v.message}`)).toEqual([]);
    expect(files).toBeGreaterThan(30);
  });
});

describe('import directions', () => {
  const imports = (file: string, specifier: string) =>
    rules(file, `import type { X } from '${specifier}';\n`);

  it.each([
    ['src/engine/a.ts', './b.ts'],
    ['indicators/basic/a.ts', '../indicator.ts'],
    ['indicators/basic/a.ts', 'trading-signals'],
    ['data/readers/a.ts', '../../src/engine/error.ts'],
    ['data/readers/a.ts', 'node:fs'],
    ['strategy/tags/a.ts', '../../indicators/basic/sma.ts'],
    ['strategy/tags/a.ts', '../../src/engine/plan.ts'],
    ['backtests/run.ts', '../data/bars/bars.ts'],
    ['backtests/run.ts', '../strategy/catalog.ts'],
    ['src/cli/main.ts', '../live/loop.ts'],
    ['src/compose.ts', '../backtests/run.ts'],
    ['bench/main.ts', '../backtests/run.ts'],
    ['indicators/basic/sma.test.ts', '../../data/bars/bars.ts'],
    ['src/engine/testing/scripts.ts', 'fast-check'],
    ['src/engine/engine.test.ts', './testing/scripts.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(imports(file, specifier)).toEqual([]);
  });

  it.each([
    ['src/engine/a.ts', 'node:crypto'],
    ['src/engine/a.ts', 'zod'],
    ['src/engine/a.ts', '../config.ts'],
    ['src/engine/a.ts', '../../indicators/basic/sma.ts'],
    ['indicators/basic/a.ts', '../../src/engine/error.ts'],
    ['indicators/basic/a.ts', '../../data/bars/bars.ts'],
    ['indicators/basic/a.ts', 'node:fs'],
    ['data/readers/a.ts', '../../indicators/basic/sma.ts'],
    ['data/readers/a.ts', '../../src/config.ts'],
    ['strategy/tags/a.ts', '../../data/bars/bars.ts'],
    ['strategy/tags/a.ts', '../../backtests/run.ts'],
    ['backtests/run.ts', '../src/config.ts'],
    ['backtests/run.ts', '../src/live/loop.ts'],
    ['backtests/exchange/a.ts', 'node:fs'],
    ['bench/main.ts', '../src/live/loop.ts'],
    ['.ci/a.ts', '../src/cli/main.ts'],
    ['src/config.ts', './engine/testing/scripts.ts'],
    ['src/config.ts', './config.test.ts'],
    ['src/config.ts', '../../elsewhere/a.ts'],
  ])('%s may not import %s', (file, specifier) => {
    expect(imports(file, specifier)).toEqual(['import']);
  });

  it.each([
    "export { X } from '../config.ts';",
    "import '../config.ts';",
    "import {\n  type X,\n} from '../config.ts';",
    "export * from '../config.ts';",
    "type X = import('../config.ts').X;",
  ])('sees %j', (line) => {
    expect(rules('src/engine/a.ts', line)).toEqual(['import']);
  });

  it('sees a lazy import', () => {
    expect(rules('data/a.ts', "const load = () => import('../src/config.ts');")).toEqual([
      'import',
    ]);
  });
});

describe('bans in pure folders', () => {
  const banned = [
    'const now = Date.now();',
    'const now = new Date();',
    'const now = Temporal.Now.instant();',
    'const r = Math.random();',
    'const p = process;',
    'const t = performance.now();',
    'setTimeout(f, 1);',
    'clearInterval(f);',
    'setImmediate(f);',
    'queueMicrotask(f);',
    'async function f() {}',
    'type P = Promise<void>;',
    'const g = globalThis;',
    'const x = Math.pow(a, 2);',
    'const x = a ** 2;',
    'x **= 2;',
  ];
  const folders = ['src/engine', 'indicators/basic', 'strategy/tags', 'backtests/exchange'];

  it.each(folders)('bind in %s', (folder) => {
    for (const line of banned)
      expect([line, rules(`${folder}/a.ts`, line)]).toEqual([line, ['pure']]);
    expect(rules(`${folder}/a.ts`, 'console.log(x);')).toEqual(['pure', 'console']);
  });

  it.each(['data/a.ts', 'backtests/run.ts', 'src/live/a.ts', 'indicators/basic/a.test.ts'])(
    'do not bind in %s',
    (file) => {
      for (const line of banned) expect([line, rules(file, line)]).toEqual([line, []]);
    },
  );

  it('read code, not comments, strings or regular expressions', () => {
    const text = [
      '/** Date and Math.pow, a ** b. */',
      "const a = 'Date.now() **';",
      `const b = \`process \${a} async\`;`,
      'const c = /console\\.log [/] Date/;',
      'const d = (e / 2) /* Date */ / 3; // await',
    ].join('\n');
    expect(rules('src/engine/a.ts', text)).toEqual([]);
  });

  it('read the code inside a template', () => {
    expect(rules('src/engine/a.ts', `const a = \`x\${f({ b: Date.now() })}y\`;`)).toEqual(['pure']);
  });

  it('leave fields with such names alone', () => {
    const text = 'const b = a.process + a.Date;\nlet performance = 0;\nperformance += 1;\n';
    expect(rules('indicators/a.ts', text)).toEqual([]);
  });
});

describe('bans everywhere', () => {
  it.each([
    ['default-export', 'src/cli/a.ts', 'export default function f() {}'],
    ['default-export', 'data/a.ts', 'export { f as default };'],
    ['enum', 'src/cli/a.ts', 'export enum Side { Long }'],
    ['enum', 'data/a.test.ts', 'const enum Side { Long }'],
    ['environment', 'src/cli/a.ts', 'const home = process.env.HOME;'],
    ['environment', 'data/a.ts', 'const { env } = process;'],
    ['environment', 'bench/main.ts', 'const home = process.env.HOME;'],
    ['environment', 'data/a.ts', "const env = process['env'];"],
    ['console', 'backtests/run.ts', 'console.warn(x);'],
    ['unfinished', 'src/cli/a.ts', `// TO${'DO'}: later`],
    ['unfinished', 'src/cli/a.test.ts', `/* FIX${'ME'} */`],
    ['file-name', 'src/cli/dataPull.ts', ''],
    ['file-name', 'src/cli/data_pull.ts', ''],
    ['folder-name', 'src/utils/a.ts', ''],
    ['folder-name', 'data/types/a.ts', ''],
  ])('%s: %s %s', (rule, file, text) => {
    expect(rules(file, text)).toEqual([rule]);
  });

  it.each([
    ['src/config.ts', 'const home = process.env.HOME;'],
    ['data/a.test.ts', 'const shared = process.env.QCM_SHARED;'],
    ['vitest.config.ts', 'export default defineConfig({});'],
    ['src/cli/a.ts', 'console.log(x);'],
    ['.ci/style.d.mts', ''],
    ['data/pull.service.test.ts', ''],
  ])('allow %s: %s', (file, text) => {
    expect(rules(file, text)).toEqual([]);
  });
});

describe('lengths', () => {
  const lines = (count: number) => 'x();\n'.repeat(count);

  it('of files', () => {
    expect(rules('data/a.ts', lines(LIMITS.fileLines))).toEqual([]);
    expect(rules('data/a.ts', lines(LIMITS.fileLines + 1))).toEqual(['file-length']);
  });

  it('of lines', () => {
    expect(rules('data/a.ts', `// ${'x'.repeat(LIMITS.lineLength - 3)}`)).toEqual([]);
    expect(rules('data/a.ts', `// ${'x'.repeat(LIMITS.lineLength - 2)}`)).toEqual(['line-length']);
  });

  it.each([
    'function f(a: { b: number }, c = () => {}): void {\n@}',
    'const f = (a: number): Map<string, { b: number }> => {\n@};',
    'const f = async (a) => {\n@};',
    'class A {\n  private get(key: string): { a: number } | undefined {\n@}\n}',
    'class A {\n  constructor(a: number) {\n@}\n}',
    'function f(): (a: number) => void {\n@}',
    'function f(a: unknown): a is string {\n@}',
    "function f(): 'a' | 'b' {\n@}",
    'const o = {\n  async f(a) {\n@},\n};',
  ])('of %j', (template) => {
    const ofLength = (count: number) => template.replace('@', lines(count - 2));
    expect(rules('data/a.ts', ofLength(LIMITS.functionLines))).toEqual([]);
    expect(rules('data/a.ts', ofLength(LIMITS.functionLines + 1))).toEqual(['function-length']);
  });

  it.each([
    'class A {\n@}',
    'const a = {\n@};',
    'const a = b ? f(c) : {\n@};',
    'interface A {\n  f(a: number): void;\n@}',
    'const a: { b: (c: number) => void; d: {\n@} };',
  ])('not of %j', (template) => {
    expect(rules('data/a.ts', template.replace('@', lines(100)))).toEqual([]);
  });

  it('of control blocks count to the function around them', () => {
    const text = `function f() {\n  if (a) {\n${lines(40)}  }\n  for (;;) {\n${lines(40)}  }\n}`;
    expect(functionSpans(maskSource(text).code)).toHaveLength(1);
    expect(rules('data/a.ts', text)).toEqual(['function-length']);
  });

  it('of functions that group test cases do not count', () => {
    const text = `describe('a', () => {\n${"  it('b', () => {});\n".repeat(100)}});`;
    expect(rules('data/a.test.ts', text)).toEqual([]);
    expect(rules('data/a.test.ts', `function f() {\n${lines(100)}}`)).toEqual(['function-length']);
  });
});

describe('exceptions', () => {
  it('with a reason excuse their line only', () => {
    const text = `const a = Date.now(); ${MARK}: the anchor of the clock\nconst b = Date.now();`;
    expect(checkSource('strategy/a.ts', text)).toEqual([
      expect.objectContaining({ line: 2, rule: 'pure' }),
    ]);
  });

  it.each(['', ':', ': ok', ' because of the clock'])(
    'without a reason in words fail: %j',
    (tail) => {
      expect(rules('strategy/a.ts', `const a = Date.now(); ${MARK}${tail}`)).toEqual([
        'pure',
        'excuse',
      ]);
    },
  );

  it('that excuse nothing fail', () => {
    expect(rules('strategy/a.ts', `const a = 1; ${MARK}: no longer needed`)).toEqual(['excuse']);
  });

  it('inside a string are text', () => {
    expect(rules('strategy/a.ts', `const a = Date.now('${MARK}: not a comment');`)).toEqual([
      'pure',
    ]);
  });
});
