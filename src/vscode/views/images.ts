/** The view Images: what is on the engine of this window's projects, or all of it. What is in an image is read when it is opened. */
import * as l10n from '@vscode/l10n';
import { Disposable, MarkdownString, type TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { ImageContents, InstalledPackage } from '../../core/objects/image-contents.js';
import type { ImageRow } from '../../core/objects/object-rows.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { awayWords } from '../editor-words.js';
import { chosenEngineParams } from '../settings.js';
import type { EngineObjects, ObjectNews } from './engine-objects.js';
import {
  factRow,
  groupImages,
  type ImageElement,
  type ImageFact,
  type ImageGroup,
  type ImagePart,
  imageProjectRow,
  imageTreeRow,
  layerFacts,
  packageFacts,
  partRow,
  partsOf,
  presentImages,
  roleRow,
  settingFacts,
} from './image-rows.js';
import type { Filling, Place } from './lazy-tree.js';
import type { StatusKeeper } from './status-keeper.js';
import { treeItem } from './tree-item.js';
import type { TreeRow } from './tree-row.js';

/** How old an image is, is told in minutes. */
const TICK = 60_000;

const GONE: TreeRow = { id: 'gone', label: '', description: '', icon: 'circle-outline', context: '' };

export class Images implements Filling<ImageElement> {
  private readonly elements = new Map<string, ImageElement>();
  /** What each row said when it was drawn last. */
  private readonly drawn = new Map<string, string>();
  private readonly subscriptions: Disposable;
  /** Images do not change: what was read of one holds for as long as it is there. */
  private readonly contents = new Map<string, Promise<ImageContents>>();
  private readonly packages = new Map<string, Promise<readonly InstalledPackage[]>>();
  private groups: readonly ImageGroup[] = [];
  private present = '';
  /** Before the first rows are handed out there is nothing to be drawn again. */
  private isShown = false;
  private clock: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: Pick<App, 'core' | 'projects'>,
    private readonly objects: EngineObjects,
    private readonly status: StatusKeeper,
    private readonly place: Place<ImageElement>,
  ) {
    this.subscriptions = Disposable.from(
      objects.onDidChange((news) => this.note(news)),
      app.projects.onDidChange(() => this.notePresent()),
      place.view.onDidChangeVisibility(() => this.look()),
    );
    this.regroup();
    this.look();
  }

  async children(element: ImageElement | undefined): Promise<readonly ImageElement[]> {
    switch (element?.row) {
      case undefined:
        await this.objects.settled();
        this.isShown = true;
        return this.top();
      case 'project':
        return this.groupsOf(element.project);
      case 'role':
        return this.group(element)?.images.map(({ id }) => this.element({ row: 'image', of: element.of, role: element.role, image: id })) ?? [];
      case 'image': {
        const { of, role, image } = element;
        const row = this.objects.images.get(image);
        return row ? partsOf(row).map((part) => this.element({ row: 'part', of, role, inside: image, part })) : [];
      }
      case 'part': {
        const { of, role, inside, part } = element;
        const facts = await this.facts(inside, part);
        return facts.map((fact) => ({ row: 'fact', of, role, inside, part, fact }));
      }
      case 'fact':
        return [];
    }
  }

  item(element: ImageElement): TreeItem {
    const row = this.rowOf(element);
    this.drawn.set(row.id, JSON.stringify(row));
    return treeItem(row, collapsible(element));
  }

  parent(element: ImageElement): ImageElement | undefined {
    switch (element.row) {
      case 'project':
        return undefined;
      case 'role':
        return this.objects.owners.length > 1 && element.of !== '' ? this.element({ row: 'project', project: element.of }) : undefined;
      case 'image':
        return this.element({ row: 'role', of: element.of, role: element.role });
      case 'part':
        return this.element({ row: 'image', of: element.of, role: element.role, image: element.inside });
      case 'fact':
        return this.element({ row: 'part', of: element.of, role: element.role, inside: element.inside, part: element.part });
    }
  }

  tooltip(element: ImageElement): MarkdownString | string | undefined {
    if (element.row === 'fact') return element.fact.whole;
    const image = element.row === 'image' ? this.objects.images.get(element.image) : undefined;
    return (
      image &&
      tooltipOf(
        image,
        [...this.objects.containers.values()].filter(({ imageId }) => imageId === image.id).map(({ name }) => name),
      )
    );
  }

  dispose(): void {
    clearInterval(this.clock);
    this.status.want('images', false);
    this.subscriptions.dispose();
  }

  private top(): readonly ImageElement[] {
    const { owners } = this.objects;
    if (owners.length < 2) return this.groups.map(({ of, role }) => this.element({ row: 'role', of, role }));
    const projects = owners.filter(({ root }) => this.groups.some(({ of }) => of === root));
    return [...projects.map(({ root }) => this.element({ row: 'project', project: root })), ...this.groupsOf('')];
  }

  private groupsOf(root: string): readonly ImageElement[] {
    return this.groups.filter(({ of }) => of === root).map(({ of, role }) => this.element({ row: 'role', of, role }));
  }

  private group({ of, role }: Pick<ImageGroup, 'of' | 'role'>): ImageGroup | undefined {
    return this.groups.find((group) => group.of === of && group.role === role);
  }

  /** One object for one row: VS Code knows it by that. */
  private element(wanted: ImageElement): ImageElement {
    const key = JSON.stringify(wanted);
    const known = this.elements.get(key);
    if (known) return known;
    this.elements.set(key, wanted);
    return wanted;
  }

  private rowOf(element: ImageElement): TreeRow {
    const { objects } = this;
    switch (element.row) {
      case 'project': {
        const owner = objects.owners.find(({ root }) => root === element.project);
        return owner ? imageProjectRow(owner) : GONE;
      }
      case 'role': {
        const group = this.group(element);
        return group ? roleRow(group) : GONE;
      }
      case 'image': {
        const image = objects.images.get(element.image);
        const owner = objects.owners.find(({ root }) => root === element.of);
        const state = this.app.projects.get(element.of)?.state;
        return image ? imageTreeRow(image, element, { owner, present: state && presentImages(state), now: Date.now() }) : GONE;
      }
      case 'part':
        return partRow(element);
      case 'fact':
        return factRow(element);
    }
  }

  private look(): void {
    const { visible } = this.place.view;
    this.status.want('images', visible);
    this.showMessage();
    clearInterval(this.clock);
    this.clock = visible ? setInterval(() => this.drawChanged(), TICK) : undefined;
    if (visible) this.drawChanged();
  }

  private note(news: ObjectNews): void {
    if (news.kind === 'engine') this.showMessage();
    else if (news.kind === 'owners') this.regroup();
    else if (news.kind === 'images') {
      this.regroup();
      for (const id of news.ids) this.noteImage(id);
    }
  }

  private noteImage(id: string): void {
    if (!this.objects.images.has(id)) {
      this.contents.delete(id);
      this.packages.delete(id);
    }
    for (const { of, role } of this.groups) this.drawIfOther({ row: 'image', of, role, image: id });
  }

  private notePresent(): void {
    const now = JSON.stringify(
      this.app.projects.all.map(({ state }) => {
        const present = presentImages(state);
        return present && [...present];
      }),
    );
    if (now === this.present) return;
    this.present = now;
    this.drawChanged();
  }

  /** Draws again what has other members than before, and nothing else. */
  private regroup(): void {
    const { images, owners, isAll } = this.objects;
    const before = this.groups;
    this.groups = groupImages(images.values(), owners, isAll);
    this.showMessage();
    if (!this.isShown) return;
    const names = (groups: readonly ImageGroup[]): string => groups.map(({ of, role }) => `${of} ${role}`).join('\n');
    if (names(before) !== names(this.groups)) {
      this.place.draw();
      return;
    }
    for (const group of this.groups) {
      const old = before.find(({ of, role }) => of === group.of && role === group.role);
      if (old && ids(old) !== ids(group)) this.place.draw(this.element({ row: 'role', of: group.of, role: group.role }));
    }
  }

  private drawChanged(): void {
    for (const { of, role, images } of this.groups) for (const { id } of images) this.drawIfOther({ row: 'image', of, role, image: id });
  }

  private drawIfOther(wanted: ImageElement): void {
    const row = this.rowOf(wanted);
    const before = this.drawn.get(row.id);
    if (before !== undefined && row !== GONE && before !== JSON.stringify(row)) this.place.draw(this.element(wanted));
  }

  private showMessage(): void {
    const { state } = this.objects;
    // Where there is no row, the welcome has the buttons that help; a message would hide it.
    this.place.say(state.kind === 'away' && this.groups.length > 0 ? awayWords(state.problem) : '');
  }

  private async facts(image: string, part: ImagePart): Promise<readonly ImageFact[]> {
    try {
      if (part === 'packages')
        return packageFacts(
          await this.remembered(this.packages, image, () => this.app.core.call({ method: 'imagePackages', params: { ...chosenEngineParams(), image } })),
        );
      const contents = await this.remembered(this.contents, image, () =>
        this.app.core.call({ method: 'imageContents', params: { ...chosenEngineParams(), image } }),
      );
      return part === 'layers' ? layerFacts(contents) : settingFacts(contents);
    } catch (error) {
      const { message, why } = toReport(error);
      return [{ key: 'problem', label: message, description: '', icon: 'warning', ...(why !== undefined && { whole: why }) }];
    }
  }

  /** What failed is asked again. */
  private remembered<T>(memory: Map<string, Promise<T>>, image: string, ask: () => Promise<T>): Promise<T> {
    const known = memory.get(image);
    if (known) return known;
    const asked = ask();
    memory.set(image, asked);
    asked.catch(() => memory.delete(image));
    return asked;
  }
}

