/** A source file with everything that is not code blanked out, position by position. */
export interface MaskedSource {
  /** Same length and lines as the source; comments and the inside of literals are spaces. */
  code: string;
  comments: readonly { line: number; text: string }[];
}

/**
 * Blanks comments, strings, template text and regular expressions, so that a rule never matches
 * words. Quotes stay, code inside `${}` stays. A scanner, not a parser: a slash is taken for a
 * regular expression where no value can stand before it.
 */
export function maskSource(source: string): MaskedSource {
  return new Masker(source).run();
}

const VALUE_END = /[\w$)\]}'"`]/;
const KEYWORD_BEFORE_REGEX =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|instanceof|yield|await)$/;

class Masker {
  private readonly source: string;
  private readonly out: string[];
  private readonly comments: { line: number; text: string }[] = [];
  private at = 0;
  private line = 1;
  /** Index of the last character of code that is not white space. */
  private lastCode = -1;
  /** Brace depth inside each open `${`; empty outside templates. */
  private readonly templateDepths: number[] = [];

  constructor(source: string) {
    this.source = source;
    this.out = source.split('');
  }

  run(): MaskedSource {
    if (this.source.startsWith('#!')) this.blankLine();
    while (this.at < this.source.length) this.step();
    return { code: this.out.join(''), comments: this.comments };
  }

  private step(): void {
    const char = this.source[this.at];
    const next = this.source[this.at + 1];
    if (char === '/' && next === '/') return this.lineComment();
    if (char === '/' && next === '*') return this.blockComment();
    if (char === "'" || char === '"') return this.quoted(char);
    if (char === '`') return this.template();
    if (char === '/' && this.regexMayStart()) return this.regex();
    if (this.templateDepths.length > 0 && (char === '{' || char === '}')) {
      if (this.braceInTemplate(char)) return;
    }
    this.keep();
  }

  /** True when the brace closed `${}` and the template text after it was read. */
  private braceInTemplate(char: string): boolean {
    const top = this.templateDepths.length - 1;
    if (char === '}' && this.templateDepths[top] === 0) {
      this.templateDepths.pop();
      this.template();
      return true;
    }
    this.templateDepths[top] += char === '{' ? 1 : -1;
    return false;
  }

  private keep(): void {
    const char = this.source[this.at];
    if (char === '\n') this.line++;
    else if (char !== ' ' && char !== '\t' && char !== '\r') this.lastCode = this.at;
    this.at++;
  }

  private blank(): void {
    const char = this.source[this.at];
    if (char === '\n') this.line++;
    else if (char !== '\r') this.out[this.at] = ' ';
    this.at++;
  }

  private blankLine(): void {
    while (this.at < this.source.length && this.source[this.at] !== '\n') this.blank();
  }

  private lineComment(): void {
    const from = this.at;
    const line = this.line;
    this.blankLine();
    this.comments.push({ line, text: this.source.slice(from, this.at) });
  }

  private blockComment(): void {
    const close = this.source.indexOf('*/', this.at + 2);
    const end = close < 0 ? this.source.length : close + 2;
    const lines = this.source.slice(this.at, end).split('\n');
    for (const [i, text] of lines.entries()) this.comments.push({ line: this.line + i, text });
    while (this.at < end) this.blank();
  }

  private quoted(quote: string): void {
    this.keep();
    while (this.at < this.source.length) {
      const char = this.source[this.at];
      if (char === '\n') return;
      if (char === quote) return this.keep();
      if (char === '\\') this.blank();
      this.blank();
    }
  }

  /** Reads template text up to the closing back-tick or the next `${`. */
  private template(): void {
    this.keep();
    while (this.at < this.source.length) {
      const char = this.source[this.at];
      if (char === '`') return this.keep();
      if (char === '$' && this.source[this.at + 1] === '{') {
        this.keep();
        this.keep();
        this.templateDepths.push(0);
        return;
      }
      if (char === '\\') this.blank();
      this.blank();
    }
  }

  private regexMayStart(): boolean {
    if (this.lastCode < 0) return true;
    if (!VALUE_END.test(this.source[this.lastCode])) return true;
    return KEYWORD_BEFORE_REGEX.test(
      this.source.slice(Math.max(0, this.lastCode - 12), this.lastCode + 1),
    );
  }

  private regex(): void {
    this.keep();
    let inClass = false;
    while (this.at < this.source.length) {
      const char = this.source[this.at];
      if (char === '\n') return;
      if (char === '/' && !inClass) return this.keep();
      if (char === '[') inClass = true;
      if (char === ']') inClass = false;
      if (char === '\\') this.blank();
      this.blank();
    }
  }
}
