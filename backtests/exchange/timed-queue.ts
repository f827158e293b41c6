/** First in, first out, with a time for each entry; latencies are constant, so times never fall. */
export class TimedQueue<T> {
  private items: { atMs: number; item: T }[] = [];
  private head = 0;

  get isEmpty(): boolean {
    return this.head === this.items.length;
  }

  /** Infinity when empty. */
  get nextMs(): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.items[this.head].atMs;
  }

  push(atMs: number, item: T): void {
    this.items.push({ atMs, item });
  }

  save(): unknown {
    return structuredClone(this.items.slice(this.head));
  }

  load(state: unknown): void {
    this.items = structuredClone(state) as { atMs: number; item: T }[];
    this.head = 0;
  }

  shift(): T {
    const { item } = this.items[this.head++];
    if (this.isEmpty) {
      this.items.length = 0;
      this.head = 0;
    }
    return item;
  }
}
