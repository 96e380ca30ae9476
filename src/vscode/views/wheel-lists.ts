/**
 * What wheels each project of the window has, and what is known of them: asked for while somebody looks, again when a file of the
 * export changed or a run has ended, and for a command. No engine is contacted.
 */
import { Disposable, type Event, EventEmitter, RelativePattern, Uri, workspace } from 'vscode';
import { CancelledError, type ErrorReport, isCancelled } from '../../core/errors.js';
import type { WheelContents, WheelEntry, WheelsDocument, WheelVerdict } from '../../core/wheels/wheel-documents.js';
import type { App } from '../app.js';
import { CoreError, toReport } from '../core-error.js';
import { isBelow } from '../project-places.js';
import type { Project } from '../projects.js';

/** How long after a change of a file the folder is looked at again, in ms: an export writes many. */
const SETTLED = 150;
/** The folder is made and removed as a whole, too; then nothing is told of what lies in it. */
const EXPORT = '{target,target/pypackage,target/pypackage/**}';

interface Looked {
  readonly document?: WheelsDocument;
  readonly problem?: ErrorReport;
}

export class WheelLists implements Disposable {
  private readonly changed = new EventEmitter<string>();
  private readonly looked = new Map<string, Looked>();
  private readonly asking = new Map<string, Promise<Looked>>();
  /** Projects of which something changed while they were asked about. */
  private readonly touched = new Set<string>();
  private readonly watchers = new Map<string, Disposable>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** By path; of the file that was read, and no other at its place. */
  private readonly verdicts = new Map<string, { readonly stamp: string; readonly verdict: WheelVerdict }>();
  private readonly contents = new Map<string, { readonly stamp: string; readonly contents: Promise<WheelContents> }>();
  private readonly subscriptions: Disposable;
  private isWanted = false;
  /** The root of a project of which something is other than before. */
  readonly onDidChange: Event<string> = this.changed.event;

  constructor(private readonly app: Pick<App, 'core' | 'projects' | 'request' | 'runs'>) {
    this.subscriptions = Disposable.from(
      this.changed,
      app.projects.onDidChange(() => this.follow()),
      app.projects.onDidClose((root) => this.forget(root)),
      // Also where a watcher is told to leave the folder out.
      app.runs.onDidEnd(({ project }) => this.touch(project.state.root)),
    );
  }

  /** While it is not wanted nothing is watched, and nothing is asked but for a command. */
  want(isWanted: boolean): void {
    if (isWanted === this.isWanted) return;
    this.isWanted = isWanted;
    this.follow();
    if (isWanted) for (const { state } of this.app.projects.all) this.touch(state.root);
  }

  /** As it was seen last; the list of a project may be a moment old. */
  get(root: string): Looked | undefined {
    return this.looked.get(root);
  }

  /** Of all projects, as they are now; those that were looked at already need not be asked. */
  async all(): Promise<void> {
    await Promise.all(this.app.projects.all.flatMap((project) => (this.looked.has(project.state.root) ? [] : [this.ask(project)])));
  }

  /** As it is now. @throws what the core says */
  async list(project: Project): Promise<WheelsDocument> {
    const { document, problem } = await this.ask(project);
    if (document) return document;
    throw problem ? new CoreError(problem) : new CancelledError();
  }

  /** The wheel at a path, with its project's list. */
  find(file: string): { readonly document: WheelsDocument; readonly entry: WheelEntry } | undefined {
    for (const { document } of this.looked.values()) {
      const entry = document?.wheels.find(({ path }) => path === file);
      if (document && entry) return { document, entry };
    }
    return undefined;
  }

  /** What is in it; read once for each state of the file. */
  contentsOf(entry: WheelEntry): Promise<WheelContents> {
    const known = this.contents.get(entry.path);
    if (known?.stamp === stampOf(entry)) return known.contents;
    const contents = this.app.core.call({ method: 'readWheel', params: { file: entry.path, hash: false } });
    this.contents.set(entry.path, { stamp: stampOf(entry), contents });
    // Whoever asked is told; the next is told anew.
    contents.catch(() => this.contents.delete(entry.path));
    return contents;
  }

  verdictOf(entry: WheelEntry): WheelVerdict | undefined {
    const known = this.verdicts.get(entry.path);
    return known?.stamp === stampOf(entry) ? known.verdict : undefined;
  }

  note(root: string, entry: WheelEntry, verdict: WheelVerdict): void {
    this.verdicts.set(entry.path, { stamp: stampOf(entry), verdict });
    this.changed.fire(root);
  }

  dispose(): void {
    this.isWanted = false;
    this.follow();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.subscriptions.dispose();
  }

  private follow(): void {
    const roots = new Set(this.isWanted && workspace.isTrusted ? this.app.projects.all.map(({ state }) => state.root) : []);
    for (const [root, watcher] of this.watchers) {
      if (roots.has(root)) continue;
      watcher.dispose();
      this.watchers.delete(root);
    }
    for (const root of roots) {
      if (this.watchers.has(root)) continue;
      this.watchers.set(root, this.watch(root));
      if (!this.looked.has(root)) this.touch(root);
    }
  }

  private watch(root: string): Disposable {
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(root), EXPORT));
    const touched = (): void => this.touch(root);
    return Disposable.from(watcher, watcher.onDidCreate(touched), watcher.onDidChange(touched), watcher.onDidDelete(touched));
  }

  private touch(root: string): void {
    if (!this.isWanted || !workspace.isTrusted || this.timers.has(root)) return;
    const look = (): void => {
      this.timers.delete(root);
      const project = this.app.projects.get(root);
      const isFirstUnderWay = !this.looked.has(root) && this.asking.has(root);
      if (project && !isFirstUnderWay) void this.ask(project);
    };
    // What nobody has looked at yet is waited for.
    this.timers.set(root, setTimeout(look, this.looked.has(root) ? SETTLED : 0));
  }

  private forget(root: string): void {
    this.looked.delete(root);
    this.changed.fire(root);
  }

  /** What was known of builds that are no longer there. */
  private forgetOthers({ folder, wheels }: WheelsDocument): void {
    const there = new Set(wheels.map(({ path }) => path));
    for (const known of [this.contents, this.verdicts]) {
      for (const path of known.keys()) if (isBelow(path, folder) && !there.has(path)) known.delete(path);
    }
  }

  /** Never rejects. One question about a project at a time. */
  private async ask(project: Project): Promise<Looked> {
    const { root } = project.state;
    const before = this.asking.get(root);
    if (before) {
      // It may have looked before what changed.
      this.touched.add(root);
      await before;
      return this.asking.get(root) ?? this.looked.get(root) ?? before;
    }
    const asked = this.app.core.call({ method: 'wheels', params: this.app.request(project) }).then(
      (document): Looked => ({ document }),
      (error: unknown): Looked => (isCancelled(error) ? {} : { problem: toReport(error) }),
    );
    this.asking.set(root, asked);
    const answer = await asked;
    this.asking.delete(root);
    this.looked.set(root, answer);
    if (answer.document) this.forgetOthers(answer.document);
    this.changed.fire(root);
    return this.touched.delete(root) ? this.ask(project) : answer;
  }
}

/** Another file at the same place has another. */
const stampOf = ({ path, size, modified }: WheelEntry): string => `${path}\n${size}\n${modified ?? ''}`;
