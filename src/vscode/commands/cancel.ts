import type { Command } from './command.js';

/** The run of the given project, or every run of this window. */
export const cancel: Command = {
  needs: 'nothing',
  run: ({ runs }, root) => {
    for (const active of root === undefined ? runs.activeRoots : [root]) runs.cancel(active);
  },
};
