import * as l10n from '@vscode/l10n';
import { commands, Uri, window, workspace } from 'vscode';
import { WHEEL_EDITOR } from '../wheel-editor/wheel-editor-id.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

/** Shows what is in wheels, also in such as are of no project. */
export const openWheel: Command = {
  needs: 'nothing',
  run: async (_, root, given) => {
    const named = given.all(ARGUMENTS.wheel);
    const files = named.length > 0 ? named : await askForFiles(root);
    for (const file of files) await commands.executeCommand('vscode.openWith', Uri.file(file), WHEEL_EDITOR, { preview: files.length === 1 });
    return files;
  },
};

async function askForFiles(root: string | undefined): Promise<readonly string[]> {
  const defaultUri = root === undefined ? workspace.workspaceFolders?.[0]?.uri : Uri.file(root);
  const filters = { [l10n.t('Wheels')]: ['whl'] };
  const chosen = await window.showOpenDialog({ canSelectMany: true, filters, title: l10n.t('Open Wheel'), ...(defaultUri && { defaultUri }) });
  return (chosen ?? []).map(({ fsPath }) => fsPath);
}
