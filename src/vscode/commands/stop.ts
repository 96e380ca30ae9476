import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import { showQuietly } from '../messages.js';
import { stoppedText, stopRelease } from '../release.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';

export const stop: Command = {
  needs: 'project',
  run: async (app, project) => {
    const { name } = project.state;
    const stopped = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('{0}: stopping', name) }, () =>
      withSignal(undefined, (signal) => stopRelease(app, project, { signal })),
    );
    showQuietly(stoppedText(name, stopped));
  },
};
