import { commands, type QuickPickItem, window } from 'vscode';
import type { App } from '../app.js';
import type { Project } from '../projects.js';
import type { CommandId } from './command-ids.js';

interface RunAction extends QuickPickItem {
  readonly command: CommandId;
}

/** What the status bar's button offers while a run is at work. */
export const showRunActions = {
  needs: 'project',
  run: async (_: App, { state }: Project): Promise<void> => {
    const items: readonly RunAction[] = [
      { label: '$(output) Show Output', description: 'every line as it comes', command: 'pypackage.showOutput' },
      { label: '$(go-to-file) Show Log', description: 'the complete log as a file', command: 'pypackage.showLog' },
      { label: '$(debug-stop) Cancel', description: 'the last release stays as it was', command: 'pypackage.cancel' },
    ];
    const item = await window.showQuickPick(items, { title: `${state.name} is running`, placeHolder: 'What to do with the run' });
    if (item) await commands.executeCommand(item.command, state.root);
  },
} as const;
