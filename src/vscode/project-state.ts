/** What this window knows of one project. Facts only; nothing of it is stored: the engine's artefacts are the truth. */
import type { StatusDocument } from '../core/request.js';
import type { RunState } from './run-state.js';

/** The last thing that was learnt: by running, by asking, or nothing yet. */
export type Knowledge =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'run'; readonly run: RunState }
  | { readonly kind: 'status'; readonly document: StatusDocument; readonly at: number; readonly lastRun?: RunState };

/** A run of the project that is at work, but not in this window. */
export interface RunElsewhere {
  /** Its id. */
  readonly run: string;
  readonly where: 'another window' | 'the command line' | 'another machine';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly stage?: string;
  /** Where its log is on this machine. */
  readonly log?: string;
}

export interface ProjectState {
  /** Absolute path. */
  readonly root: string;
  /** The target's name as far as it is known: read from the metadata, then said by the core. */
  readonly name: string;
  readonly known: Knowledge;
  /** A file of the project that was saved since, relative: what is known may be out of date. */
  readonly savedSince: string | undefined;
  /** Where the release answers, when this window started it. */
  readonly url: string | undefined;
  /** The complete log of the last run. */
  readonly log: string | undefined;
  readonly elsewhere: RunElsewhere | undefined;
}

/** Of a project that nobody has asked about. */
export function newState(root: string, name: string): ProjectState {
  return { root, name, known: { kind: 'nothing' }, savedSince: undefined, url: undefined, log: undefined, elsewhere: undefined };
}

export function isRunning(state: ProjectState): boolean {
  return state.known.kind === 'run' && state.known.run.phase === 'running';
}

/** Whether a run of it is at work, in this window or elsewhere. */
export function isBusy(state: ProjectState): boolean {
  return isRunning(state) || state.elsewhere !== undefined;
}

/** Of the last run of this window, or of one that is at work elsewhere. */
export function logOf(state: ProjectState): string | undefined {
  return isRunning(state) ? state.log : (state.elsewhere?.log ?? state.log);
}

/** Whether the release answers as far as is known; undefined: nobody asked. */
export function isReleaseRunning({ known, url }: ProjectState): boolean | undefined {
  if (url !== undefined) return true;
  if (known.kind !== 'status') return undefined;
  return known.document.services.some(({ state }) => state === 'running');
}

/** What is known after the release was stopped. */
export function withoutRelease(state: ProjectState): ProjectState {
  const { known } = state;
  return { ...state, url: undefined, known: known.kind === 'status' ? { ...known, document: { ...known.document, services: [] } } : known };
}

/** The last run of this window that has ended. */
export function lastRunOf({ known }: ProjectState): RunState | undefined {
  if (known.kind === 'status') return known.lastRun;
  return known.kind === 'run' && known.run.phase !== 'running' ? known.run : undefined;
}