const ids = ({ images }: ImageGroup): string => images.map(({ id }) => id).join('\n');

function collapsible(element: ImageElement): TreeItemCollapsibleState {
  if (element.row === 'fact') return TreeItemCollapsibleState.None;
  const isOpen = element.row === 'project' || (element.row === 'role' && element.role === 'release');
  return isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}

function tooltipOf({ id, tags, size, created, about, project, fingerprint, revision }: ImageRow, users: readonly string[]): MarkdownString {
  const text = new MarkdownString();
  const line = (label: string, value: string | undefined): void => {
    if (value === undefined || value === '') return;
    // What others gave names to is no Markdown of ours.
    text.appendMarkdown(`**${label}** `).appendText(value).appendMarkdown('  \n');
  };
  for (const tag of tags) line(l10n.t('Name'), tag);
  line(l10n.t('Holds'), about);
  line(l10n.t('Size'), l10n.t('{0} bytes', size.toLocaleString('en')));
  line(l10n.t('Made'), new Date(created).toLocaleString());
  line(l10n.t('Revision'), revision);
  line(l10n.t('Project'), project);
  line(l10n.t('Used by'), users.join(', '));
  line(l10n.t('Fingerprint'), fingerprint);
  line(l10n.t('Id'), id);
  return text;
}
