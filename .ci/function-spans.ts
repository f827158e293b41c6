/** A function body, from the line of its opening brace to the line of its closing one. */
export interface FunctionSpan {
  fromLine: number;
  toLine: number;
  body: string;
}

/**
 * Bodies of functions, methods, constructors and arrows in masked code, found by their braces. A
 * brace opens a body when it follows `=>`, or the `)` of a parameter list (not that of `if`, `for`
 * and the like) with or without a return type between.
 */
export function functionSpans(code: string): FunctionSpan[] {
  const spans: FunctionSpan[] = [];
  const braces: { at: number; isFunction: boolean }[] = [];
  const parens: number[] = [];
  const bodies = new Set<number>();
  for (let i = 0; i < code.length; i++) {
    const char = code[i];
    if (char === '(') parens.push(i);
    else if (char === ')') {
      const open = parens.pop() ?? 0;
      if (!CONTROL_WORD.test(code.slice(Math.max(0, open - 20), open))) {
        const body = bodyAfterParameters(code, i + 1);
        if (body >= 0) bodies.add(body);
      }
    } else if (char === '{') {
      braces.push({
        at: i,
        isFunction: bodies.has(i) || ARROW.test(code.slice(Math.max(0, i - 20), i)),
      });
    } else if (char === '}') {
      const open = braces.pop();
      if (open?.isFunction) spans.push(span(code, open.at, i));
    }
  }
  return spans;
}

const CONTROL_WORD = /(?:^|[^\w$.])(?:if|for|while|switch|catch|with|await)\s*$/;
const ARROW = /=>\s*$/;

function span(code: string, from: number, to: number): FunctionSpan {
  const fromLine = lineOf(code, from);
  const body = code.slice(from, to + 1);
  return { fromLine, toLine: fromLine + body.split('\n').length - 1, body };
}

/** Line number (from 1) of a position. */
export function lineOf(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/** Where the body starts after a `)`, stepping over a return type; -1 when none does. */
function bodyAfterParameters(code: string, from: number): number {
  let at = skipSpace(code, from);
  if (code[at] === '{') return at;
  if (code[at] !== ':') return -1;
  at++;
  let isOperandDue = true;
  let wasGroup = false;
  for (;;) {
    at = skipSpace(code, at);
    const char = code[at];
    if (char === undefined || ';,)]}'.includes(char)) return -1;
    if (char === '=' && code[at + 1] === '>') {
      // `(a): T => {` is an arrow, `(a): (x: X) => T {` a function that returns functions.
      if (!wasGroup) return -1;
      isOperandDue = true;
      at += 2;
      continue;
    }
    if (char === '=') return -1;
    if (char === '{' && !isOperandDue) return at;
    if ('{(['.includes(char) || char === '<') {
      at = skipGroup(code, at);
      wasGroup = char === '(';
      isOperandDue = false;
      continue;
    }
    const word = /^(?:[\w$.]+|'\s*'|"\s*")/.exec(code.slice(at, at + 80))?.[0];
    wasGroup = false;
    isOperandDue = word === undefined || TYPE_PREFIX.has(word);
    at += word?.length ?? 1;
  }
}

const TYPE_PREFIX = new Set(['is', 'keyof', 'typeof', 'readonly', 'asserts', 'infer', 'extends']);

function skipSpace(code: string, from: number): number {
  let at = from;
  while (at < code.length && /\s/.test(code[at])) at++;
  return at;
}

const CLOSES: Record<string, string> = { '{': '}', '(': ')', '[': ']', '<': '>' };

/** Position after the bracket that closes the one at `from`. */
function skipGroup(code: string, from: number): number {
  const open = code[from];
  const close = CLOSES[open];
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if (code[at] === open) depth++;
    else if (code[at] === close && code[at - 1] !== '=' && --depth === 0) return at + 1;
  }
  return code.length;
}
