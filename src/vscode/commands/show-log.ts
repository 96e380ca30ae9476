import { Uri, window } from 'vscode';
import { showHint } from '../messages.js';
import type { Command } from './command.js';

/** The complete log of the last run, as the file that it is. */
export const showLog: Command = {
  needs: 'nothing',
  run: async ({ projects }, root) => {
    const project = root === undefined ? (projects.meant ?? projects.all.find(({ state }) => state.log !== undefined)) : projects.get(root);
    const log = project?.state.log;
    if (log === undefined) {
      showHint('There is no log yet: nothing ran in this window.', { title: 'Build', command: 'pypackage.build' });
      return;
    }
    await window.showTextDocument(Uri.file(log), { preview: true });
  },
};
