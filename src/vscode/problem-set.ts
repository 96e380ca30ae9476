/** Which errors of a project stand until a run gets past the point where each was met. Pure. */
import type { ErrorReport } from '../core/errors.js';
import type { RunEvent, StageName } from '../core/pipeline/events.js';
import type { WorkerRunRequest } from '../protocol/worker.js';

/** A stage, or what comes before the first: reading the project, reaching the engine. */
export type Point = StageName | 'start';

/** What `lock` gets past by making the stage's artefact: it builds no wheel of the application. */
const OF_LOCKING = /^(?:lock|dependenc|requirements|resolve|index|hash|offline)/;

export class ProblemSet {
  private readonly errors = new Map<Point, ErrorReport>();

  get all(): readonly ErrorReport[] {
    return [...this.errors.values()];
  }

  /** Returns whether anything changed. */
  take(event: RunEvent, verb: WorkerRunRequest['verb']): boolean {
    switch (event.type) {
      case 'run.started':
        return this.errors.delete('start');
      case 'stage.skipped':
      case 'stage.finished':
        return this.pass(event.stage, verb);
      case 'stage.failed':
        this.errors.set(event.stage, event.error);
        return true;
      case 'run.finished':
        return this.finish(event.error);
      case 'stage.started':
      case 'step':
      case 'log':
      case 'progress':
      case 'artifact':
        return false;
      default:
        return event satisfies never;
    }
  }

  private pass(stage: StageName, verb: WorkerRunRequest['verb']): boolean {
    const error = this.errors.get(stage);
    if (!error || (verb === 'lock' && !OF_LOCKING.test(error.code))) return false;
    return this.errors.delete(stage);
  }

  /** The error of a stage has been told by the stage. */
  private finish(error: ErrorReport | undefined): boolean {
    if (!error || error.kind === 'cancelled' || this.all.some((known) => isSame(known, error))) return false;
    this.errors.set('start', error);
    return true;
  }
}

function isSame(a: ErrorReport, b: ErrorReport): boolean {
  return a.code === b.code && a.message === b.message && a.where?.file === b.where?.file && a.where?.line === b.where?.line;
}
