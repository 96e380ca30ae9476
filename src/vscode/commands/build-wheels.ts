import { window } from 'vscode';
import type { Command } from './command.js';
import { showRunActions } from './show-run-actions.js';

/** A command of the person's in place of the build backend. */
export const buildWheels: Command = {
  needs: 'project',
  run: async (app, project) => {
    if (app.runs.isActive(project.state.root)) return showRunActions.run(app, project);
    const command = await window.showInputBox({
      title: `Build the wheels of ${project.state.name}`,
      prompt: 'A command for the shell of the builder, in a copy of the project. It leaves wheels in $WHEELHOUSE',
      placeHolder: 'python setup.py bdist_wheel --dist-dir "$WHEELHOUSE"',
    });
    if (command !== undefined && command.trim() !== '') await app.runs.buildWheels(project, command);
  },
};
