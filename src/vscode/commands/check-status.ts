import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import { askStatus } from '../ask-status.js';
import { joinWords } from '../message-text.js';
import { showDone } from '../messages.js';
import type { Command } from './command.js';

/** Asks the engine which stages are up to date; makes nothing. */
export const checkStatus: Command = {
  needs: 'project',
  run: async (app, project, { target }) => {
    const { name, root } = project.state;
    const document = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('{0}: asking the engine', name) }, () =>
      askStatus(app, project, { target }),
    );
    const stale = document.stages.filter((row) => row.state !== 'up to date');
    if (stale.length === 0) showDone(l10n.t('{0} is up to date.', name));
    else {
      const rows = stale.map(({ stage, state, reason }) => `${stage} ${state}${reason === '' || reason === state ? '' : ` (${reason})`}`);
      showDone(`${name}: ${joinWords(rows)}.`, { title: l10n.t('Build'), command: 'pypackage.build', argument: root });
    }
    return document;
  },
};
