import { type ErrorReport, reportOf } from '../core/errors.js';

/** What the core rejected with, after its way through the thread's border. */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  constructor(readonly report: ErrorReport) {
    super(report.message);
  }
}

export function toReport(error: unknown): ErrorReport {
  return error instanceof CoreError ? error.report : reportOf(error);
}
