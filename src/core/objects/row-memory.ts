/** What was told of rows, so that only what is other is told again. Pure. */
import type { RowChanges } from './object-rows.js';

export class RowMemory<T extends { readonly id: string }> {
  private known = new Map<string, string>();

  /** All there is. */
  replace(rows: readonly T[]): RowChanges<T> {
    const before = this.known;
    this.known = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
    return {
      rows: rows.filter((row) => before.get(row.id) !== this.known.get(row.id)),
      gone: [...before.keys()].filter((id) => !this.known.has(id)),
    };
  }

  /** What was found when these ids were looked for. */
  update(ids: readonly string[], rows: readonly T[]): RowChanges<T> {
    const changed: T[] = [];
    const found = new Set<string>();
    for (const row of rows) {
      found.add(row.id);
      const text = JSON.stringify(row);
      if (this.known.get(row.id) === text) continue;
      this.known.set(row.id, text);
      changed.push(row);
    }
    return { rows: changed, gone: ids.filter((id) => !found.has(id) && this.known.delete(id)) };
  }
}
