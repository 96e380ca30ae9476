import * as l10n from '@vscode/l10n';
import { env, Uri } from 'vscode';
import { showHint } from '../messages.js';
import type { Command } from './command.js';

/** The release's own address, as this person's browser reaches it; the engine is asked, since somebody else may have started or stopped it. */
export const openInBrowser: Command = {
  needs: 'project',
  run: async ({ core, projects, request }, project) => {
    const { name, root } = project.state;
    const { services } = await core.call({ method: 'status', params: request(project) });
    const url = services.find((service) => service.url !== undefined && service.state === 'running')?.url;
    projects.update(root, (state) => ({ ...state, url }));
    if (url === undefined) {
      showHint(l10n.t('{0} is not running.', name), { title: l10n.t('Start'), command: 'pypackage.start', argument: root });
      return;
    }
    // In a remote window the port is forwarded, and has another address here.
    await env.openExternal(await env.asExternalUri(Uri.parse(url)));
  },
};
