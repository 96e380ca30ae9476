/** The selected rows of each view: a key is told the view in which it was pressed, and no row. Pure. */
export class Selections {
  private readonly views = new Map<string, () => readonly unknown[]>();

  add(view: string, selected: () => readonly unknown[]): void {
    this.views.set(view, selected);
  }

  in(view: string): readonly unknown[] {
    return this.views.get(view)?.() ?? [];
  }
}
