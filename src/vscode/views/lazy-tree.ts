/** A tree whose rows are made by what is loaded once somebody looks at it: activation only says that the view is there. */
import {
  type Disposable,
  type Event,
  EventEmitter,
  type TreeDataProvider,
  type TreeItem,
  type TreeView,
  type TreeViewOptions,
  type ViewBadge,
  window,
} from 'vscode';

/** What fills a view. */
export interface Filling<T> extends Disposable {
  children(element: T | undefined): readonly T[] | Promise<readonly T[]>;
  item(element: T): TreeItem;
  parent(element: T): T | undefined;
  tooltip?(element: T): TreeItem['tooltip'] | Promise<TreeItem['tooltip']>;
}

export interface Place<T> {
  readonly view: TreeView<T>;
  /** Above the rows; the empty text takes it away. */
  readonly say: (message: string) => void;
  /** Draws a row and what is below it again; all of them without one. */
  readonly draw: (element?: T) => void;
}

export type LazyTreeOptions<T> = Pick<TreeViewOptions<T>, 'canSelectMany' | 'dragAndDropController'>;

export class LazyTree<T> implements TreeDataProvider<T>, Disposable {
  private readonly changed = new EventEmitter<T | undefined>();
  private readonly view: TreeView<T>;
  private loading: Promise<Filling<T>> | undefined;
  private filling: Filling<T> | undefined;
  readonly onDidChangeTreeData: Event<T | undefined> = this.changed.event;

  constructor(
    id: string,
    private readonly load: (place: Place<T>) => Promise<Filling<T>>,
    options: LazyTreeOptions<T> = {},
  ) {
    this.view = window.createTreeView(id, { treeDataProvider: this, showCollapseAll: true, ...options });
  }

  set badge(badge: ViewBadge | undefined) {
    this.view.badge = badge;
  }

  get selection(): readonly T[] {
    return this.view.selection;
  }

  async getChildren(element?: T): Promise<T[]> {
    return [...(await (await this.loaded()).children(element))];
  }

  getTreeItem(element: T): TreeItem {
    if (!this.filling) throw new Error('a row is drawn before anything has made it');
    return this.filling.item(element);
  }

  getParent(element: T): T | undefined {
    return this.filling?.parent(element);
  }

  async resolveTreeItem(item: TreeItem, element: T): Promise<TreeItem> {
    const tooltip = await this.filling?.tooltip?.(element);
    if (tooltip !== undefined) item.tooltip = tooltip;
    return item;
  }

  dispose(): void {
    this.view.dispose();
    this.filling?.dispose();
    this.changed.dispose();
  }

  /** VS Code gathers what a view is told for 200 ms after the first of it: a message that says nothing new would hold up the rows. */
  private say(message: string): void {
    if ((this.view.message ?? '') !== message) this.view.message = message;
  }

  private loaded(): Promise<Filling<T>> {
    const place: Place<T> = { view: this.view, say: (message) => this.say(message), draw: (element) => this.changed.fire(element) };
    return (this.loading ??= this.load(place).then((filling) => (this.filling = filling)));
  }
}
