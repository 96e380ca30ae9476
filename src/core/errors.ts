/** What a person can act on, in words and as data. Everything else that is thrown is a defect of ours. */

/** Which exit code the command line ends with: 1 a stage failed, 2 usage, configuration or project, 3 engine, 5 lease. */
export type ErrorKind = 'stage' | 'project' | 'engine' | 'lease';

/** A place a person can open. */
export interface Place {
  /** Relative to the project's folder where it lies in it, else absolute; a generated Dockerfile is `Dockerfile.IMAGE`. */
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
}

/** A place that has to do with it, besides the one to be mended. */
export interface RelatedPlace extends Place {
  /** A few words: `the step that failed`. */
  readonly what: string;
}

/** The next step as data: what `pypackage fix` and the editor's button do. */
export type Remedy = SystemPackagesRemedy | ReplacementRemedy;

export interface SystemPackagesRemedy {
  readonly kind: 'system-packages';
  /** For compiling in the builder, or for running in the release. */
  readonly use: 'build' | 'run';
  /** Names of Debian packages. */
  readonly packages: readonly string[];
}

/** A word that was meant to be another one. Only the editor does it: it shows the line. */
export interface ReplacementRemedy {
  readonly kind: 'replacement';
  /** Where the word stands, or what it stands in begins. */
  readonly at: Place;
  readonly from: string;
  readonly to: string;
}

export interface UserErrorDetails {
  readonly kind: ErrorKind;
  /** Stable, for code and tests: `pyproject-invalid`, `engine-no-permission` … */
  readonly code: string;
  /** One plain sentence: what happened, to what. No final stop. */
  readonly message: string;
  /** What is to be mended: a file of the project's rather than one that we generate. */
  readonly where?: Place;
  readonly related?: readonly RelatedPlace[];
  /** Why it happened, where we know more than the message says. */
  readonly why?: string;
  /** The next step: a sentence or a command. */
  readonly fix?: string;
  readonly remedy?: Remedy;
  readonly cause?: unknown;
}

export class UserError extends Error {
  override readonly name = 'UserError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly where: Place | undefined;
  readonly related: readonly RelatedPlace[];
  readonly why: string | undefined;
  readonly fix: string | undefined;
  readonly remedy: Remedy | undefined;

  constructor(details: UserErrorDetails) {
    super(details.message, { cause: details.cause });
    this.kind = details.kind;
    this.code = details.code;
    this.where = details.where;
    this.related = details.related ?? [];
    this.why = details.why;
    this.fix = details.fix;
    this.remedy = details.remedy;
  }
}

/** The same as data, for events and for the border between threads. */
export interface ErrorReport {
  readonly kind: ErrorKind | 'defect' | 'cancelled';
  readonly code: string;
  readonly message: string;
  readonly where?: Place;
  readonly related?: readonly RelatedPlace[];
  readonly why?: string;
  readonly fix?: string;
  readonly remedy?: Remedy;
  /** For the log only, never for a message: stack and causes. */
  readonly detail?: string;
}

/** The caller's AbortSignal ended the work. Not an error: nothing is shown for it. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('Cancelled');
  }
}

/** The reason of a signal that no person aborted: whoever showed the work ends, as a window that is closed or loaded again. */
export const FRONT_END_ENDS = 'front end ends';

/** By name: classes are not the same on both sides of a bundle's border. */
export const isCancelled = (error: unknown): error is CancelledError => error instanceof Error && error.name === 'CancelledError';
const isUserError = (error: unknown): error is UserError => error instanceof Error && error.name === 'UserError' && 'kind' in error && 'code' in error;

export function reportOf(error: unknown): ErrorReport {
  if (isCancelled(error)) return { kind: 'cancelled', code: 'cancelled', message: 'Cancelled' };
  const detail = detailOf(error);
  if (!isUserError(error)) return { kind: 'defect', code: 'defect', message: messageOf(error), detail };
  return {
    kind: error.kind,
    code: error.code,
    message: error.message,
    ...(error.where && { where: error.where }),
    ...(error.related.length > 0 && { related: error.related }),
    ...(error.why !== undefined && { why: error.why }),
    ...(error.fix !== undefined && { fix: error.fix }),
    ...(error.remedy && { remedy: error.remedy }),
    detail,
  };
}

/** What the command line ends with: 1 a stage failed, 2 usage, configuration or project, 3 engine, 5 lease. */
export function exitCodeOf({ kind }: Pick<ErrorReport, 'kind'>): number {
  switch (kind) {
    case 'stage':
    case 'defect':
      return 1;
    case 'project':
      return 2;
    case 'engine':
      return 3;
    case 'lease':
      return 5;
    case 'cancelled':
      return 130;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function detailOf(error: unknown): string {
  const lines: string[] = [];
  for (let at = error; at !== undefined && lines.length < 5; at = at instanceof Error ? at.cause : undefined) {
    lines.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
  }
  return lines.join('\ncaused by: ');
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}
