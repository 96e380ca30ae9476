import type { Command } from './command.js';
import { showRunActions } from './show-run-actions.js';

/** Runs every stage that is stale. A second press while it runs asks what to do with the run instead. */
export const build: Command = {
  needs: 'project',
  run: (app, project) => (app.runs.isActive(project.state.root) ? showRunActions.run(app, project) : app.runs.build(project)),
};
