/**
 * Ids seen lately: at least the last `max` of them, at most twice as many. Two generations instead
 * of one set that loses its oldest entry: taking from the front of a set leaves holes that every
 * later look at its front has to pass. O(1).
 */
export class RememberedIds {
  declare private readonly max: number;
  private young = new Set<string>();
  private old = new Set<string>();

  constructor(max: number) {
    this.max = max;
  }

  has(id: string): boolean {
    return this.young.has(id) || this.old.has(id);
  }

  add(id: string): void {
    if (this.young.size >= this.max) {
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(id);
  }

  save(): string[][] {
    return [[...this.old], [...this.young]];
  }

  load(state: readonly (readonly string[])[]): void {
    this.old = new Set(state[0]);
    this.young = new Set(state[1]);
  }
}
