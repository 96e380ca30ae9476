/** A container seen from outside: what the engine says of it, what it serves. */
import * as l10n from '@vscode/l10n';
import { env, Uri } from 'vscode';
import { showHint } from '../messages.js';
import { titleOf } from '../views/container-rows.js';
import type { Command } from './command.js';
import { containerOf } from './given-containers.js';

export const inspectContainer: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const { id, name } = await containerOf(app, given);
    await app.inspections.show('container', id, name);
  },
};

export const openContainerInBrowser: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const container = await containerOf(app, given);
    if (container.url === undefined) {
      const title = titleOf(container);
      showHint(container.state === 'running' ? l10n.t('{0} publishes no port.', title) : l10n.t('{0} does not run.', title));
      return undefined;
    }
    // In a remote window the port is forwarded, and has another address here.
    await env.openExternal(await env.asExternalUri(Uri.parse(container.url)));
    return container.url;
  },
};
