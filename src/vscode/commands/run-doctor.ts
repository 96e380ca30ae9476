import * as l10n from '@vscode/l10n';
import { commands, ProgressLocation, window } from 'vscode';
import { doctorText } from '../doctor-text.js';
import type { Command } from './command.js';

/** Which engine is used and why, its version, and what is missing. */
export const runDoctor: Command = {
  needs: 'project',
  run: async ({ core, doctor, request }, project, { target }) => {
    const document = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('PyPackage: looking at the engine') }, () =>
      core.call({ method: 'doctor', params: { ...request(project), ...(target !== undefined && { target }) } }),
    );
    await commands.executeCommand('markdown.showPreview', doctor.show(doctorText(document)));
    return document;
  },
};
