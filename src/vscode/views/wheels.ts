/** The view Wheels, once it is looked at: the wheels of each project's export and what is in them. It reads the disk only, and only while it is seen. */
import * as l10n from '@vscode/l10n';
import { Disposable, MarkdownString, type TreeItem, TreeItemCollapsibleState, Uri, workspace } from 'vscode';
import { formatSize } from '../../core/format.js';
import type { WheelEntry, WheelsDocument } from '../../core/wheels/wheel-documents.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { type Project, whereIs } from '../projects.js';
import type { Filling, Place } from './lazy-tree.js';
import { treeItem } from './tree-item.js';
import type { TreeRow } from './tree-row.js';
import type { WheelLists } from './wheel-lists.js';
import {
  dependenciesOf,
  dependenciesRow,
  partsOf,
  projectRow,
  staleOf,
  type WheelElement,
  wheelId,
  type WheelKnowledge,
  type WheelPart,
  wheelRow,
  warningsOf,
} from './wheel-rows.js';

/** How often the words for how old a wheel is are looked at, in ms. */
const TICK = 30_000;

export class Wheels implements Filling<WheelElement> {
  /** By the row's id. */
  private readonly elements = new Map<string, WheelElement>();
  /** What each row said when it was drawn last. */
  private readonly drawn = new Map<string, string>();
  /** Which rows stood below each, and at the top. */
  private readonly members = new Map<string, string>();
  private readonly subscriptions: Disposable;
  private clock: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: Pick<App, 'projects'>,
    private readonly lists: WheelLists,
    private readonly place: Place<WheelElement>,
  ) {
    this.subscriptions = Disposable.from(
      lists.onDidChange(() => this.update()),
      // Other projects, or the application's wheel became stale.
      app.projects.onDidChange(() => this.update()),
      place.view.onDidChangeVisibility(() => this.look()),
      workspace.onDidGrantWorkspaceTrust(() => {
        this.look();
        place.draw();
      }),
    );
    this.look();
  }

  async children(element: WheelElement | undefined): Promise<readonly WheelElement[]> {
    if (element?.row === 'wheel') return this.partsOf(element);
    if (element?.row === 'wheelPart') return this.partElements(element, element.part.parts);
    if (element === undefined && workspace.isTrusted) await this.lists.all();
    const rows = this.rowsBelow(element);
    this.members.set(keyOf(element), signatureOf(rows));
    return rows;
  }

  item(element: WheelElement): TreeItem {
    const row = this.rowOf(element);
    this.drawn.set(row.id, saidOf(element, row));
    const item = treeItem(row, this.stateOf(element, row));
    if (element.row === 'wheel' && row.context.endsWith(' there')) {
      // What is dragged out of the view is the file.
      item.resourceUri = Uri.file(element.wheel);
      item.command = { command: 'pypackage.openWheel', title: l10n.t('Open'), arguments: [element] };
    }
    return item;
  }

  parent(element: WheelElement): WheelElement | undefined {
    if (element.row === 'wheelPart') return element.above;
    const top = this.isLevelled ? this.element({ row: 'wheelProject', project: element.project }) : undefined;
    if (element.row === 'wheelProject') return undefined;
    if (element.row === 'dependencies') return top;
    const role = this.lists.find(element.wheel)?.entry.role;
    return role === 'dependency' ? this.element({ row: 'dependencies', project: element.project }) : top;
  }

  async tooltip(element: WheelElement): Promise<MarkdownString | undefined> {
    if (element.row !== 'wheel') return undefined;
    const found = this.lists.find(element.wheel);
    if (!found) return undefined;
    const { entry } = found;
    const text = new MarkdownString('', true);
    const line = (words: string): void => void text.appendText(words).appendMarkdown('\n\n');
    text.appendMarkdown('**').appendText(`${entry.name} ${entry.version}`).appendMarkdown('**\n\n');
    const contents = entry.modified === undefined ? undefined : await this.lists.contentsOf(entry).catch(() => undefined);
    if (contents?.summary !== undefined) line(contents.summary);
    for (const words of warningsOf(entry, this.knowledgeOf(element.project, entry)))
      text.appendMarkdown('$(warning) ').appendText(words).appendMarkdown('\n\n');
    line([entry.tags.join(', '), formatSize(entry.size), ...(entry.modified === undefined ? [] : [new Date(entry.modified).toLocaleString()])].join(' · '));
    if (entry.sha256 !== undefined) text.appendMarkdown(`\`sha256:${entry.sha256}\`\n\n`);
    line(entry.path);
    return text;
  }

  dispose(): void {
    clearInterval(this.clock);
    this.subscriptions.dispose();
  }

  /** One project needs no row of its own. */
  private get isLevelled(): boolean {
    return this.app.projects.all.length > 1;
  }

  private look(): void {
    const isLookedAt = this.place.view.visible && workspace.isTrusted;
    this.lists.want(isLookedAt);
    clearInterval(this.clock);
    this.clock = isLookedAt ? setInterval(() => this.drawChanged(), TICK) : undefined;
    this.update();
  }

  private rowsBelow(element: WheelElement | undefined): readonly WheelElement[] {
    if (!workspace.isTrusted) return [];
    if (element === undefined) {
      const { all } = this.app.projects;
      // An empty view says what to do.
      if (all.every(({ state }) => (this.documentOf(state.root)?.wheels.length ?? 0) === 0)) return [];
      if (this.isLevelled) return all.map(({ state }) => this.element({ row: 'wheelProject', project: state.root }));
      return all.flatMap(({ state }) => this.wheelsOf(state.root));
    }
    if (element.row === 'wheelProject') return this.wheelsOf(element.project);
    if (element.row !== 'dependencies') return [];
    const document = this.documentOf(element.project);
    return document ? dependenciesOf(document).map((entry) => this.wheelElement(document, entry)) : [];
  }

  /** The application's, the dependencies as one row, and what no lock names. */
  private wheelsOf(root: string): readonly WheelElement[] {
    const document = this.documentOf(root);
    if (!document) return [];
    const of = (role: WheelEntry['role']): readonly WheelElement[] =>
      document.wheels.filter((entry) => entry.role === role).map((entry) => this.wheelElement(document, entry));
    const dependencies = dependenciesOf(document).length === 0 ? [] : [this.element({ row: 'dependencies', project: root })];
    return [...of('application'), ...dependencies, ...of('none')];
  }

  private async partsOf(element: WheelElement & { readonly row: 'wheel' }): Promise<readonly WheelElement[]> {
    const found = this.lists.find(element.wheel);
    if (!found || found.entry.modified === undefined) return [];
    try {
      return this.partElements(element, partsOf(element.id, await this.lists.contentsOf(found.entry)));
    } catch (error) {
      const { message, why } = toReport(error);
      const problem: WheelPart = {
        id: `${element.id}#problem`,
        label: message,
        description: why ?? '',
        icon: 'error',
        colour: 'testing.iconFailed',
        context: 'wheelPart',
        parts: [],
      };
      return this.partElements(element, [problem]);
    }
  }

  private partElements(above: WheelElement, parts: readonly WheelPart[]): readonly WheelElement[] {
    return parts.map((part) => ({ row: 'wheelPart', above, part }));
  }

  private documentOf(root: string): WheelsDocument | undefined {
    return this.lists.get(root)?.document;
  }

  private wheelElement(document: WheelsDocument, entry: WheelEntry): WheelElement {
    const { root } = document.project;
    return this.element({ row: 'wheel', project: root, wheel: entry.path, id: wheelId(root, document.folder, entry) });
  }

  /** One object for one row: VS Code knows it by that. */
  private element(wanted: Exclude<WheelElement, { row: 'wheelPart' }>): WheelElement {
    const id = keyOf(wanted);
    const known = this.elements.get(id) ?? wanted;
    if (known.row === 'wheel' && wanted.row === 'wheel') known.wheel = wanted.wheel;
    this.elements.set(id, known);
    return known;
  }

  private rowOf(element: WheelElement): TreeRow {
    if (element.row === 'wheelPart') return element.part;
    const project = this.app.projects.get(element.project);
    const document = this.documentOf(element.project);
    if (element.row === 'wheelProject' && project) return projectRow(project.state, document, whereIs(project));
    if (element.row === 'dependencies' && document) {
      const warned = dependenciesOf(document).filter((entry) => warningsOf(entry, this.knowledgeOf(element.project, entry)).length > 0).length;
      return dependenciesRow(element.project, document, warned);
    }
    const entry = element.row === 'wheel' ? document?.wheels.find(({ path }) => path === element.wheel) : undefined;
    if (element.row === 'wheel' && entry) return wheelRow(element.id, entry, this.knowledgeOf(element.project, entry), Date.now());
    return { id: `gone:${keyOf(element)}`, label: '', description: '', icon: 'circle-outline', context: '' };
  }

  private knowledgeOf(root: string, entry: WheelEntry): WheelKnowledge {
    const project: Project | undefined = this.app.projects.get(root);
    return { stale: project && staleOf(project.state), verdict: this.lists.verdictOf(entry) };
  }

  private stateOf(element: WheelElement, row: TreeRow): TreeItemCollapsibleState {
    switch (element.row) {
      case 'wheelProject':
        return row.context.endsWith(' empty') ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Expanded;
      case 'dependencies':
        return TreeItemCollapsibleState.Collapsed;
      case 'wheel':
        return row.context.endsWith(' there') ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
      case 'wheelPart':
        return element.part.parts.length > 0 ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None;
      default:
        return element satisfies never;
    }
  }

  private update(): void {
    // What changes meanwhile is drawn when somebody looks again.
    if (!this.place.view.visible) return;
    this.showMessage();
    if (this.hasOtherMembers(undefined)) return this.place.draw();
    for (const element of this.elements.values()) {
      if (element.row !== 'wheel' && this.isDrawn(element) && this.hasOtherMembers(element)) this.place.draw(element);
    }
    this.drawChanged();
  }

  private hasOtherMembers(element: WheelElement | undefined): boolean {
    const before = this.members.get(keyOf(element));
    return before !== undefined && before !== signatureOf(this.rowsBelow(element));
  }

  private isDrawn(element: WheelElement): boolean {
    return this.drawn.has(this.rowOf(element).id);
  }

  /** Only rows that say something else than before. */
  private drawChanged(): void {
    for (const element of this.elements.values()) {
      const row = this.rowOf(element);
      const before = this.drawn.get(row.id);
      if (before !== undefined && before !== saidOf(element, row)) this.place.draw(element);
    }
  }

  private showMessage(): void {
    const problems = this.app.projects.all.flatMap(({ state }) => this.lists.get(state.root)?.problem?.message ?? []);
    // The empty text takes the message away.
    this.place.say(workspace.isTrusted ? [...new Set(problems)].join('\n') : '');
  }
}

const keyOf = (element: WheelElement | undefined): string => {
  if (element === undefined) return '';
  if (element.row === 'wheelPart') return element.part.id;
  return element.row === 'wheel' ? element.id : `${element.row}:${element.project}`;
};

const signatureOf = (elements: readonly WheelElement[]): string => elements.map(keyOf).join('\n');

/** What is drawn of it: the file that is dragged and opened, too. */
const saidOf = (element: WheelElement, row: TreeRow): string => JSON.stringify([row, element.row === 'wheel' ? element.wheel : '']);
