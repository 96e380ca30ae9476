/** From VS Code's untyped calls to a verb and its project; the one place where a verb's errors end. Loaded with the first command. */
import * as l10n from '@vscode/l10n';
import { window, workspace } from 'vscode';
import { UserError } from '../../core/errors.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { showFailure, showHint } from '../messages.js';
import { reportFailure } from '../report-failure.js';
import { type Project, projectItem, type Projects } from '../projects.js';
import type { CommandId } from './command-ids.js';
import { COMMAND_SPECS } from './command-specs.js';
import { parseGiven } from './parameters.js';
import { COMMANDS } from './table.js';

/**
 * Resolves with what the verb does; with undefined where an error was shown or a person chose nothing.
 * @param selection all selected rows, where `argument` is one of several
 */
export async function perform(app: App, id: CommandId, argument: unknown, selection?: unknown): Promise<unknown> {
  const command = COMMANDS[id];
  let project: Project | undefined;
  try {
    const given = parseGiven(id, COMMAND_SPECS[id].takes, argument, rowsOf(app, argument, selection));
    if (given.path !== undefined) project = await projectAt(app.projects, given.path);
    if (command.needs !== 'project') {
      if (command.needs === 'nothing' || workspace.isTrusted) return await command.run(app, project?.state.root, given);
      return hintAtTrust(l10n.t('Nothing is done on an engine for a folder that is not trusted.'));
    }
    project ??= await chooseProject(app.projects);
    if (!project) return undefined;
    if (!workspace.isTrusted) {
      return hintAtTrust(l10n.t('Nothing runs in a folder that is not trusted: packaging {0} executes its build scripts in containers.', project.state.name));
    }
    return await command.run(app, project, given);
  } catch (error) {
    const report = toReport(error);
    if (report.kind === 'cancelled') return undefined;
    if (report.kind === 'defect') app.journal.note('error', `${id}: a defect: ${report.detail ?? report.message}`);
    if (project) reportFailure(app.output, project, error);
    else {
      app.output.error('PyPackage', report);
      showFailure('PyPackage', report, { title: l10n.t('Show Output'), command: 'pypackage.showOutput' });
    }
    return undefined;
  }
}

function hintAtTrust(text: string): undefined {
  showHint(text, { title: l10n.t('Manage Trust'), builtIn: 'workbench.trust.manage' });
}

/** A menu of a view hands over all selected rows; a key says in which view they are. */
function rowsOf({ selections }: App, argument: unknown, selection: unknown): readonly unknown[] {
  if (Array.isArray(selection) && selection.length > 0) return selection;
  if (typeof argument !== 'object' || argument === null || !('selectedIn' in argument) || typeof argument.selectedIn !== 'string') return [];
  return selections.in(argument.selectedIn);
}

/** The project at a path that came with the call. Only those of this window: whether a folder is trusted is asked for the window. */
async function projectAt(projects: Projects, path: string): Promise<Project> {
  const project = projects.get(path) ?? (await projects.at(path));
  if (project) return project;
  throw new UserError({
    kind: 'project',
    code: 'argument-no-project',
    message: l10n.t('There is no Python project at {0} in this window', path),
    why: l10n.t('The argument project names it'),
    fix: l10n.t('Add its folder to the workspace'),
  });
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
      l10n.t(
        'This window has no Python project: no pyproject.toml with [project], setup.cfg, setup.py or manage.py was found, and no application beside a requirements.txt.',
      ),
      { title: l10n.t('Open Folder'), builtIn: 'vscode.openFolder' },
    );
    return undefined;
  }
  return (await window.showQuickPick(projects.all.map(projectItem), { placeHolder: l10n.t('Which project'), matchOnDescription: true }))?.project;
}
