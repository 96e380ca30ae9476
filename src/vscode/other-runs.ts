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
/** How soon it is seen that a process that shows as running was killed: that writes nothing. */
const ALIVE_MS = 2_000;
const ALIVE_UNSEEN_MS = 10_000;

export class OtherRuns implements Disposable {
  private readonly openedAt = Date.now();
  /** What the names of a project's records begin with, by its root as the window has it. */
  private readonly prefixes = new Map<string, string>();
  /** Runs that are shown as running elsewhere, by root. */
  private readonly atWork = new Map<string, RunRecord>();
  private readonly soon = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: Disposable;
  private watcher: FSWatcher | undefined;
  private alive: NodeJS.Timeout | undefined;
  private isDisposed = false;

  constructor(private readonly parts: OtherRunsParts) {
    this.subscriptions = Disposable.from(
      parts.projects.onDidChange(() => {
        for (const { state } of parts.projects.all) if (!this.prefixes.has(state.root)) void this.begin(state.root);
      }),
      window.onDidChangeWindowState(() => this.keepAsking()),
    );
  }

  dispose(): void {
    this.isDisposed = true;
    this.watcher?.close();
    clearTimeout(this.alive);
    for (const timer of this.soon.values()) clearTimeout(timer);
    this.subscriptions.dispose();
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
    const { projects, runs, folder } = this.parts;
    const files = await recordFilesOf(folder, await realpath(root).catch(() => root));
    if (files.length === 0) return;
    const { readRecord, stateOfRecord } = await loadCoreClient();
    const records = (await Promise.all(files.map(readRecord))).filter((record) => record !== undefined);
    const record = records.sort((a, b) => b.startedAt - a.startedAt)[0];
    const project = projects.get(root);
    if (!record || !project || this.isDisposed) return;
    if (isOfThisProcess(record)) {
      this.atWork.delete(root);
      return;
    }
    const state = stateOfRecord(record);
    if (state === 'running') {
      this.atWork.set(root, record);
      const { elsewhere } = project.state;
      if (elsewhere?.run !== record.run || elsewhere.stage !== record.stage) projects.update(root, (known) => ({ ...known, elsewhere: elsewhereOf(record) }));
    } else {
      this.atWork.delete(root);
      const wasSeen = project.state.elsewhere?.run === record.run;
      if (wasSeen) projects.update(root, (known) => ({ ...known, elsewhere: undefined }));
      const isUntold = state === 'interrupted' && record.by === 'editor' && record.told === undefined && (isFirst || record.startedAt < this.openedAt);
      // What ended before this window came is history: it is shown where somebody was left in the dark.
      if (!runs.isActive(root) && (!isFirst || wasSeen || isUntold)) {
        projects.update(root, (known) => ({ ...known, known: { kind: 'run', run: runStateOf(record, state) }, savedSince: undefined }));
      }
      if (!runs.isActive(root) && record.log !== undefined) projects.update(root, (known) => ({ ...known, log: record.log }));
      if (isUntold) await this.tell(project, record);
    }
    this.keepAsking();
  }

  private async tell(project: Project, record: RunRecord): Promise<void> {
    const { root } = project.state;
    const { markTold } = await loadCoreClient();
    await markTold(this.parts.folder, record);
    const again: Action = { title: l10n.t('Build'), command: record.verb === 'lock' ? 'pypackage.lock' : 'pypackage.build', argument: root };
    const log: readonly Action[] = record.log === undefined ? [] : [{ title: l10n.t('Show Log'), command: 'pypackage.showLog', argument: root }];
    showHint(interruptionText(record, Date.now()), ...(workspace.isTrusted ? [again] : []), ...log);
  }

  /**
   * While a run is shown that another process works at: one that is killed writes nothing. Asking is one look at a process, often
   * while somebody looks at the window, else seldom.
   */
  private keepAsking(): void {
    clearTimeout(this.alive);
    if (this.isDisposed || this.atWork.size === 0) return;
    this.alive = setTimeout(
      () => {
        for (const [root, record] of this.atWork) if (holderLives(record) === false) void this.look(root, false);
        this.keepAsking();
      },
      window.state.focused ? ALIVE_MS : ALIVE_UNSEEN_MS,
    );
  }
}
