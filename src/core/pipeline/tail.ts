/** The last of many: at most so many items, with at most so many characters. One that is larger by itself stays until the next. */
export class Tail<T> {
  /** In the order in which they came. */
  private readonly items = new Set<{ readonly item: T; readonly length: number }>();
  private characters = 0;

  constructor(
    private readonly limits: { readonly items: number; readonly characters: number },
    private readonly lengthOf: (item: T) => number,
  ) {}

  push(item: T): void {
    const length = this.lengthOf(item);
    this.items.add({ item, length });
    this.characters += length;
    for (const oldest of this.items) {
      if (this.items.size === 1 || (this.items.size <= this.limits.items && this.characters <= this.limits.characters)) return;
      this.items.delete(oldest);
      this.characters -= oldest.length;
    }
  }

  get size(): number {
    return this.items.size;
  }

  /** Oldest first. */
  toArray(): readonly T[] {
    return Array.from(this.items, ({ item }) => item);
  }
}
