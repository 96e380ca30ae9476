import { CancelledError, type ErrorReport, reportOf } from '../core/errors.js';

/** What the core rejected with, after its way through the thread's border. */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  constructor(readonly report: ErrorReport) {
    super(report.message);
  }
}

/** How a call ended. Data and not an exception: classes of errors are not the same on both sides of a bundle's border. */
export type Answer<T> = { readonly value: T } | { readonly error: ErrorReport };

export function valueOf<T>(answer: Answer<T>): T {
  if ('value' in answer) return answer.value;
  throw answer.error.kind === 'cancelled' ? new CancelledError() : new CoreError(answer.error);
}

/** By name: the bundle that catches it may be another (scripts/build.mjs). */
const isCoreError = (error: unknown): error is CoreError => error instanceof Error && error.name === 'CoreError' && 'report' in error;

export function toReport(error: unknown): ErrorReport {
  return isCoreError(error) ? error.report : reportOf(error);
}
