/** A container seen from outside: what the engine says of it, what it serves. */
import * as l10n from '@vscode/l10n';
import { env, Uri } from 'vscode';
import { showHint } from '../messages.js';
import { titleOf } from '../views/container-rows.js';
import type { Command } from './command.js';
import { containerOf, runningContainerOf } from './given-containers.js';

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
    const container = await runningContainerOf(app, given);
    if (!container) return undefined;
    if (container.url === undefined) {
      showHint(l10n.t('{0} publishes no port.', titleOf(container)));
      return undefined;
    }
    // In a remote window the port is forwarded, and has another address here.
    await env.openExternal(await env.asExternalUri(Uri.parse(container.url)));
    return container.url;
  },
};
