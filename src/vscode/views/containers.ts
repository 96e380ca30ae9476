/** The view Containers: what is told of the engine while it is looked at, each in its row; a row is drawn again when it says something else. */
import { Disposable, MarkdownString, type TreeItem, TreeItemCollapsibleState, workspace } from 'vscode';
import type { ContainerRow } from '../../core/objects/object-rows.js';
import type { App } from '../app.js';
import { awayWords } from '../editor-words.js';
import { containerTreeRow, type ContainerElement, type ContainerGroup, environmentRow, groupsOf, projectRow } from './container-rows.js';
import { containerTooltip } from './container-tooltip.js';
import type { EngineObjects, ObjectNews } from './engine-objects.js';
import type { Filling, Place } from './lazy-tree.js';
import { treeItem } from './tree-item.js';
import type { TreeRow } from './tree-row.js';

/** How long containers run is told in minutes. */
const TICK = 30_000;

export class Containers implements Filling<ContainerElement> {
  private readonly elements = new Map<string, ContainerElement>();
  /** What each row said when it was drawn last. */
  private readonly drawn = new Map<string, string>();
  private readonly subscriptions: Disposable;
  private groups: readonly ContainerGroup[] = [];
  private clock: NodeJS.Timeout | undefined;
  /** Before the first rows are handed out there is nothing to be drawn again. */
  private isShown = false;
  /** Of what was drawn last. */
  private shown = '';

  constructor(
    private readonly app: Pick<App, 'projects'>,
    private readonly objects: EngineObjects,
    private readonly place: Place<ContainerElement>,
  ) {
    this.subscriptions = Disposable.from(
      objects.onDidChange((news) => this.note(news)),
      place.view.onDidChangeVisibility(() => this.look()),
      workspace.onDidGrantWorkspaceTrust(() => this.look()),
    );
    this.look();
  }

  async children(element: ContainerElement | undefined): Promise<readonly ContainerElement[]> {
    if (!element) {
      await this.objects.settled();
      this.isShown = true;
      this.shown = this.shape();
      const projects = this.projects();
      return this.hasLevel() ? projects.map((project) => this.element({ row: 'project', project })) : this.environments(projects[0] ?? '');
    }
    if (element.row === 'project') return this.environments(element.project);
    return element.row === 'environment' ? (this.groupOf(element)?.containers ?? []).map((container) => this.element({ row: 'container', container })) : [];
  }

  item(element: ContainerElement): TreeItem {
    const row = this.rowOf(element);
    this.drawn.set(row.id, JSON.stringify(row));
    return treeItem(row, element.row === 'container' ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Expanded);
  }

  parent(element: ContainerElement): ContainerElement | undefined {
    if (element.row === 'container') {
      const group = this.groups.find(({ containers }) => containers.includes(element.container));
      return group && this.element({ row: 'environment', project: group.project, environment: group.environment });
    }
    return element.row === 'environment' && this.hasLevel() ? this.element({ row: 'project', project: element.project }) : undefined;
  }

  tooltip(element: ContainerElement): MarkdownString | undefined {
    const container = element.row === 'container' ? this.objects.containers.get(element.container) : undefined;
    return container && new MarkdownString(containerTooltip(container, this.imageOf(container), Date.now()));
  }

  dispose(): void {
    clearInterval(this.clock);
    this.objects.want('containers', false);
    this.subscriptions.dispose();
  }

  /** Nothing is asked while nobody looks. */
  private look(): void {
    const { visible } = this.place.view;
    this.objects.want('containers', visible);
    clearInterval(this.clock);
    this.clock = visible ? setInterval(() => this.drawChanged(this.elements.values()), TICK) : undefined;
    // What was told meanwhile was told to others' rows only.
    if (visible) this.update();
  }

  private note(news: ObjectNews): void {
    // Nobody sees it: it is drawn when somebody looks again.
    if (!this.place.view.visible) return;
    if (news.kind === 'engine' || news.kind === 'owners') this.update();
    else if (news.kind === 'containers') this.update(news.ids);
    // Names of what containers were made of.
    else this.drawChanged(this.elements.values());
  }

