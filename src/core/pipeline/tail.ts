/**
 * The last of many: at most so many items, with at most so many characters. One that is larger by itself stays until the next.
 * A ring that is made once: what keeps a part of a flood must not make garbage of its own.
 */
export class Tail<T> {
  private readonly items: (T | undefined)[];
  private readonly lengths: number[];
  private start = 0;
  private count = 0;
  private characters = 0;

  constructor(
    private readonly limits: { readonly items: number; readonly characters: number },
    private readonly lengthOf: (item: T) => number,
  ) {
    this.items = Array.from({ length: limits.items });
    this.lengths = Array.from({ length: limits.items }, () => 0);
  }

  push(item: T): void {
    const length = this.lengthOf(item);
    while (this.count > 0 && (this.count === this.limits.items || this.characters + length > this.limits.characters)) this.drop();
    const at = (this.start + this.count) % this.limits.items;
    this.items[at] = item;
    this.lengths[at] = length;
    this.count += 1;
    this.characters += length;
  }

  get size(): number {
    return this.count;
  }

  /** Oldest first. */
  toArray(): readonly T[] {
    return [...this.items.slice(this.start), ...this.items.slice(0, this.start)].slice(0, this.count).filter((item) => item !== undefined);
  }

  private drop(): void {
    this.characters -= this.lengths[this.start] ?? 0;
    this.items[this.start] = undefined;
    this.start = (this.start + 1) % this.limits.items;
    this.count -= 1;
  }
}
