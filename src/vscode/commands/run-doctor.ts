import { commands, ProgressLocation, window } from 'vscode';
import type { Command } from './command.js';

/** Which engine is used and why, its version, and what is missing. */
export const runDoctor: Command = {
  needs: 'project',
  run: async ({ core, doctor, request }, project) => {
    const document = await window.withProgress({ location: ProgressLocation.Window, title: 'PyPackage: looking at the engine' }, () =>
      core.call({ method: 'doctor', params: request(project) }),
    );
    await commands.executeCommand('markdown.showPreview', doctor.show(document));
  },
};
