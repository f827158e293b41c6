import { posix } from 'node:path';
import { functionSpans, lineOf } from './function-spans.ts';
import { type MaskedSource, maskSource } from './source-mask.ts';

export interface Violation {
  file: string;
  line: number;
  rule: string;
  message: string;
}

export const LIMITS = {
  fileLines: 500,
  functionLines: 70,
  /** The formatter wraps code at 100; strings and comments are left to the author. */
  lineLength: 120,
} as const;

/**
 * Every rule on one file. A rule that must be broken is excused by a comment on the same line,
 * `tidy-ok` with a colon and the reason; an excuse without a reason, or one that excuses nothing,
 * is a violation of its own.
 * @param file path from the root of the project, with `/`
 */
export function checkSource(file: string, text: string): Violation[] {
  const source: Source = {
    file,
    text,
    area: areaOf(file),
    isTest: isTest(file),
    ...maskSource(text),
  };
  const found: Violation[] = [];
  const report: Report = (line, rule, message) => found.push({ file, line, rule, message });
  checkNames(source, report);
  checkImports(source, report);
  checkBans(source, report);
  checkLengths(source, report);
  return applyExcuses(source, found);
}

interface Source extends MaskedSource {
  file: string;
  text: string;
  area: Area;
  isTest: boolean;
}
type Report = (line: number, rule: string, message: string) => void;
type Area = 'engine' | 'indicators' | 'data' | 'strategy' | 'backtests' | 'app' | 'tooling';

/** The table of `docs/ARCHITECTURE.md`: who may import whom. */
const MAY_IMPORT: Record<Area, readonly Area[]> = {
  engine: ['engine'],
  indicators: ['indicators'],
  data: ['data', 'engine'],
  strategy: ['strategy', 'engine', 'indicators'],
  backtests: ['backtests', 'engine', 'indicators', 'data', 'strategy'],
  app: ['engine', 'indicators', 'data', 'strategy', 'backtests', 'app'],
  tooling: ['engine', 'indicators', 'data', 'strategy', 'backtests', 'app', 'tooling'],
};

function areaOf(file: string): Area {
  if (file.startsWith('src/engine/')) return 'engine';
  if (file.startsWith('src/')) return 'app';
  const top = file.split('/')[0];
  if (top === 'indicators' || top === 'data' || top === 'strategy' || top === 'backtests') {
    return top;
  }
  return 'tooling';
}

/** Tests and what only tests use; the rules for shipped code do not bind them. */
function isTest(file: string): boolean {
  return /\.test\.ts$/.test(file) || file.split('/').includes('testing');
}

const DAEMON = /^src\/(?:live|cli)\//;
const PURE = /^(?:src\/engine|indicators|strategy|backtests\/exchange)\//;

function checkNames(source: Source, report: Report): void {
  const parts = source.file.split('/');
  const name = parts.pop() ?? '';
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*\.(?:ts|mjs|mts)$/.test(name)) {
    report(1, 'file-name', `"${name}" is not kebab-case`);
  }
  for (const folder of parts) {
    if (folder === 'types' || folder === 'utils') {
      report(1, 'folder-name', `folder "${folder}" says nothing about its subject`);
    }
  }
}

