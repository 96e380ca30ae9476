/** Keeps what is known of the window's projects up to date while a view shows it: asked at first, after a file was saved, and when images changed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Disposable, type Event, EventEmitter, workspace } from 'vscode';
import { isCancelled } from '../../core/errors.js';
import { STAGES } from '../../core/pipeline/events.js';
import type { App } from '../app.js';
import { askStatus } from '../ask-status.js';
import { toReport } from '../core-error.js';
import { problemWords } from '../editor-words.js';
import { isBusy, isRunning, type ProjectState } from '../project-state.js';
import type { EngineObjects, ObjectNews } from './engine-objects.js';

/** How long after a file was saved it is asked what that made stale, in ms: several are saved at once. */
const SETTLED = 800;
/** Before a project that could not be asked about is tried again, in ms: at first, and at most. */
const PAUSE = { first: 2_000, longest: 30_000 };

export class StatusKeeper implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly wanting = new Set<string>();
  private readonly subscriptions: Disposable;
  /** Projects that are being asked about, with what ends that. */
  private readonly asking = new Map<string, AbortController>();
  /** What each of them said last time it could not be asked. */
  private readonly troubles = new Map<string, string>();
  /** Projects whose images may be others than when they were asked about. */
  private readonly touched = new Set<string>();
  /** What is wrong with the engine. */
  private away: string | undefined;
  private again: NodeJS.Timeout | undefined;
  private pause = PAUSE.first;
  /** What is wrong is other than before. */
  readonly onDidChange: Event<void> = this.changed.event;

  constructor(
    private readonly app: Pick<App, 'core' | 'projects' | 'request'>,
    private readonly objects: EngineObjects,
  ) {
    this.subscriptions = Disposable.from(
      objects.onDidChange((news) => this.note(news)),
      app.projects.onDidChange(() => this.update()),
      workspace.onDidGrantWorkspaceTrust(() => this.askAgain()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('pypackage')) this.startOver();
      }),
    );
  }

  /** Why something cannot be told; empty where nothing is wrong. */
  get problem(): string {
    return this.away ?? [...new Set(this.troubles.values())].join('\n');
  }

  /** Nothing is asked while nobody wants it. @param who one for each view */
  want(who: string, isWanted: boolean): void {
    if (isWanted === this.wanting.has(who)) return;
    if (isWanted) this.wanting.add(who);
    else this.wanting.delete(who);
    this.objects.want(who, isWanted);
    this.askAgain();
  }

  dispose(): void {
    clearTimeout(this.again);
    for (const abort of this.asking.values()) abort.abort();
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  private states(): readonly ProjectState[] {
    return this.app.projects.all.map(({ state }) => state);
  }

  private update(): void {
    const isAsked = this.wanting.size > 0 && workspace.isTrusted;
    if (isAsked) for (const state of this.states()) this.askIfNeeded(state);
    else for (const abort of this.asking.values()) abort.abort();
  }

  /** Another engine, base image or namespace: nothing that was told holds. */
  private startOver(): void {
    this.away = undefined;
    for (const { root } of this.states()) this.touched.add(root);
    this.askAgain();
  }

  private note(news: ObjectNews): void {
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

  /** Also those that could not be asked. */
  private askAgain(pause = PAUSE.first): void {
    clearTimeout(this.again);
    this.again = undefined;
    this.pause = Math.min(pause, PAUSE.longest);
    this.troubles.clear();
    this.changed.fire();
    this.update();
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
    this.changed.fire();
  }
}
