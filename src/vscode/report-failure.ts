/** Where errors of work end: in the output with all their details, and as one message. */
import * as l10n from '@vscode/l10n';
import { toReport } from './core-error.js';
import { actionsOf } from './error-actions.js';
import { showFailure, showProjectFailure } from './messages.js';
import type { Output } from './output.js';
import type { Project } from './projects.js';

/** Cancelling is no error: nothing is shown for it. */
export function reportFailure(output: Output, project: Project, error: unknown): void {
  const report = toReport(error);
  if (report.kind === 'cancelled') return;
  output.error(project.state.name, report);
  const more = { title: l10n.t('Show Output'), command: 'pypackage.showOutput' } as const;
  showProjectFailure(project, project.state.name, report, actionsOf(report, { root: project.state.root, more }));
}

/** The same where no project is meant. @param subject what the work was on */
export function reportFailureOf(output: Output, subject: string, error: unknown): void {
  const report = toReport(error);
  if (report.kind === 'cancelled') return;
  output.error(subject, report);
  showFailure(subject, report, { title: l10n.t('Show Output'), command: 'pypackage.showOutput' });
}
