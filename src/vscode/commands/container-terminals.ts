/** A container seen from within: its log, a shell, a command. */
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { titleOf } from '../views/container-rows.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';
import { containersOf, runningContainerOf } from './given-containers.js';

export const followContainerLogs: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    for (const container of await containersOf(app, given)) app.terminals.followContainer({ id: container.id, title: titleOf(container) });
  },
};

export const openContainerShell: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const container = await runningContainerOf(app, given);
    if (container) app.terminals.openContainerShell({ id: container.id, title: titleOf(container) });
  },
};

export const runInContainer: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const container = await runningContainerOf(app, given);
    if (!container) return;
    const title = titleOf(container);
    const command = given.get(ARGUMENTS.inContainer) ?? (await askForCommand(title));
    if (command !== undefined && command.trim() !== '') app.terminals.runInContainer({ id: container.id, title }, command);
  },
};

function askForCommand(title: string): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t('Run in {0}', title),
    prompt: l10n.t("A command for the container's shell"),
    placeHolder: 'python -m pip list',
    ignoreFocusOut: true,
  });
}
