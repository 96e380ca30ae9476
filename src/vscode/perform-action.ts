/** Does what a button of an error, or a quick fix, says. */
import { commands, Range, TextEditorRevealType, window, workspace, WorkspaceEdit, type TextDocument } from 'vscode';
import * as l10n from '@vscode/l10n';
import type { ErrorAction } from './error-actions.js';
import { uriOfPlace } from './place-uri.js';
import type { Project } from './projects.js';

export async function performAction(project: Project, action: ErrorAction): Promise<void> {
  if ('command' in action) await commands.executeCommand(action.command, action.argument);
  else if ('setting' in action) await commands.executeCommand('workbench.action.openSettings', action.setting);
  else if ('show' in action) {
    const [line, column] = [(action.show.line ?? 1) - 1, (action.show.column ?? 1) - 1];
    const editor = await window.showTextDocument(uriOfPlace(project, action.show), { selection: new Range(line, column, line, column) });
    editor.revealRange(new Range(line, column, line, column), TextEditorRevealType.InCenterIfOutsideViewport);
  } else if ('replace' in action) {
    const edit = await replacement(project, action.replace);
    if (edit) await workspace.applyEdit(edit);
  } else {
    const name = `PyPackage: ${project.state.name}`;
    const terminal = window.createTerminal({ name, cwd: project.uri, isTransient: true });
    terminal.show();
    // Typed and not run: what it does to the machine is the person's decision.
    terminal.sendText(action.type, false);
  }
}

/** undefined where the word is not there any more. */
export async function replacement(
  project: Project,
  { at, from, to }: Extract<ErrorAction, { readonly replace: unknown }>['replace'],
): Promise<WorkspaceEdit | undefined> {
  const document = await workspace.openTextDocument(uriOfPlace(project, at));
  const range = rangeOf(document, from, (at.line ?? 1) - 1, (at.column ?? 1) - 1);
  if (!range) return undefined;
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, range, to, { label: l10n.t('Change to {0}', to), needsConfirmation: false });
  return edit;
}

function rangeOf(document: TextDocument, word: string, line: number, column: number): Range | undefined {
  if (line >= document.lineCount) return undefined;
  const start = document.lineAt(line).text.indexOf(word, column);
  return start < 0 ? undefined : new Range(line, start, line, start + word.length);
}
