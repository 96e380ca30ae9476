/** The view Targets, once it is looked at: it asks the engine then, again after a file was saved, and never while nobody looks. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { Disposable, MarkdownString, type TreeItem, TreeItemCollapsibleState, workspace } from 'vscode';
import { isCancelled } from '../../core/errors.js';
import { STAGES } from '../../core/pipeline/events.js';
import type { App } from '../app.js';
import { askStatus } from '../ask-status.js';
import { toReport } from '../core-error.js';
import { problemWords } from '../editor-words.js';
import { isBusy, isRunning, type ProjectState } from '../project-state.js';
import { whereIs } from '../projects.js';
import { statusView } from '../status-text.js';
import type { EngineObjects, ObjectNews } from './engine-objects.js';
import type { Filling, Place } from './lazy-tree.js';
import { stageRow, type TargetElement, targetRow } from './target-rows.js';
import { treeItem } from './tree-item.js';
import type { TreeRow } from './tree-row.js';

/** How long after a file was saved it is asked what that made stale, in ms: several are saved at once. */
const SETTLED = 800;
const TICK = 1000;
/** Before a project that could not be asked about is tried again, in ms: at first, and at most. */
const PAUSE = { first: 2_000, longest: 30_000 };

export class Targets implements Filling<TargetElement> {
  private readonly elements = new Map<string, TargetElement>();
  /** What each row said when it was drawn last. */
  private readonly drawn = new Map<string, string>();
  private readonly subscriptions: Disposable;
  private roots: readonly string[] = [];
  /** Projects that are being asked about, with what ends that. */
  private readonly asking = new Map<string, AbortController>();
  /** What each of them said last time it could not be asked. */
  private readonly troubles = new Map<string, string>();
  /** Projects whose images may be others than when they were asked about. */
  private readonly touched = new Set<string>();
  /** What is wrong with the engine. */
  private away: string | undefined;
  private clock: NodeJS.Timeout | undefined;
  private again: NodeJS.Timeout | undefined;
  private pause = PAUSE.first;

  constructor(
    private readonly app: Pick<App, 'core' | 'projects' | 'request'>,
    private readonly objects: EngineObjects,
    private readonly place: Place<TargetElement>,
  ) {
    this.subscriptions = Disposable.from(
      objects.onDidChange((news) => this.noteNews(news)),
      app.projects.onDidChange(() => this.update()),
      place.view.onDidChangeVisibility(() => this.askAgain()),
      workspace.onDidGrantWorkspaceTrust(() => this.askAgain()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('pypackage')) this.startOver();
      }),
    );
    this.askAgain();
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
    clearTimeout(this.again);
    this.objects.want('targets', false);
    for (const abort of this.asking.values()) abort.abort();
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
    const busy = states.filter(isBusy).length;
    this.place.view.badge = busy === 0 ? undefined : { value: busy, tooltip: busy === 1 ? l10n.t('1 run is at work') : l10n.t('{0} runs are at work', busy) };
    const isLookedAt = visible && workspace.isTrusted;
    this.objects.want('targets', visible);
    if (isLookedAt) for (const state of states) this.askIfNeeded(state);
    else for (const abort of this.asking.values()) abort.abort();
  }

  /** Another engine, base image or namespace: nothing that was told holds. */
  private startOver(): void {
    this.away = undefined;
    for (const { root } of this.states()) this.touched.add(root);
    this.askAgain();
  }

  private noteNews(news: ObjectNews): void {
    if (news.kind === 'images') {
      const { images } = this.objects;
      if (news.ids.every((id) => images.get(id)?.kind === undefined && images.has(id))) return;
      for (const { root, known } of this.states()) if (known.kind !== 'nothing') this.touched.add(root);
      this.update();
    } else if (news.kind === 'engine') {
      const { state } = this.objects;
      const away = state.kind === 'away' ? problemWords(state.problem) : undefined;
      if (state.kind === 'asking' || away === this.away) return;
      this.away = away;
      this.askAgain();
    }
  }

  private showMessage(): void {
    // The empty text takes the message away.
    this.place.view.message = !workspace.isTrusted
      ? l10n.t('Nothing runs in a folder that is not trusted, and no engine is asked.')
      : (this.away ?? [...new Set(this.troubles.values())].join('\n'));
  }

  /** Also those that could not be asked. */
  private askAgain(pause = PAUSE.first): void {
    clearTimeout(this.again);
    this.again = undefined;
    this.pause = Math.min(pause, PAUSE.longest);
    this.troubles.clear();
    this.showMessage();
    this.update();
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

  private askIfNeeded(state: ProjectState): void {
    const { root, known } = state;
    if (this.away !== undefined || this.asking.has(root) || isBusy(state)) return;
    if (!this.isOpen(state)) return;
    const abort = new AbortController();
    this.asking.set(root, abort);
    void this.ask(root, known.kind === 'nothing' ? 0 : SETTLED, abort.signal).finally(() => {
      this.asking.delete(root);
      // A file may have been saved while it was asked.
      if (!abort.signal.aborted) this.update();
    });
  }

  /** Whether there is something that only the engine knows. */
  private isOpen({ root, known, savedSince }: ProjectState): boolean {
    if (this.troubles.has(root)) return false;
    if (known.kind === 'nothing') return true;
    // What failed stays to be seen until it is run again.
    if (known.kind === 'run' && known.run.phase === 'failed') return false;
    const isPartial = known.kind === 'run' && known.run.phase === 'done' && STAGES.some((stage) => known.run.stages.every((row) => row.stage !== stage));
    return isPartial || savedSince !== undefined || this.touched.has(root);
  }

  private async ask(root: string, delay: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(delay, undefined, { signal });
      const project = this.app.projects.get(root);
      this.touched.delete(root);
      if (project && !isRunning(project.state)) await askStatus(this.app, project, { signal });
      this.troubles.delete(root);
      this.pause = PAUSE.first;
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      this.troubles.set(root, problemWords(toReport(error)));
      this.again ??= setTimeout(() => this.askAgain(this.pause * 2), this.pause);
    }
    this.showMessage();
  }
}
