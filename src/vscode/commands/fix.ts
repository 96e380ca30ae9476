import * as l10n from '@vscode/l10n';
import { showQuietly } from '../messages.js';
import { BUILD } from '../runs.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';
import { resultOf } from './run-result.js';
import { showRunActions } from './show-run-actions.js';

/** Adds to pypackage.json what the last failed run lacked, and runs again. */
export const fix: Command = {
  needs: 'project',
  run: async (app, project, { target }) => {
    const { core, request, runs } = app;
    if (runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const named = target !== undefined && { target };
    const { file, added } = await withSignal(undefined, (signal) => core.call({ method: 'fix', params: { ...request(project), ...named } }, { signal }));
    if (file === undefined) return showQuietly(l10n.t('The last run of {0} left nothing to fix', project.state.name));
    if (added.length > 0) showQuietly(l10n.t('Added {0} to {1}', added.join(', '), file));
    return resultOf(await runs.run(project, { ...BUILD, ...named }));
  },
};
