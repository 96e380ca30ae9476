import { workspace } from 'vscode';
import { askStatus } from '../ask-status.js';
import { isBusy } from '../project-state.js';
import type { Command } from './command.js';

/** Asks about every project that is not at work. */
export const refresh: Command = {
  needs: 'nothing',
  run: async (app) => {
    await app.projects.refresh();
    if (!workspace.isTrusted) return;
    const idle = app.projects.all.filter(({ state }) => !isBusy(state));
    await Promise.all(idle.map((project) => askStatus(app, project, {})));
  },
};
