import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { WhatToRun } from '../runs.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';
import { resultOf } from './run-result.js';
import { showRunActions } from './show-run-actions.js';

/** A command of the person's in place of the build backend. */
export const buildWheels: Command = {
  needs: 'project',
  run: async (app, project, given) => {
    if (app.runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const command = given.get(ARGUMENTS.command) ?? (await askForCommand(project.state.name));
    if (command === undefined || command.trim() === '') return undefined;
    const { target } = given;
    const what: WhatToRun = { verb: 'wheels', stages: ['wheels'], buildCommand: ['sh', '-c', command], ...(target !== undefined && { target }) };
    return resultOf(await app.runs.run(project, what));
  },
};

function askForCommand(name: string): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t('Build the wheels of {0}', name),
    prompt: l10n.t('A command for the shell of the builder, in a copy of the project. It leaves wheels in $WHEELHOUSE'),
    placeHolder: 'python setup.py bdist_wheel --dist-dir "$WHEELHOUSE"',
    ignoreFocusOut: true,
  });
}
