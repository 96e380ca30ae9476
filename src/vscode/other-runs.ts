/**
 * Runs of this window's projects that are not of this window: of another one, of the command line, or of this one before it was
 * loaded again. Their records say it (core/pipeline/run-record.ts): one small file for each, looked at when its folder changes.
 */
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { Disposable, window, workspace } from 'vscode';
import { holderLives, isOfThisProcess, recordFilesOf, recordPrefix } from '../core/pipeline/record-files.js';
import type { RunRecord } from '../core/pipeline/run-record.js';
import { loadCoreClient } from './load-core-client.js';
import { type Action, showHint } from './messages.js';
import type { Project, Projects } from './projects.js';
import { elsewhereOf, interruptionText, runStateOf } from './record-view.js';
import type { Runs } from './runs.js';

export interface OtherRunsParts {
  readonly projects: Projects;
  readonly runs: Pick<Runs, 'isActive'>;
  /** Where records lie. */
  readonly folder: string;
}

/** A record is written and renamed: two changes, one look. */
const SETTLED_MS = 50;
/** How soon it is seen, in a window that somebody looks at, that a process that shows as running was killed: that writes nothing. */
const ALIVE_MS = 2_000;

export class OtherRuns implements Disposable {
  private readonly openedAt = Date.now();
  /** What the names of a project's records begin with, by its root as the window has it. */
  private readonly prefixes = new Map<string, string>();
  /** Runs that are shown as running elsewhere, by root. */
  private readonly atWork = new Map<string, RunRecord>();
  /** The last run that was shown or left to history, by root. */
  private readonly concluded = new Map<string, string>();
  private readonly told = new Set<string>();
  private readonly soon = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: Disposable;
  private watcher: FSWatcher | undefined;
  private alive: NodeJS.Timeout | undefined;
  private isDisposed = false;

  constructor(private readonly parts: OtherRunsParts) {
    this.subscriptions = Disposable.from(
      parts.projects.onDidChange(() => this.keepProjects()),
      window.onDidChangeWindowState(({ focused }) => {
        if (focused) this.ask();
      }),
    );
  }

  dispose(): void {
    this.isDisposed = true;
    this.watcher?.close();
    clearTimeout(this.alive);
    for (const timer of this.soon.values()) clearTimeout(timer);
    this.subscriptions.dispose();
  }

  private keepProjects(): void {
    const { projects } = this.parts;
    for (const { state } of projects.all) if (!this.prefixes.has(state.root)) void this.begin(state.root);
    for (const root of this.prefixes.keys()) {
      if (projects.get(root)) continue;
      this.prefixes.delete(root);
      this.atWork.delete(root);
    }
  }

  private async begin(root: string): Promise<void> {
    this.prefixes.set(root, '');
    this.prefixes.set(root, recordPrefix(await realpath(root).catch(() => root)));
    await this.open();
    await this.look(root, true);
  }

  /** Once, with the first project. Where a folder cannot be watched other windows' runs are not seen, and nothing else is missing. */
  private async open(): Promise<void> {
    if (this.watcher) return;
    try {
      await mkdir(this.parts.folder, { recursive: true, mode: 0o700 });
      if (this.isDisposed || this.watcher) return;
      this.watcher = watch(this.parts.folder, { persistent: false }, (_, name) => this.note(name ?? ''));
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // no such folder, or no watches left
    }
  }

  private note(name: string): void {
    if (!name.endsWith('.json')) return;
    for (const [root, prefix] of this.prefixes) {
      if (prefix === '' || !name.startsWith(prefix) || this.soon.has(root)) continue;
      this.soon.set(
        root,
        setTimeout(() => {
          this.soon.delete(root);
          void this.look(root, false);
        }, SETTLED_MS),
      );
    }
  }

  private async look(root: string, isFirst: boolean): Promise<void> {
    const { projects, folder } = this.parts;
    const files = await recordFilesOf(folder, await realpath(root).catch(() => root));
    if (files.length === 0) return;
    const { readRecord, stateOfRecord } = await loadCoreClient();
    const records = (await Promise.all(files.map(readRecord))).filter((record) => record !== undefined).sort((a, b) => b.startedAt - a.startedAt);
    const project = projects.get(root);
    if (!project || this.isDisposed) return;
    // Of several targets one may be at work and another have ended since. Whose process cannot be judged from here is not shown.
    const working = records.find((record) => record.state === 'running' && !isOfThisProcess(record) && holderLives(record) === true);
    const { elsewhere } = project.state;
    if (working) {
      this.atWork.set(root, working);
      if (elsewhere?.run !== working.run || elsewhere.stage !== working.stage)
        projects.update(root, (known) => ({ ...known, elsewhere: elsewhereOf(working) }));
    } else {
      this.atWork.delete(root);
      // Of a run on another machine the engine knows, and no record.
      if (elsewhere && elsewhere.where !== 'another machine') projects.update(root, (known) => ({ ...known, elsewhere: undefined }));
      const last = records[0];
      const state = last && stateOfRecord(last);
      if (last && state !== undefined && state !== 'running' && !isOfThisProcess(last)) await this.conclude(project, last, state, isFirst);
    }
    this.keepAsking();
  }

  /** What ended before this window came is history: it is shown where somebody was left in the dark. */
  private async conclude(project: Project, record: RunRecord, state: Exclude<RunRecord['state'], 'running'>, isFirst: boolean): Promise<void> {
    const { projects, runs } = this.parts;
    const { root } = project.state;
    const isUntold = state === 'interrupted' && record.by === 'editor' && record.told === undefined && (isFirst || record.startedAt < this.openedAt);
    // Each record is looked at once: it changes again when somebody was told, and what this window knows may be newer by then.
    const isNews = isFirst ? isUntold : this.concluded.get(root) !== record.run;
    this.concluded.set(root, record.run);
    if (!runs.isActive(root)) {
      if (isNews) projects.update(root, (known) => ({ ...known, known: { kind: 'run', run: runStateOf(record, state) }, savedSince: undefined }));
      if (record.log !== undefined && (isNews || isFirst)) projects.update(root, (known) => ({ ...known, log: record.log }));
    }
    // Two looks may be under way: one of them tells.
    if (!isUntold || this.told.has(record.run)) return;
    this.told.add(record.run);
    await this.tell(project, record);
  }

  private async tell(project: Project, record: RunRecord): Promise<void> {
    const { root } = project.state;
    const { markTold } = await loadCoreClient();
    await markTold(this.parts.folder, record);
    const again: Action = { title: l10n.t('Build'), command: record.verb === 'lock' ? 'pypackage.lock' : 'pypackage.build', argument: root };
    const log: readonly Action[] = record.log === undefined ? [] : [{ title: l10n.t('Show Log'), command: 'pypackage.showLog', argument: root }];
    showHint(interruptionText(record, Date.now()), ...(workspace.isTrusted ? [again] : []), ...log);
  }

  /** While a run is shown that another process works at, and somebody looks: one that is killed writes nothing. Asking is one look at a process. */
  private keepAsking(): void {
    clearTimeout(this.alive);
    if (this.isDisposed || this.atWork.size === 0 || !window.state.focused) return;
    this.alive = setTimeout(() => this.ask(), ALIVE_MS);
  }

  private ask(): void {
    for (const [root, record] of this.atWork) if (holderLives(record) === false) void this.look(root, false);
    this.keepAsking();
  }
}
