import * as l10n from '@vscode/l10n';
import { env, ProgressLocation, window } from 'vscode';
import { gatherDiagnostics } from '../diagnostics.js';
import { showQuietly } from '../messages.js';
import type { Command } from './command.js';

/** What somebody who helps wants to know, for an issue: nothing in it is secret. */
export const copyDiagnostics: Command = {
  needs: 'nothing',
  run: async ({ core, extension, projects, request }, root) => {
    const project = (root === undefined ? undefined : projects.get(root)) ?? projects.current;
    const text = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('PyPackage: gathering diagnostics') }, () =>
      gatherDiagnostics({ core, extension, projects, request }, project),
    );
    await env.clipboard.writeText(text);
    showQuietly(`$(check) ${l10n.t('Diagnostics are in the clipboard, without passwords')}`);
    return text;
  },
};
