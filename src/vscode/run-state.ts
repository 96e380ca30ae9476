/** What a run's events amount to: the facts that the status bar, the progress notification and the messages draw. Pure. */
import * as l10n from '@vscode/l10n';
import type { ErrorReport } from '../core/errors.js';
import type { ReleaseSummary, RunEvent, StageName } from '../core/pipeline/events.js';
import { formatDuration, formatSize } from '../core/format.js';
import { harmless } from '../core/harmless.js';

export interface StageRow {
  readonly stage: StageName;
  readonly state: 'waiting' | 'running' | 'up to date' | 'done' | 'failed';
  /** The reason while it runs, the summary afterwards. */
  readonly text: string;
  /** How long it took, of one that was made or failed. */
  readonly ms?: number;
}

export interface RunState {
  readonly phase: 'running' | 'done' | 'failed' | 'cancelled';
  /** No person cancelled it: whoever showed it went away. */
  readonly interrupted?: true;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly ms?: number;
  readonly name?: string;
  readonly version?: string;
  readonly python?: string;
  readonly engine?: string;
  readonly target?: string;
  readonly log?: string;
  readonly stages: readonly StageRow[];
  /** The stage at work, or the one that failed. */
  readonly stage?: StageName;
  readonly stageStartedAt?: number;
  /** What the stage is at, in a few words. */
  readonly step: string | undefined;
  readonly changed: boolean;
  readonly release?: ReleaseSummary;
  /** Path of the lock that was written. */
  readonly lock?: string;
  readonly error?: ErrorReport;
}

export function startOfRun(now: number): RunState {
  return { phase: 'running', startedAt: now, stages: [], step: undefined, changed: false };
}

export function reduceRun(state: RunState, event: RunEvent, now: number): RunState {
  switch (event.type) {
    case 'run.started':
      return {
        ...state,
        target: event.target,
        name: event.project.name,
        ...(event.project.version !== undefined && { version: event.project.version }),
        python: event.python,
        engine: event.engine,
        ...(event.log !== undefined && { log: event.log }),
        stages: event.stages.map((stage) => ({ stage, state: 'waiting', text: '' })),
      };
    case 'stage.started':
      return { ...state, stages: withRow(state, event.stage, 'running', event.reason), stage: event.stage, stageStartedAt: now, step: undefined };
    case 'step':
      return event.state === 'started' ? { ...state, step: harmless(event.name) } : state;
    case 'progress':
      return { ...state, step: progressText(event) };
    case 'artifact':
      return event.kind === 'lock' ? { ...state, lock: event.name } : state;
    case 'log':
      return state;
    case 'stage.skipped':
      return { ...state, stages: withRow(state, event.stage, 'up to date', event.reason) };
    case 'stage.finished':
      return { ...state, stages: withRow(state, event.stage, 'done', [event.summary, event.detail].filter((part) => part !== '').join(' · '), event.ms) };
    case 'stage.failed':
      return { ...state, stages: withRow(state, event.stage, 'failed', event.error.message, event.ms), stage: event.stage, error: event.error };
    case 'run.finished':
      return {
        ...state,
        phase: event.outcome,
        endedAt: now,
        ms: event.ms,
        changed: event.changed,
        ...(event.release && { release: event.release }),
        ...(event.error && { error: event.error }),
      };
    default:
      return event satisfies never;
  }
}

/** How much of the run is behind, from 0 to 1: a stage counts as one part. */
export function runFraction(state: RunState): number {
  const over = state.stages.filter((row) => row.state === 'up to date' || row.state === 'done').length;
  return state.stages.length === 0 ? 0 : over / state.stages.length;
}

function withRow(state: RunState, stage: StageName, to: StageRow['state'], text: string, ms?: number): readonly StageRow[] {
  const row: StageRow = { stage, state: to, text, ...(ms !== undefined && { ms }) };
  return state.stages.some((known) => known.stage === stage) ? state.stages.map((known) => (known.stage === stage ? row : known)) : [...state.stages, row];
}

function progressText({
  label,
  current,
  total,
  unit,
}: {
  readonly label: string;
  readonly current: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'items';
}): string {
  const amount = (count: number): string => (unit === 'bytes' ? formatSize(count) : String(count));
  return total === undefined ? `${label} ${amount(current)}` : l10n.t('{0} {1} of {2}', label, amount(current), amount(total));
}

/** `1.7 s`, of a run that has ended. */
export function runTime(state: RunState): string {
  return formatDuration(state.ms ?? (state.endedAt ?? state.startedAt) - state.startedAt);
}
