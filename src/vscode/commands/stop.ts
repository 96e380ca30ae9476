import { ProgressLocation, window } from 'vscode';
import { joinWords } from '../message-text.js';
import { showQuietly } from '../messages.js';
import { withoutRelease } from '../project-state.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';

export const stop: Command = {
  needs: 'project',
  run: async ({ core, projects, request }, project) => {
    const { name, root } = project.state;
    const stopped = await window.withProgress({ location: ProgressLocation.Window, title: `${name}: stopping` }, () =>
      withSignal(undefined, (signal) => core.call({ method: 'stop', params: request(project) }, { signal })),
    );
    projects.update(root, withoutRelease);
    showQuietly(stopped.length === 0 ? `Nothing of ${name} was running` : `Stopped ${joinWords(stopped)}`);
  },
};
