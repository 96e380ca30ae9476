/** A run's events in the words of the editor, for a terminal of the editor. Pure. */
import * as l10n from '@vscode/l10n';
import type { ErrorReport } from '../../core/errors.js';
import type { RunEvent } from '../../core/pipeline/events.js';
import { inEditorWords } from '../editor-words.js';

export function inTerminalWords(event: RunEvent): RunEvent {
  if (event.type !== 'stage.failed' && event.type !== 'run.finished') return event;
  return event.error ? { ...event, error: errorInTerminalWords(event.error) } : event;
}

export function errorInTerminalWords(error: ErrorReport): ErrorReport {
  const fix = error.fix ?? (error.kind === 'defect' ? l10n.t('Report it, with what PyPackage: Show Output has') : undefined);
  return {
    ...error,
    message: inEditorWords(error.message),
    ...(error.why !== undefined && { why: inEditorWords(error.why) }),
    ...(fix !== undefined && { fix: inEditorWords(fix) }),
  };
}
