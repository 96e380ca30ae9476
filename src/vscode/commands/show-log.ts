import * as l10n from '@vscode/l10n';
import { Uri, window } from 'vscode';
import type { App } from '../app.js';
import { showHint } from '../messages.js';
import { logOf } from '../project-state.js';
import { type Project, projectItem } from '../projects.js';
import type { Command } from './command.js';

/** The complete log of the last run, as the file that it is; also of one that is at work elsewhere. */
export const showLog: Command = {
  needs: 'nothing',
  run: async (app, root) => {
    const project = root === undefined ? await pickProject(app) : app.projects.get(root);
    const log = project && logOf(project.state);
    if (log === undefined) {
      if (root !== undefined || app.projects.all.every(({ state }) => logOf(state) === undefined)) {
        showHint(l10n.t('There is no log yet: nothing ran in this window.'), {
          title: l10n.t('Build'),
          command: 'pypackage.build',
          ...(root !== undefined && { argument: root }),
        });
      }
      return undefined;
    }
    await window.showTextDocument(Uri.file(log), { preview: true });
    return log;
  },
};

/** The meant one if it has a log; else the only one that has, or what the person picks of them. */
async function pickProject({ projects }: App): Promise<Project | undefined> {
  if (projects.meant && logOf(projects.meant.state) !== undefined) return projects.meant;
  const logged = projects.all.filter(({ state }) => logOf(state) !== undefined);
  if (logged.length < 2) return logged[0];
  return (await window.showQuickPick(logged.map(projectItem), { title: l10n.t('Show Log'), placeHolder: l10n.t('Of which project') }))?.project;
}
