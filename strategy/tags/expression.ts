import { AppError, closestNames } from '../../src/engine/error.ts';

/**
 * An expression over named conditions: `{HTF_BULL} AND ({OB_DEMAND_HIT} OR NOT {A})`. Parsed once
 * into postfix form; evaluation reads one flag a condition and allocates nothing.
 */
export class ConditionExpression {
  declare readonly text: string;
  /** Names that occur, in order of first use. */
  declare readonly names: readonly string[];
  declare private readonly program: Int32Array;
  declare private readonly stack: Uint8Array;
  /** A plain conjunction (nearly every expression is one) is two masks and needs no stack. */
  declare private readonly isConjunction: boolean;
  declare private readonly required: number;
  declare private readonly forbidden: number;

  private constructor(text: string, names: string[], program: number[]) {
    this.text = text;
    this.names = names;
    this.program = Int32Array.from(program);
    this.stack = new Uint8Array(program.length + 1);
    const terms = conjunctionOf(program);
    this.isConjunction = terms !== undefined;
    this.required = terms?.required ?? 0;
    this.forbidden = terms?.forbidden ?? 0;
  }

  /**
   * AND binds tighter than OR, NOT tightest; operators in any case, braces optional.
   * @param known every condition that exists; its index is the flag that `evaluate` reads
   * @throws AppError CONFIG_EXPRESSION with the position and the closest names
   */
  static parse(text: string, known: readonly string[]): ConditionExpression {
    const parser = new Parser(text, known);
    parser.expression();
    parser.end();
    return new ConditionExpression(text, parser.names, parser.program);
  }

  /** Bit i of `bits` is 1 when condition i of the known names holds; for up to 32 names. */
  matches(bits: number): boolean {
    if (this.isConjunction) {
      return (bits & this.required) === this.required && (bits & this.forbidden) === 0;
    }
    const { program, stack } = this;
    let top = 0;
    for (let i = 0; i < program.length; i++) {
      const code = program[i];
      if (code >= 0) stack[top++] = (bits >>> code) & 1;
      else if (code === NOT) stack[top - 1] ^= 1;
      else {
        top--;
        if (code === AND) stack[top - 1] &= stack[top];
        else stack[top - 1] |= stack[top];
      }
    }
    return stack[0] === 1;
  }

  /** `flags[i]` is 1 when condition i of the known names holds. */
  evaluate(flags: ArrayLike<number>): boolean {
    const { program, stack } = this;
    let top = 0;
    for (let i = 0; i < program.length; i++) {
      const code = program[i];
      if (code >= 0) stack[top++] = flags[code] === 1 ? 1 : 0;
      else if (code === NOT) stack[top - 1] ^= 1;
      else {
        top--;
        if (code === AND) stack[top - 1] &= stack[top];
        else stack[top - 1] |= stack[top];
      }
    }
    return stack[0] === 1;
  }
}

const AND = -1;
const OR = -2;
const NOT = -3;

/** The masks of `a AND NOT b AND ...`; undefined for anything else. */
function conjunctionOf(
  program: readonly number[],
): { required: number; forbidden: number } | undefined {
  let required = 0;
  let forbidden = 0;
  for (let i = 0; i < program.length; i++) {
    const code = program[i];
    if (code === AND) continue;
    // 31 bits and more would not fit; NOT of a group follows an operator instead of a name.
    if (code < 0 || code > 30) return undefined;
    if (program[i + 1] === NOT) {
      if (program[i + 2] === NOT) return undefined;
      forbidden |= 1 << code;
      i++;
    } else required |= 1 << code;
  }
  return { required, forbidden };
}

/** The same expression for the other side: every bullish name becomes its bearish mirror. */
export function mirrorExpression(text: string): string {
  return text.replace(/\{?([A-Z][A-Z0-9_]*)\}?/g, (whole, name: string) => {
    if (name === 'AND' || name === 'OR' || name === 'NOT') return whole;
    return `{${mirrorName(name)}}`;
  });
}

const MIRRORS: readonly (readonly [string, string])[] = [
  ['BULL', 'BEAR'],
  ['DEMAND', 'SUPPLY'],
  ['UP', 'DOWN'],
  ['BUY', 'SELL'],
  ['DISCOUNT', 'PREMIUM'],
  ['LONG', 'SHORT'],
  ['HIGHS', 'LOWS'],
];

/** `HTF_BULL` -> `HTF_BEAR`; names without a side are their own mirror. */
export function mirrorName(name: string): string {
  return name
    .split('_')
    .map((part) => {
      for (const [bull, bear] of MIRRORS) {
        if (part === bull) return bear;
        if (part === bear) return bull;
      }
      return part;
    })
    .join('_');
}

class Parser {
  readonly names: string[] = [];
  readonly program: number[] = [];
  declare private readonly text: string;
  declare private readonly known: readonly string[];
  private at = 0;

  constructor(text: string, known: readonly string[]) {
    this.text = text;
    this.known = known;
  }

  expression(): void {
    this.conjunction();
    while (this.word('OR')) {
      this.conjunction();
      this.program.push(OR);
    }
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail('expected AND, OR or the end');
  }

  private conjunction(): void {
    this.negation();
    while (this.word('AND')) {
      this.negation();
      this.program.push(AND);
    }
  }

  private negation(): void {
    if (this.word('NOT')) {
      this.negation();
      this.program.push(NOT);
      return;
    }
    this.space();
    if (this.text[this.at] === '(') {
      this.at++;
      this.expression();
      this.space();
      if (this.text[this.at] !== ')') this.fail('expected )');
      this.at++;
      return;
    }
    this.condition();
  }

  private condition(): void {
    const match = /^(?:\{\s*([A-Za-z0-9_]+)\s*\}|([A-Za-z][A-Za-z0-9_]*))/.exec(
      this.text.slice(this.at),
    );
    if (match === null) this.fail('expected a condition such as {HTF_BULL}');
    const name = (match[1] ?? match[2]).toUpperCase();
    const index = this.known.indexOf(name);
    if (index < 0) {
      const near = closestNames(name, this.known);
      const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined;
      this.fail(`no condition is called "${name}"`, hint);
    }
    if (!this.names.includes(name)) this.names.push(name);
    this.program.push(index);
    this.at += match[0].length;
  }

  /** Consumes an operator if it stands here as a whole word. */
  private word(operator: string): boolean {
    this.space();
    const part = this.text.slice(this.at, this.at + operator.length);
    const next = this.text[this.at + operator.length] ?? ' ';
    if (part.toUpperCase() !== operator || /[A-Za-z0-9_]/.test(next)) return false;
    this.at += operator.length;
    return true;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private fail(why: string, hint?: string): never {
    const place = `at position ${this.at + 1} of "${this.text}"`;
    throw new AppError('CONFIG_EXPRESSION', `${why} ${place}`, hint);
  }
}
