/** The terminal of one task: it does the work, draws it as the command line does, and ends with the exit code that it would have. */
import * as l10n from '@vscode/l10n';
import { type Event, EventEmitter, type Pseudoterminal, type TerminalDimensions, workspace } from 'vscode';
import { CancelledError, type ErrorReport, exitCodeOf } from '../../core/errors.js';
import { harmless } from '../../core/harmless.js';
import { LiveView } from '../../terminal/live-view.js';
import { styleOf } from '../../terminal/style.js';
import { errorBlock } from '../../terminal/wording.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { inEditorWords } from '../editor-words.js';
import type { Project } from '../projects.js';
import { startRelease, startedText, stopRelease, stoppedText } from '../release.js';
import type { RunState } from '../run-state.js';
import type { WhatToRun } from '../runs.js';
import { TerminalOutput } from '../terminals/terminal-output.js';
import { isSameWork, readTask, workOf } from './task-definition.js';
import { errorInTerminalWords, inTerminalWords } from './task-events.js';
import { projectOfTask } from './task-project.js';

const STYLE = styleOf(true);
const CTRL_C = '\u0003';

export class TaskTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  private readonly closed = new EventEmitter<number>();
  private readonly output = new TerminalOutput((text) => this.written.fire(text));
  private readonly abort = new AbortController();
  readonly onDidWrite: Event<string> = this.written.event;
  readonly onDidClose: Event<number> = this.closed.event;

  constructor(
    private readonly app: App,
    /** Where the task is defined; every folder of the workspace where it belongs to none. */
    private readonly folders: readonly string[],
    /** As tasks.json has it, with its variables replaced. */
    private readonly definition: Readonly<Record<string, unknown>>,
  ) {}

  open(dimensions: TerminalDimensions | undefined): void {
    if (dimensions) this.setDimensions(dimensions);
    void this.work()
      .catch((error: unknown) => this.explain(toReport(error)))
      .then((code) => this.closed.fire(code));
  }

  /** The task was ended, or its terminal closed: what it started ends with it. */
  close(): void {
    this.abort.abort();
    this.written.dispose();
  }

  handleInput(data: string): void {
    if (data.includes(CTRL_C)) this.abort.abort();
  }

  setDimensions({ columns }: TerminalDimensions): void {
    this.output.resize(columns);
  }

  private async work(): Promise<number> {
    if (!workspace.isTrusted) {
      this.say(l10n.t('Nothing runs in a folder that is not trusted.'));
      return 1;
    }
    const task = readTask(this.definition);
    const project = await projectOfTask(this.app.projects, this.folders, task.project);
    const work = workOf(task);
    return work.kind === 'run' ? this.run(project, work.what) : this.serve(project, work.kind, work.target);
  }

  /**
   * A run of this window that does the same is joined: it belongs to whoever began it, and goes on when this task is ended. One that does
   * something else is waited for.
   */
  private async run(project: Project, what: WhatToRun): Promise<number> {
    const { runs } = this.app;
    const { root, name } = project.state;
    for (let active = runs.whatIsActive(root); active; active = runs.whatIsActive(root)) {
      if (isSameWork(active, what)) return this.draw(project, what, true);
      this.say(l10n.t('Waiting for another run of {0} to end.', name));
      await this.unlessAborted(runs.run(project, active));
    }
    return this.draw(project, what, false);
  }

  private async draw(project: Project, what: WhatToRun, joined: boolean): Promise<number> {
    const { runs, projects } = this.app;
    const { root, name } = project.state;
    const view = new LiveView(
      this.output,
      this.output,
      { out: STYLE, err: STYLE },
      {
        verbose: false,
        joined,
        showPath: (path) => path,
        next: (serves) => (serves ? l10n.t('PyPackage: Start') : undefined),
        now: () => Date.now(),
      },
    );
    let isEndTold = false;
    const listening = runs.onDidReceiveEvents(({ project: { state }, events }) => {
      if (state.root !== root) return;
      for (const event of events) void view.event(inTerminalWords(event));
      isEndTold ||= events.some(({ type }) => type === 'run.finished');
    });
    const cancelling = (): void => view.cancelling();
    if (!joined) this.abort.signal.addEventListener('abort', cancelling, { once: true });
    try {
      if (joined) {
        this.say(l10n.t('{0} is being run already. What comes from now on is shown here, all of it in PyPackage: Show Output.', name));
        const known = projects.get(root)?.state.known;
        if (known?.kind === 'run') view.resume(known.run);
      }
      const run = runs.run(project, what, joined ? {} : { signal: this.abort.signal, quiet: true });
      const ended = joined ? await this.unlessAborted(run) : await run;
      view.close();
      return this.conclude(ended, isEndTold);
    } finally {
      this.abort.signal.removeEventListener('abort', cancelling);
      listening.dispose();
      view.close();
    }
  }

  private conclude(run: RunState, isEndTold: boolean): number {
    switch (run.phase) {
      case 'done':
        return 0;
      case 'failed':
        // The core tells its failures as events, which were drawn. A thread that died tells nothing.
        return run.error && !isEndTold ? this.explain(run.error) : exitCodeOf(run.error ?? { kind: 'defect' });
      case 'cancelled':
      case 'running':
        return exitCodeOf({ kind: 'cancelled' });
      default:
        return run.phase satisfies never;
    }
  }

  private async serve(project: Project, kind: 'start' | 'stop', target: string | undefined): Promise<number> {
    const { name } = project.state;
    if (kind === 'stop') {
      this.say(stoppedText(name, await stopRelease(this.app, project, { signal: this.abort.signal, target })));
      return 0;
    }
    const result = await startRelease(this.app, project, {
      signal: this.abort.signal,
      target,
      onLines: (lines) => this.output.write(lines.map(({ text }) => `  ${STYLE.dim('|')} ${harmless(text, true)}\n`).join('')),
    });
    this.say(startedText(name, result));
    return 0;
  }

  private explain(error: ErrorReport): number {
    if (error.kind === 'cancelled') this.say(l10n.t('Cancelled.'));
    else this.output.write(`${errorBlock(errorInTerminalWords(error), STYLE)}\n`);
    return exitCodeOf(error);
  }

  private say(text: string): void {
    this.output.write(`${inEditorWords(text)}\n`);
  }

  /** What somebody else began is left alone when this task ends. */
  private unlessAborted<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.abort;
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(new CancelledError());
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave, { once: true });
      void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }
}
