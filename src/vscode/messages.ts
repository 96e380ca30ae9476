/** The one place that shows notifications. Each is shown and left alone: nobody waits until a person closes it. */
import { commands, Range, type Uri, window } from 'vscode';
import type { ErrorReport } from '../core/errors.js';
import type { CommandId } from './commands/command-ids.js';
import type { ErrorAction } from './error-actions.js';
import { causeText } from './message-text.js';
import { performAction } from './perform-action.js';
import type { Project } from './projects.js';

export type Action =
  | { readonly title: string; readonly command: CommandId; readonly argument?: string | { readonly container: string } }
  | { readonly title: string; readonly open: Uri; readonly line: number /* 1-based */ }
  | { readonly title: string; readonly setting: string }
  | { readonly title: string; readonly builtIn: 'workbench.trust.manage' | 'vscode.openFolder' };

export function showDone(text: string, ...actions: readonly Action[]): void {
  void offer(window.showInformationMessage(text, ...titles(actions)), actions, perform);
}

/** What needs no answer: a few words in the status bar, gone after five seconds. */
export function showQuietly(text: string): void {
  window.setStatusBarMessage(text, 5000);
}

/** Cancelling is no error: nothing is shown for it. */
export function showFailure(subject: string, error: ErrorReport, ...actions: readonly Action[]): void {
  if (error.kind === 'cancelled') return;
  void offer(window.showErrorMessage(causeText(subject, error, []), ...titles(actions)), actions, perform);
}

/** The same, of a project's: what can be done about it is among the buttons. */
export function showProjectFailure(project: Project, subject: string, error: ErrorReport, actions: readonly ErrorAction[]): void {
  if (error.kind === 'cancelled') return;
  const choice = window.showErrorMessage(causeText(subject, error, actions), ...titles(actions));
  void offer(choice, actions, (action) => performAction(project, action));
}

export function showHint(text: string, ...actions: readonly Action[]): void {
  void offer(window.showWarningMessage(text, ...titles(actions)), actions, perform);
}

const titles = (actions: readonly { readonly title: string }[]): string[] => actions.map(({ title }) => title);

async function offer<A extends { readonly title: string }>(
  choice: Thenable<string | undefined>,
  actions: readonly A[],
  act: (action: A) => Promise<void>,
): Promise<void> {
  const title = await choice;
  const action = actions.find((action) => action.title === title);
  if (action) await act(action);
}

async function perform(action: Action): Promise<void> {
  if ('command' in action) await commands.executeCommand(action.command, action.argument);
  else if ('setting' in action) await commands.executeCommand('workbench.action.openSettings', action.setting);
  else if ('builtIn' in action) await commands.executeCommand(action.builtIn);
  else await window.showTextDocument(action.open, { selection: new Range(action.line - 1, 0, action.line - 1, 0) });
}
