import { ProgressLocation, window } from 'vscode';
import { joinWords } from '../message-text.js';
import { showDone } from '../messages.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';

/** Asks the engine which stages are up to date; makes nothing. */
export const checkStatus: Command = {
  needs: 'project',
  run: async ({ core, projects, request }, project) => {
    const { name, root } = project.state;
    const document = await window.withProgress({ location: ProgressLocation.Window, title: `${name}: asking the engine` }, () =>
      withSignal(undefined, (signal) => core.call({ method: 'status', params: request(project) }, { signal })),
    );
    const url = document.services.find((service) => service.url !== undefined)?.url;
    projects.update(root, (state) => ({ ...state, known: { kind: 'status', document, at: Date.now() }, savedSince: undefined, url }));
    const stale = document.stages.filter((row) => row.state !== 'up to date');
    if (stale.length === 0) showDone(`${name} is up to date.`);
    else
      showDone(
        `${name}: ${joinWords(stale.map(({ stage, state, reason }) => `${stage} ${state}${reason === '' || reason === state ? '' : ` (${reason})`}`))}.`,
        { title: 'Build', command: 'pypackage.build', argument: root },
      );
  },
};
