/** Runs of the pipeline in this window: at most one for a project, each with its progress, its messages and its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Disposable, ProgressLocation, Uri, window } from 'vscode';
import { CancelledError, type ErrorReport } from '../core/errors.js';
import { STAGES } from '../core/pipeline/events.js';
import type { WorkerRequest, WorkerRunRequest } from '../protocol/worker.js';
import { toReport } from './core-error.js';
import type { CoreCalls } from './core-thread.js';
import { actionsOf } from './error-actions.js';
import { lockedText, readyText } from './message-text.js';
import { type Action, showDone, showFailure, showQuietly } from './messages.js';
import type { Output } from './output.js';
import type { Problems } from './problems.js';
import type { Project, Projects } from './projects.js';
import type { RecipeDocuments } from './recipe-documents.js';
import { reduceRun, runFraction, runTime, type RunState, startOfRun } from './run-state.js';

export interface RunsParts {
  readonly core: CoreCalls;
  readonly projects: Projects;
  readonly output: Output;
  readonly problems: Problems;
  readonly recipes: RecipeDocuments;
  readonly request: (project: Project) => WorkerRequest;
}

type WhatToRun = Pick<WorkerRunRequest, 'verb' | 'stages' | 'upgrade' | 'buildCommand'>;

const PATIENCE_MS = 600;

export class Runs implements Disposable {
  private readonly active = new Map<string, AbortController>();

  constructor(private readonly parts: RunsParts) {}

  isActive(root: string): boolean {
    return this.active.has(root);
  }

  get activeRoots(): readonly string[] {
    return [...this.active.keys()];
  }

  cancel(root: string): void {
    this.active.get(root)?.abort();
  }

  /** `all`: every stage that is stale. Never rejects: what went wrong is shown. */
  build(project: Project): Promise<void> {
    return this.run(project, { verb: 'all', stages: [...STAGES] });
  }

  /** @param upgrade what is resolved anew; without it, what is locked stays */
  lock(project: Project, upgrade: 'all' | readonly string[] | undefined): Promise<void> {
    return this.run(project, { verb: 'lock', stages: ['wheels'], ...(upgrade !== undefined && { upgrade }) });
  }

  /** @param command for the shell: leaves wheels in `$WHEELHOUSE` */
  buildWheels(project: Project, command: string): Promise<void> {
    return this.run(project, { verb: 'wheels', stages: ['wheels'], buildCommand: ['sh', '-c', command] });
  }

  private async run(project: Project, what: WhatToRun): Promise<void> {
    const { root } = project.state;
    if (this.active.has(root)) return;
    const abort = new AbortController();
    this.active.set(root, abort);
    this.parts.problems.clear(project);
    try {
      const work = this.follow(project, what, abort.signal);
      // Where nothing changed a run is over before a notification would be read: only what takes longer gets one.
      const isShort = await Promise.race([work.then(() => true), sleep(PATIENCE_MS, false)]);
      const run = isShort ? await work : await this.showProgress(project, work, abort);
      this.parts.recipes.refresh(root);
      this.tell(project, what, run);
    } finally {
      this.active.delete(root);
    }
  }

  dispose(): void {
    for (const abort of this.active.values()) abort.abort();
  }

  /** Stage and step as a notification, with a button to cancel. */
  private async showProgress({ state: { name, root } }: Project, work: Promise<RunState>, abort: AbortController): Promise<RunState> {
    const { projects } = this.parts;
    return window.withProgress({ location: ProgressLocation.Notification, title: name, cancellable: true }, async (progress, token) => {
      let reported = 0;
      const report = (): void => {
        const known = projects.get(root)?.state.known;
        if (known?.kind !== 'run') return;
        const percent = Math.round(runFraction(known.run) * 100);
        progress.report({ message: progressMessage(known.run), increment: percent - reported });
        reported = percent;
      };
      report();
      const subscriptions = Disposable.from(
        projects.onDidChange(report),
        token.onCancellationRequested(() => abort.abort()),
      );
      try {
        return await work;
      } finally {
        subscriptions.dispose();
      }
    });
  }

  /** Draws the events until the run has ended; returns what it came to. */
  private async follow(project: Project, what: WhatToRun, signal: AbortSignal): Promise<RunState> {
    const { core, output, projects, request } = this.parts;
    const { root } = project.state;
    const began = performance.now();
    let run = startOfRun(Date.now());
    const draw = (): void => {
      projects.update(root, (state) => ({ ...state, known: { kind: 'run', run }, savedSince: undefined, log: run.log ?? state.log }));
    };
    draw();
    try {
      await core.call(
        { method: 'run', params: { ...request(project), ...what } },
        {
          signal,
          onEvents: (events) => {
            output.events(events);
            for (const event of events) run = reduceRun(run, event, Date.now());
            draw();
          },
        },
      );
    } catch (error) {
      // The core tells failures in its events; what arrives here is a cancel before it began, or a thread that died.
      const ended = { endedAt: Date.now(), ms: Math.round(performance.now() - began) };
      if (error instanceof CancelledError) run = { ...run, ...ended, phase: 'cancelled' };
      else {
        run = { ...run, ...ended, phase: 'failed', error: toReport(error) };
        output.error(`${project.state.name} failed`, toReport(error));
      }
    }
    draw();
    return run;
  }

  private tell(project: Project, what: WhatToRun, run: RunState): void {
    const { name, root } = project.state;
    const showLog: Action = { title: 'Show Log', command: run.log === undefined ? 'pypackage.showOutput' : 'pypackage.showLog', argument: root };
    switch (run.phase) {
      case 'done':
        if (run.lock !== undefined) showDone(lockedText(name, run), { title: 'Show', open: Uri.file(run.lock), line: 1 });
        else if (!run.changed) showQuietly(`$(check) ${name} is up to date (${runTime(run)})`);
        else if (run.release?.serves) showDone(readyText(name, run), { title: 'Run', command: 'pypackage.start', argument: root }, showLog);
        else showDone(readyText(name, run), showLog);
        return;
      case 'failed': {
        const error: ErrorReport = run.error ?? { kind: 'defect', code: 'no-reason', message: 'the run failed and did not say why' };
        this.parts.problems.show(project, error);
        const retry: Action = { title: 'Retry', command: what.verb === 'lock' ? 'pypackage.lock' : 'pypackage.build', argument: root };
        showFailure(run.stage === undefined ? name : `${run.stage} failed`, error, ...actionsOf(project, error, showLog, retry));
        return;
      }
      case 'cancelled':
      case 'running':
        return;
      default:
        run.phase satisfies never;
    }
  }
}

function progressMessage(run: RunState): string {
  return [run.stage ?? 'starting', ...(run.step === undefined ? [] : [run.step])].join(' · ');
}
