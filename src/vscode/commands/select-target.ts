import * as l10n from '@vscode/l10n';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { App } from '../app.js';
import { type Project, projectItem } from '../projects.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

/** Which project the status bar and the commands mean: one that is named, or that of the active editor. Runs nothing. */
export const selectTarget: Command = {
  needs: 'nothing',
  run: async (app, root, given) => {
    const choice = given.get(ARGUMENTS.follow) === true ? 'follow' : (root ?? (await pickTarget(app)));
    if (choice === undefined) return undefined;
    const pinned = choice === 'follow' ? undefined : choice;
    await app.projects.pin(pinned);
    return pinned ?? '';
  },
};

interface TargetItem extends QuickPickItem {
  readonly choice?: string;
}

async function pickTarget({ projects }: App): Promise<string | undefined> {
  await projects.search();
  const { pinned } = projects;
  const row = (project: Project): TargetItem => {
    const { description = '', ...item } = projectItem(project);
    return { ...item, description: project === pinned ? current(description) : description, choice: project.state.root };
  };
  const what = l10n.t('the project of the file in front');
  const follow: TargetItem = {
    label: l10n.t('Follow the Active Editor'),
    iconPath: new ThemeIcon('eye'),
    description: pinned ? what : current(what),
    choice: 'follow',
  };
  const separator: TargetItem = { label: l10n.t('always the same'), kind: QuickPickItemKind.Separator };
  const items = [follow, separator, ...projects.all.map(row)];
  const title = l10n.t('The project that the button means');
  return (await window.showQuickPick(items, { title, placeHolder: l10n.t('Which project'), matchOnDescription: true }))?.choice;
}

/** In words: a screen reader says the name of an icon. */
const current = (about: string): string => (about === '' ? l10n.t('current') : l10n.t('current: {0}', about));
