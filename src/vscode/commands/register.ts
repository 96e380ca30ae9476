/** From VS Code's untyped calls to a verb and its project; the one place where a verb's errors end. */
import { commands, Disposable, window, workspace } from 'vscode';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { actionsOf } from '../error-actions.js';
import { showFailure, showHint, showProjectFailure } from '../messages.js';
import { describeProject, type Project, type Projects } from '../projects.js';
import type { Command } from './command.js';
import { COMMAND_IDS } from './command-ids.js';
import { COMMANDS } from './table.js';

export function registerCommands(app: App): Disposable {
  return Disposable.from(
    ...COMMAND_IDS.map((id) =>
      commands.registerCommand(id, (argument: unknown) => perform(app, COMMANDS[id], typeof argument === 'string' ? argument : undefined)),
    ),
  );
}

async function perform(app: App, command: Command, root: string | undefined): Promise<void> {
  if (command.needs === 'nothing') {
    try {
      await command.run(app, root);
    } catch (error) {
      const report = toReport(error);
      if (report.kind === 'cancelled') return;
      app.output.error('PyPackage', report);
      showFailure('PyPackage', report, { title: 'Show Output', command: 'pypackage.showOutput' });
    }
    return;
  }
  const project = (root === undefined ? undefined : app.projects.get(root)) ?? (await chooseProject(app.projects));
  if (!project) return;
  if (!workspace.isTrusted) {
    showHint(`Nothing runs in a folder that is not trusted: packaging ${project.state.name} executes its build scripts in containers.`, {
      title: 'Manage Trust',
      builtIn: 'workbench.trust.manage',
    });
    return;
  }
  try {
    await command.run(app, project);
  } catch (error) {
    const report = toReport(error);
    if (report.kind === 'cancelled') return;
    app.output.error(project.state.name, report);
    const more = { title: 'Show Output', command: 'pypackage.showOutput', argument: project.state.root } as const;
    showProjectFailure(project, project.state.name, report, actionsOf(report, { root: project.state.root, more }));
  }
}

/** The one that is meant; where several could be, the person says it. */
async function chooseProject(projects: Projects): Promise<Project | undefined> {
  // A folder that was just opened may not have been looked at yet.
  if (projects.all.length === 0) await projects.refresh();
  if (projects.meant) return projects.meant;
  await projects.search();
  if (projects.meant) return projects.meant;
  if (projects.all.length === 0) {
    showHint(
      'This window has no Python project: no pyproject.toml with [project], setup.cfg, setup.py or manage.py was found, and no application beside a requirements.txt.',
      {
        title: 'Open Folder',
        builtIn: 'vscode.openFolder',
      },
    );
    return undefined;
  }
  const items = projects.all.map((project) => ({ ...describeProject(project), project }));
  return (await window.showQuickPick(items, { placeHolder: 'Which project' }))?.project;
}
