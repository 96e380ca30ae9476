import { env, Uri } from 'vscode';
import { showHint } from '../messages.js';
import type { Command } from './command.js';

/** The release's own address; asks the engine where this window did not start it. */
export const openInBrowser: Command = {
  needs: 'project',
  run: async ({ core, projects, request }, project) => {
    const { name, root, url: known } = project.state;
    const url = known ?? (await core.call({ method: 'status', params: request(project) })).services.find((service) => service.url !== undefined)?.url;
    if (url === undefined) {
      showHint(`${name} is not running.`, { title: 'Start', command: 'pypackage.start', argument: root });
      return;
    }
    projects.update(root, (state) => ({ ...state, url }));
    await env.openExternal(Uri.parse(url));
  },
};
