import { commands, Uri, workspace } from 'vscode';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

/** In the Explorer, which shows what is in the workspace only; else where the system shows files. */
export const revealWheel: Command = {
  needs: 'nothing',
  run: async (_, __, given) => {
    const file = given.get(ARGUMENTS.wheel);
    if (file === undefined) return undefined;
    const uri = Uri.file(file);
    await commands.executeCommand(workspace.getWorkspaceFolder(uri) ? 'revealInExplorer' : 'revealFileInOS', uri);
    return file;
  },
};
