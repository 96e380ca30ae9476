/** The exported API over what the extension is made of. Callers are other extensions: arguments are checked, and what they get is theirs. */
import { type Disposable, EventEmitter, workspace } from 'vscode';
import * as l10n from '@vscode/l10n';
import { STAGES, type StageName } from '../core/pipeline/events.js';
import type { PyPackageApi, RunOptions, RunResult, Target, TargetRunEvent } from './api.js';
import type { App } from './app.js';
import type { Project } from './projects.js';
import type { RunState } from './run-state.js';
import { BUILD, type WhatToRun } from './runs.js';
import { withSignal } from './with-signal.js';

export function makeApi({ projects, runs }: Pick<App, 'projects' | 'runs'>, own: (part: Disposable) => void): PyPackageApi {
  const changed = new EventEmitter<void>();
  own(changed);
  let known = '';
  own(
    projects.onDidChange(() => {
      const now = JSON.stringify(projects.all.map(targetOf));
      if (now === known) return;
      known = now;
      changed.fire();
    }),
  );
  const onDidRunEvent: PyPackageApi['onDidRunEvent'] = (listener, thisArg, disposables) => {
    const subscription = runs.onDidReceiveEvents(({ project, events }) => {
      for (const event of events) listener.call(thisArg, frozen<TargetRunEvent>({ target: targetOf(project), event: { ...structuredClone(event) } }));
    });
    disposables?.push(subscription);
    return subscription;
  };
  return Object.freeze<PyPackageApi>({
    version: 1,
    async targets() {
      if (projects.all.length === 0) await projects.refresh();
      await projects.search();
      return Object.freeze(projects.all.map((project) => frozen(targetOf(project))));
    },
    async run(target, options = {}) {
      const project = projects.get(target?.root);
      if (!project) throw new Error(`PyPackage: this window has no target with the root ${target?.root}; see targets()`);
      if (!workspace.isTrusted) throw new Error(l10n.t('Nothing runs in a folder that is not trusted'));
      const what = whatToRun(options);
      const run = await withSignal(options.token, (signal) => runs.run(project, what, { signal, quiet: options.quiet === true }));
      return frozen(resultOf(run));
    },
    onDidRunEvent,
    onDidChangeTargets: changed.event,
  });
}

function whatToRun({ stages }: RunOptions): WhatToRun {
  if (stages === undefined) return BUILD;
  // Whoever calls may have no compiler.
  const isStage = (name: unknown): name is StageName => STAGES.some((stage) => stage === name);
  if (!Array.isArray(stages) || stages.length === 0 || !stages.every(isStage)) throw new Error(`PyPackage: stages are ${STAGES.join(', ')}`);
  return { verb: 'all', stages: [...stages] };
}

const targetOf = ({ state: { name, root } }: Project): Target => ({ name, root });

function resultOf({ phase, changed, ms, startedAt, endedAt, log, release, error }: RunState): RunResult {
  return {
    // A run that has ended is in no other phase.
    outcome: phase === 'running' ? 'cancelled' : phase,
    changed,
    milliseconds: ms ?? (endedAt ?? startedAt) - startedAt,
    ...(log !== undefined && { log }),
    ...(release && {
      release: { version: release.version, image: release.image, tags: [...release.tags], imageId: release.imageId, size: release.size },
    }),
    ...(error && {
      error: {
        code: error.code,
        message: error.message,
        ...(error.where && { where: { ...error.where } }),
        ...(error.why !== undefined && { why: error.why }),
        ...(error.fix !== undefined && { fix: error.fix }),
      },
    }),
  };
}

/** All the way down. */
function frozen<T extends object>(data: T): T {
  for (const value of Object.values(data)) if (typeof value === 'object' && value !== null) frozen(value);
  return Object.freeze(data);
}