  /** @param ids containers that are other than before; default: any may be */
  private update(ids?: readonly string[]): void {
    const before = this.groups;
    this.groups = groupsOf(this.objects.containers.values(), this.objects.owners);
    this.showMessage();
    this.forget();
    if (!this.isShown) return;
    const shape = this.shape();
    const isSame = shape === this.shown;
    this.shown = shape;
    if (isSame) this.drawBelow(before, ids && new Set(ids));
    else this.place.draw();
  }

  /** Groups with other members or another order, and single rows. */
  private drawBelow(before: readonly ContainerGroup[], changed: ReadonlySet<string> | undefined): void {
    const redrawn = new Set<string>();
    for (const [at, group] of this.groups.entries()) {
      if (group.containers.join() === before[at]?.containers.join()) continue;
      for (const id of group.containers) redrawn.add(id);
      this.place.draw(this.element({ row: 'environment', project: group.project, environment: group.environment }));
    }
    this.drawChanged(
      [...this.elements.values()].filter(
        (element) => element.row !== 'container' || (!redrawn.has(element.container) && (changed?.has(element.container) ?? true)),
      ),
    );
  }

  /** Of what is gone. */
  private forget(): void {
    for (const [key, element] of this.elements) {
      const isThere =
        element.row === 'container'
          ? this.objects.containers.has(element.container)
          : element.row === 'environment'
            ? this.groupOf(element) !== undefined
            : this.projects().includes(element.project);
      if (isThere) continue;
      this.elements.delete(key);
      this.drawn.delete(key);
    }
  }

  /** Only rows that say something else than before. */
  private drawChanged(elements: Iterable<ContainerElement>): void {
    for (const element of elements) {
      const row = this.rowOf(element);
      const before = this.drawn.get(row.id);
      if (before !== undefined && before !== JSON.stringify(row)) this.place.draw(element);
    }
  }

  private showMessage(): void {
    const { state } = this.objects;
    // Where there is no row, the welcome has the buttons that help; a message would hide it.
    this.place.say(state.kind === 'away' && this.groups.length > 0 ? awayWords(state.problem) : '');
  }

  private rowOf(element: ContainerElement): TreeRow {
    const isAway = this.objects.state.kind === 'away';
    if (element.row === 'project') return projectRow(element.project, this.app.projects.get(element.project)?.state.name ?? '');
    if (element.row === 'environment') {
      const group = this.groupOf(element) ?? { ...element, containers: [] };
      return environmentRow(
        group,
        group.containers.flatMap((id) => this.objects.containers.get(id) ?? []),
        isAway,
      );
    }
    const container = this.objects.containers.get(element.container);
    if (!container) return { id: `container:${element.container}`, label: '', description: '', icon: 'circle-outline', context: '' };
    return containerTreeRow(container, { now: Date.now(), isAway, image: this.imageOf(container) });
  }

  private imageOf({ image, imageId }: ContainerRow): string | undefined {
    return this.objects.images.get(imageId)?.tags[0] ?? (/^(?:sha256:)?[0-9a-f]{12,}$/.test(image) ? undefined : image);
  }

  private environments(project: string): readonly ContainerElement[] {
    return this.groups.filter((group) => group.project === project).map(({ environment }) => this.element({ row: 'environment', project, environment }));
  }

  private groupOf({ project, environment }: Pick<ContainerGroup, 'project' | 'environment'>): ContainerGroup | undefined {
    return this.groups.find((group) => group.project === project && group.environment === environment);
  }

  /** Those that have a container. */
  private projects(): readonly string[] {
    return [...new Set(this.groups.map(({ project }) => project))];
  }

  /** Of one project everybody knows whose it is. */
  private hasLevel(): boolean {
    return this.app.projects.all.length > 1 && this.projects().length > 0;
  }

  /** What is above the containers. */
  private shape(): string {
    return JSON.stringify([this.hasLevel(), this.groups.map(({ project, environment }) => [project, environment])]);
  }

  /** One object for one row: VS Code knows it by that. */
  private element(wanted: ContainerElement): ContainerElement {
    const key = idOf(wanted);
    const known = this.elements.get(key);
    if (known) return known;
    this.elements.set(key, wanted);
    return wanted;
  }
}

function idOf(element: ContainerElement): string {
  if (element.row === 'container') return `container:${element.container}`;
  return element.row === 'environment' ? `containers:${element.project}:${element.environment}` : `containers:${element.project}`;
}
