/** The view Targets: each project with its stages, as far as they are known (status-keeper.ts). */
import * as l10n from '@vscode/l10n';
import { Disposable, MarkdownString, type TreeItem, TreeItemCollapsibleState, workspace } from 'vscode';
import { STAGES } from '../../core/pipeline/events.js';
import type { App } from '../app.js';
import { isRunning, type ProjectState } from '../project-state.js';
import { whereIs } from '../projects.js';
import { statusView } from '../status-text.js';
import type { Filling, Place } from './lazy-tree.js';
import type { StatusKeeper } from './status-keeper.js';
import { stageRow, type TargetElement, targetRow } from './target-rows.js';
import { treeItem } from './tree-item.js';
import type { TreeRow } from './tree-row.js';

const TICK = 1000;

export class Targets implements Filling<TargetElement> {
  private readonly elements = new Map<string, TargetElement>();
  /** What each row said when it was drawn last. */
  private readonly drawn = new Map<string, string>();
  private readonly subscriptions: Disposable;
  private roots: readonly string[] = [];
  private clock: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: Pick<App, 'projects'>,
    private readonly status: StatusKeeper,
    private readonly place: Place<TargetElement>,
  ) {
    this.subscriptions = Disposable.from(
      status.onDidChange(() => this.showMessage()),
      app.projects.onDidChange(() => this.update()),
      place.view.onDidChangeVisibility(() => this.look()),
      workspace.onDidGrantWorkspaceTrust(() => this.look()),
    );
    this.look();
  }

  children(element: TargetElement | undefined): readonly TargetElement[] {
    if (element?.row === 'target') return STAGES.map((stage) => this.element({ row: 'stage', project: element.project, stages: [stage] }));
    if (element) return [];
    this.roots = this.states().map(({ root }) => root);
    return this.roots.map((project) => this.element({ row: 'target', project }));
  }

  item(element: TargetElement): TreeItem {
    const row = this.rowOf(element);
    this.drawn.set(row.id, JSON.stringify(row));
    return treeItem(row, element.row === 'target' ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None);
  }

  parent(element: TargetElement): TargetElement | undefined {
    return element.row === 'stage' ? this.element({ row: 'target', project: element.project }) : undefined;
  }

  tooltip(element: TargetElement): MarkdownString | undefined {
    const state = this.app.projects.get(element.project)?.state;
    if (!state) return undefined;
    // The links of a tooltip are for the status bar, where nothing else is at hand: rows have their buttons.
    const [text = ''] = statusView(state, workspace.isTrusted, Date.now()).tooltip.split('\n\n---');
    return new MarkdownString(text, true);
  }

  dispose(): void {
    clearInterval(this.clock);
    this.status.want('targets', false);
    this.subscriptions.dispose();
  }

  private states(): readonly ProjectState[] {
    return this.app.projects.all.map(({ state }) => state);
  }

  /** One object for one row: VS Code knows it by that. */
  private element(wanted: TargetElement): TargetElement {
    const key = wanted.row === 'stage' ? `${wanted.project}:${wanted.stages[0]}` : wanted.project;
    const known = this.elements.get(key);
    if (known) return known;
    this.elements.set(key, wanted);
    return wanted;
  }

  private rowOf({ project, ...element }: TargetElement): TreeRow {
    const found = this.app.projects.get(project);
    if (!found) return { id: `gone:${project}`, label: '', description: '', icon: 'circle-outline', context: '' };
    const now = Date.now();
    return element.row === 'stage'
      ? stageRow(found.state, element.stages[0], now)
      : targetRow(found.state, this.states().length > 1 ? whereIs(found) : '', now);
  }

  private update(): void {
    const states = this.states();
    const { visible } = this.place.view;
    const isOther = states.length !== this.roots.length || states.some(({ root }, at) => root !== this.roots[at]);
    if (isOther) this.place.draw();
    else this.drawChanged();
    this.keepClock(visible && states.some(isRunning));
  }

  private look(): void {
    this.status.want('targets', this.place.view.visible);
    this.showMessage();
    this.update();
  }

  private showMessage(): void {
    // The empty text takes the message away.
    this.place.say(workspace.isTrusted ? this.status.problem : l10n.t('Nothing runs in a folder that is not trusted, and no engine is asked.'));
  }

  /** Only rows that say something else than before. */
  private drawChanged(): void {
    for (const element of this.elements.values()) {
      const row = this.rowOf(element);
      const before = this.drawn.get(row.id);
      if (before !== undefined && before !== JSON.stringify(row)) this.place.draw(element);
    }
  }

  private keepClock(isNeeded: boolean): void {
    if (isNeeded === (this.clock !== undefined)) return;
    clearInterval(this.clock);
    this.clock = isNeeded ? setInterval(() => this.drawChanged(), TICK) : undefined;
  }
}
