import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import { joinWords } from '../message-text.js';
import { showDone } from '../messages.js';
import { lastRunOf } from '../project-state.js';
import { elsewhereByStatus } from '../record-view.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';

/** Asks the engine which stages are up to date; makes nothing. */
export const checkStatus: Command = {
  needs: 'project',
  run: async ({ core, projects, request }, project, { target }) => {
    const { name, root } = project.state;
    const document = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('{0}: asking the engine', name) }, () =>
      withSignal(undefined, (signal) => core.call({ method: 'status', params: { ...request(project), ...(target !== undefined && { target }) } }, { signal })),
    );
    const url = document.services.find((service) => service.url !== undefined)?.url;
    projects.update(root, (state) => {
      const lastRun = lastRunOf(state);
      const elsewhere = elsewhereByStatus(state, document.running);
      return { ...state, elsewhere, known: { kind: 'status', document, at: Date.now(), ...(lastRun && { lastRun }) }, savedSince: undefined, url };
    });
    const stale = document.stages.filter((row) => row.state !== 'up to date');
    if (stale.length === 0) showDone(l10n.t('{0} is up to date.', name));
    else {
      const rows = stale.map(({ stage, state, reason }) => `${stage} ${state}${reason === '' || reason === state ? '' : ` (${reason})`}`);
      showDone(`${name}: ${joinWords(rows)}.`, { title: l10n.t('Build'), command: 'pypackage.build', argument: root });
    }
    return document;
  },
};
