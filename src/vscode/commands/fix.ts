import { showQuietly } from '../messages.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';
import { showRunActions } from './show-run-actions.js';

/** Adds to pypackage.json what the last failed run lacked, and runs again. */
export const fix: Command = {
  needs: 'project',
  run: async (app, project) => {
    const { core, request, runs } = app;
    if (runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const { file, added } = await withSignal(undefined, (signal) => core.call({ method: 'fix', params: request(project) }, { signal }));
    if (file === undefined) return showQuietly(`The last run of ${project.state.name} left nothing to fix`);
    if (added.length > 0) showQuietly(`Added ${added.join(', ')} to ${file}`);
    await runs.build(project);
  },
};
