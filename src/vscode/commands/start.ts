import { ProgressLocation, window } from 'vscode';
import { showDone } from '../messages.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';

/** Starts the last release and offers the way to it. */
export const start: Command = {
  needs: 'project',
  run: async ({ core, output, projects, request }, project) => {
    const { name, root } = project.state;
    output.heading(`start ${name}`);
    const { url, alreadyRunning, image } = await window.withProgress(
      { location: ProgressLocation.Notification, title: `Starting ${name}`, cancellable: true },
      (_, token) =>
        withSignal(token, (signal) => core.call({ method: 'start', params: request(project) }, { signal, onLines: (lines) => output.lines(lines) })),
    );
    projects.update(root, (state) => ({ ...state, url }));
    const running = alreadyRunning ? 'is already running' : 'is running';
    const stop = { title: 'Stop', command: 'pypackage.stop', argument: root } as const;
    if (url === undefined) showDone(`${name} ${running} (${image}). It publishes no port.`, stop);
    else showDone(`${name} ${running} at ${url}.`, { title: 'Open in Browser', command: 'pypackage.openInBrowser', argument: root }, stop);
  },
};
