import { VenueError } from './venue-error.ts';

/** The sent parameters of a request, read by name with the venue's refusals. */
export class Params {
  private readonly values: URLSearchParams;

  constructor(raw: string) {
    this.values = new URLSearchParams(raw);
  }

  /** @throws VenueError -1104 for a name the route does not know */
  onlyKnown(known: ReadonlySet<string>): void {
    const sent: string[] = [];
    let isKnown = true;
    for (const name of this.values.keys()) {
      sent.push(name);
      if (!known.has(name)) isKnown = false;
    }
    if (isKnown) return;
    const read = sent.filter((name) => known.has(name));
    const stranger = sent.find((name) => !known.has(name));
    const text = `read '${read.length}' parameter(s) but was sent '${sent.length}' (${stranger}).`;
    throw new VenueError(-1104, 400, `Not all sent parameters were read; ${text}`);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  text(name: string, otherwise?: string): string {
    const value = this.values.get(name);
    if (value !== null && value !== '') return value;
    if (otherwise !== undefined) return otherwise;
    const text = `Mandatory parameter '${name.toLowerCase()}' was not sent, was empty/null, or malformed.`;
    throw new VenueError(-1102, 400, text);
  }

  number(name: string, otherwise?: number): number {
    if (otherwise !== undefined && !this.values.has(name)) return otherwise;
    const value = Number(this.text(name));
    if (!Number.isFinite(value)) {
      throw new VenueError(-1100, 400, `Illegal characters found in parameter '${name}'.`);
    }
    return value;
  }

  flag(name: string): boolean {
    return this.text(name, 'false').toLowerCase() === 'true';
  }
}
