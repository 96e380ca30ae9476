/** Runs of the pipeline in this window: at most one for a project, each with its progress, its messages and its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { Disposable, EventEmitter, ProgressLocation, Uri, window } from 'vscode';
import { isCancelled, type ErrorReport } from '../core/errors.js';
import { type RunEvent, STAGES } from '../core/pipeline/events.js';
import type { WorkerRequest, WorkerRunRequest } from '../protocol/worker.js';
import { toReport } from './core-error.js';
import type { CoreCalls } from './core-thread.js';
import { actionsOf } from './error-actions.js';
import { lockedText, readyText } from './message-text.js';
import { showDone, showProjectFailure, showQuietly } from './messages.js';
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

export type WhatToRun = Pick<WorkerRunRequest, 'verb' | 'stages' | 'target' | 'upgrade' | 'buildCommand' | 'force'>;

/** `all`: every stage that is stale. */
export const BUILD: WhatToRun = { verb: 'all', stages: [...STAGES] };

export interface RunOptions {
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** Whoever asked shows the run (a task's terminal, an assistant): no progress and no message. */
  readonly quiet?: boolean;
}

/** A run of this window that has begun or goes on. */
export interface RunOfProject {
  readonly project: Project;
  readonly what: WhatToRun;
}

interface ActiveRun extends RunOfProject {
  readonly abort: AbortController;
  readonly end: Promise<RunState>;
}

const PATIENCE_MS = 600;

export class Runs implements Disposable {
  private readonly active = new Map<string, ActiveRun>();
  private readonly received = new EventEmitter<RunOfProject & { readonly events: readonly RunEvent[] }>();
  private readonly ended = new EventEmitter<RunOfProject & { readonly run: RunState }>();
  /** Batches of a run's events, in order; lines of the log may be missing where they came too fast to be drawn. */
  readonly onDidReceiveEvents = this.received.event;
  readonly onDidEnd = this.ended.event;

  constructor(private readonly parts: RunsParts) {}

  isActive(root: string): boolean {
    return this.active.has(root);
  }

  /** What the run of this window that is at work was asked for. */
  whatIsActive(root: string): WhatToRun | undefined {
    return this.active.get(root)?.what;
  }

  get activeRoots(): readonly string[] {
    return [...this.active.keys()];
  }

  cancel(root: string): void {
    this.active.get(root)?.abort.abort();
  }

  /** Never rejects: what went wrong is in the state, and shown unless `quiet`. A project that runs already is joined, not run twice. */
  run(project: Project, what: WhatToRun, options: RunOptions = {}): Promise<RunState> {
    const { root } = project.state;
    const known = this.active.get(root);
    if (known) return known.end;
    const abort = new AbortController();
    const signal = options.signal ? AbortSignal.any([abort.signal, options.signal]) : abort.signal;
    const end = this.perform(project, what, { ...options, signal }, abort).finally(() => this.active.delete(root));
    this.active.set(root, { project, what, abort, end });
    return end;
  }

  build(project: Project): Promise<RunState> {
    return this.run(project, BUILD);
  }

  /** @param upgrade what is resolved anew; without it, what is locked stays */
  lock(project: Project, upgrade: 'all' | readonly string[] | undefined): Promise<RunState> {
    return this.run(project, { verb: 'lock', stages: ['wheels'], ...(upgrade !== undefined && { upgrade }) });
  }

  /** @param command for the shell: leaves wheels in `$WHEELHOUSE` */
  buildWheels(project: Project, command: string): Promise<RunState> {
    return this.run(project, { verb: 'wheels', stages: ['wheels'], buildCommand: ['sh', '-c', command] });
  }

  dispose(): void {
    for (const { abort } of this.active.values()) abort.abort();
    this.received.dispose();
    this.ended.dispose();
  }

  private async perform(project: Project, what: WhatToRun, { signal, quiet }: RunOptions, abort: AbortController): Promise<RunState> {
    const work = this.follow(project, what, signal);
    // Where nothing changed a run is over before a notification would be read: only what takes longer gets one.
    const isShort = quiet === true || (await Promise.race([work.then(() => true), sleep(PATIENCE_MS, false)]));
    const run = isShort ? await work : await this.showProgress(project, work, abort);
    this.parts.recipes.refresh(project.state.root);
    if (quiet !== true) this.tell(project, what, run);
    this.ended.fire({ project, what, run });
    return run;
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
  private async follow(project: Project, what: WhatToRun, signal: AbortSignal | undefined): Promise<RunState> {
    const { core, output, problems, projects, request } = this.parts;
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
          ...(signal && { signal }),
          onEvents: (events) => {
            output.events(events);
            problems.events(project, what.verb, events);
            for (const event of events) run = reduceRun(run, event, Date.now());
            draw();
            this.received.fire({ project, what, events });
          },
        },
      );
    } catch (error) {
      // The core tells failures in its events; what arrives here is a cancel before it began, or a thread that died.
      const ended = { endedAt: Date.now(), ms: Math.round(performance.now() - began) };
      if (isCancelled(error)) run = { ...run, ...ended, phase: 'cancelled' };
      else {
        run = { ...run, ...ended, phase: 'failed', error: toReport(error) };
        output.error(l10n.t('{0} failed', project.state.name), toReport(error));
      }
    }
    draw();
    return run;
  }

  /** At most one message; none for a cancel or where there was nothing to do. */
  private tell(project: Project, what: WhatToRun, run: RunState): void {
    const { name, root } = project.state;
    const showLog = { title: l10n.t('Show Log'), command: run.log === undefined ? 'pypackage.showOutput' : 'pypackage.showLog', argument: root } as const;
    switch (run.phase) {
      case 'done':
        if (run.lock !== undefined) showDone(lockedText(name, run), { title: l10n.t('Show'), open: Uri.file(run.lock), line: 1 });
        else if (!run.changed) showQuietly(`$(check) ${l10n.t('{0} is up to date ({1})', name, runTime(run))}`);
        // Whoever looks at the output has read it there.
        else if (this.parts.output.isWatched) showQuietly(`$(check) ${readyText(name, run)}`);
        else if (run.release?.serves) showDone(readyText(name, run), { title: l10n.t('Run'), command: 'pypackage.start', argument: root }, showLog);
        else showDone(readyText(name, run), showLog);
        return;
      case 'failed': {
        const error = reasonOf(run);
        const retry = { title: l10n.t('Retry'), command: what.verb === 'lock' ? 'pypackage.lock' : 'pypackage.build', argument: root } as const;
        const subject = run.stage === undefined ? name : l10n.t('{0} failed', run.stage);
        showProjectFailure(project, subject, error, actionsOf(error, { root, more: showLog, retry }));
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

const reasonOf = (run: RunState): ErrorReport => run.error ?? { kind: 'defect', code: 'no-reason', message: l10n.t('the run failed and did not say why') };

function progressMessage(run: RunState): string {
  return [run.stage ?? l10n.t('starting'), ...(run.step === undefined ? [] : [run.step])].join(' · ');
}