const IMPORT = /\b(?:from|import)\s*\(?\s*(['"`])/g;

function checkImports(source: Source, report: Report): void {
  for (const match of source.code.matchAll(IMPORT)) {
    const from = match.index + match[0].length;
    const specifier = source.text.slice(from, source.text.indexOf(match[1], from));
    const complaint = importComplaint(source, specifier);
    if (complaint !== undefined) report(lineOf(source.text, from), 'import', complaint);
  }
}

function importComplaint(source: Source, specifier: string): string | undefined {
  if (source.isTest) return undefined;
  if (!specifier.startsWith('.')) {
    if (source.area === 'engine') return `the engine imports nothing, not "${specifier}"`;
    if (PURE.test(source.file) && /^(?:node:|bun:)/.test(specifier)) {
      return `pure code does no input or output, so not "${specifier}"`;
    }
    return undefined;
  }
  const target = posix.join(posix.dirname(source.file), specifier);
  if (target.startsWith('..')) return `"${specifier}" leaves the project`;
  if (isTest(target)) return `"${target}" is for tests only`;
  const area = areaOf(target);
  if (!MAY_IMPORT[source.area].includes(area)) {
    return `${source.area} may import ${MAY_IMPORT[source.area].join(', ')}; "${target}" is ${area}`;
  }
  if (DAEMON.test(target) && !source.file.startsWith('src/')) {
    return `nobody imports the daemon, "${target}"`;
  }
  return undefined;
}

interface Ban {
  rule: string;
  pattern: RegExp;
  message: string;
  binds: (source: Source) => boolean;
}

const inPureCode = (source: Source) => PURE.test(source.file) && !source.isTest;
const everywhere = () => true;

const BANS: readonly Ban[] = [
  ...[
    [/(?<!\.)\bDate\b/g, 'Date: time comes with the event'],
    [/(?<!\.)\bTemporal\b/g, 'Temporal: time comes with the event'],
    [/\bMath\s*\.\s*random\b/g, 'Math.random: randomness comes from a seed'],
    [/(?<![.\w$])process\b/g, 'process'],
    [/\bperformance\s*\.\s*(?:now|timeOrigin|mark|measure)\b/g, 'performance: no clocks'],
    [/\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g, 'timers'],
    [/\b(?:async|await)\b|\bPromise\b/g, 'async code: handling is synchronous'],
    [/(?<!\.)\bconsole\b/g, 'console: the core is silent'],
    [/\b(?:globalThis|crypto)\b|(?<!\.)\bfetch\s*\(/g, 'globals of the platform'],
    [/\bMath\s*\.\s*pow\b|\*\*/g, 'powers: their last bits differ between Node majors'],
  ].map(([pattern, what]) => ({
    rule: 'pure',
    pattern: pattern as RegExp,
    message: `pure code has no ${what}`,
    binds: inPureCode,
  })),
  {
    rule: 'default-export',
    pattern: /\bexport\s+default\b|\bas\s+default\b/g,
    message: 'exports have names',
    // Tools that read a configuration file ask for a default export.
    binds: (source) => !/^[^/]+\.config\.ts$/.test(source.file),
  },
  {
    rule: 'enum',
    pattern: /\benum\s+[\w$]+\s*\{/g,
    message: 'enum cannot be erased; use a union of strings',
    binds: everywhere,
  },
  {
    rule: 'environment',
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[|[{,]\s*env\b[^=;]*\}\s*=\s*process\b/g,
    message: 'the environment has one reader, src/config.ts',
    binds: (source) =>
      !source.isTest && source.file !== 'src/config.ts' && !/^[^/]+\.config\.ts$/.test(source.file),
  },
  {
    rule: 'console',
    pattern: /(?<!\.)\bconsole\s*\./g,
    message: 'only src/cli prints',
    binds: (source) =>
      !source.isTest && source.area !== 'tooling' && !source.file.startsWith('src/cli/'),
  },
];

function checkBans(source: Source, report: Report): void {
  for (const ban of BANS) {
    if (!ban.binds(source)) continue;
    for (const match of source.code.matchAll(ban.pattern)) {
      report(lineOf(source.code, match.index), ban.rule, ban.message);
    }
  }
  for (const comment of source.comments) {
    const word = /\b(?:TO[D]O|FIX[M]E)\b/.exec(comment.text)?.[0];
    if (word !== undefined) report(comment.line, 'unfinished', `"${word}": finish it or drop it`);
  }
}

function checkLengths(source: Source, report: Report): void {
  const lines = source.text.replace(/\n$/, '').split('\n');
  if (lines.length > LIMITS.fileLines) {
    report(1, 'file-length', `${lines.length} lines, at most ${LIMITS.fileLines}`);
  }
  for (const [i, line] of lines.entries()) {
    const length = line.replace(EXCUSE, '').trimEnd().length;
    if (length > LIMITS.lineLength) {
      report(i + 1, 'line-length', `${length} characters, at most ${LIMITS.lineLength}`);
    }
  }
  for (const span of functionSpans(source.code)) {
    const length = span.toLine - span.fromLine + 1;
    if (length <= LIMITS.functionLines) continue;
    // A function that only groups test cases is as long as its cases.
    if (source.isTest && /\b(?:it|test)\b[\w.]*\s*\(/.test(span.body)) continue;
    report(span.fromLine, 'function-length', `${length} lines, at most ${LIMITS.functionLines}`);
  }
}

/** The mark and what follows it; the mark is split here so that this line does not carry it. */
const EXCUSE = new RegExp(`//.*?\\btidy-${'ok'}\\b(.*)$`);
const REASON = /^:\s*\S+\s+\S+/;

function applyExcuses(source: Source, found: readonly Violation[]): Violation[] {
  const kept = new Set(found);
  const complaints: Violation[] = [];
  for (const comment of source.comments) {
    const excuse = EXCUSE.exec(comment.text);
    if (excuse === null) continue;
    const { line } = comment;
    const complain = (message: string) =>
      complaints.push({ file: source.file, line, rule: 'excuse', message });
    const excused = found.filter((violation) => violation.line === line);
    if (!REASON.test(excuse[1])) {
      complain('an exception states its reason in words after a colon');
      continue;
    }
    if (excused.length === 0) complain('this exception excuses nothing; remove it');
    for (const violation of excused) kept.delete(violation);
  }
  return [...kept, ...complaints].sort((a, b) => a.line - b.line);
}
