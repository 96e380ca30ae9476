import { workspace } from 'vscode';
import { askStatus } from '../ask-status.js';
import { isRunning } from '../project-state.js';
import type { Command } from './command.js';

/** Asks about every project that is not at work. */
export const refresh: Command = {
  needs: 'nothing',
  run: async (app) => {
    await app.projects.refresh();
    if (!workspace.isTrusted) return;
    const idle = app.projects.all.filter(({ state }) => !isRunning(state) && state.elsewhere === undefined);
    await Promise.all(idle.map((project) => askStatus(app, project, {})));
  },
};
