/** What the record of a run amounts to in a window that did not show it. Pure. */
import * as l10n from '@vscode/l10n';
import { formatAgo, formatDuration } from '../core/format.js';
import type { RunRecord } from '../core/pipeline/run-record.js';
import type { StatusDocument } from '../core/request.js';
import { isRunning, type ProjectState, type RunElsewhere } from './project-state.js';
import type { RunState } from './run-state.js';

export function elsewhereOf({ run, by, startedAt, stage, log }: RunRecord): RunElsewhere {
  return {
    run,
    where: by === 'editor' ? 'another window' : 'the command line',
    startedAt,
    ...(stage !== undefined && { stage }),
    ...(log !== undefined && { log }),
  };
}

/** @param state what became of it: an ended run's */
export function runStateOf(record: RunRecord, state: Exclude<RunRecord['state'], 'running'>): RunState {
  const { startedAt, stageStartedAt, endedAt, ms, name, version, python, engine, target, log, stages, stage, changed, error } = record;
  return {
    phase: state === 'interrupted' ? 'cancelled' : state,
    ...(state === 'interrupted' && { interrupted: true }),
    startedAt,
    endedAt: endedAt ?? record.writtenAt,
    ...(ms !== undefined && { ms }),
    name,
    ...(version !== undefined && { version }),
    ...(python !== undefined && { python }),
    ...(engine !== undefined && { engine }),
    target,
    ...(log !== undefined && { log }),
    // What it was at when it stopped goes on nowhere.
    stages: stages.map((row) => (row.state === 'running' ? { ...row, state: 'waiting' } : row)),
    ...(stage !== undefined && { stage }),
    ...(stageStartedAt !== undefined && { stageStartedAt }),
    step: undefined,
    changed,
    ...(error && { error }),
  };
}

/** `The build of polls was interrupted: its window was closed or reloaded (wheels, 12 s). The last release, 1.4.0, is as it was.` */
export function interruptionText({ verb, name, stage, ms, startedAt, state, closing, release }: RunRecord, now: number): string {
  const time = ms === undefined ? formatAgo(startedAt, now) : formatDuration(ms);
  const how = stage === undefined ? time : `${stage}, ${time}`;
  const text =
    state === 'interrupted' || closing === true
      ? verb === 'lock'
        ? l10n.t('The locking of {0} was interrupted: its window was closed or reloaded ({1}).', name, how)
        : l10n.t('The build of {0} was interrupted: its window was closed or reloaded ({1}).', name, how)
      : verb === 'lock'
        ? l10n.t('The locking of {0} was interrupted: the editor ended while it ran ({1}).', name, how)
        : l10n.t('The build of {0} was interrupted: the editor ended while it ran ({1}).', name, how);
  const left = release === undefined ? l10n.t('Nothing was released.') : l10n.t('The last release, {0}, is as it was.', release.version || release.image);
  return `${text} ${left}`;
}

/** What is known of a run elsewhere once the engine was asked: only it knows of another machine. */
export function elsewhereByStatus(known: ProjectState, running: StatusDocument['running']): RunElsewhere | undefined {
  if (running?.where === 'another machine' && !isRunning(known)) return { run: running.run, where: 'another machine', startedAt: running.startedAt };
  return known.elsewhere?.where === 'another machine' ? undefined : known.elsewhere;
}
