import * as l10n from '@vscode/l10n';
import { type QuickPickItem, ThemeIcon, window } from 'vscode';
import type { App } from '../app.js';
import { projectItem } from '../projects.js';
import type { Command } from './command.js';

/** The run of the given project; else the only one, or the one that the person picks. */
export const cancel: Command = {
  needs: 'nothing',
  run: async (app, root) => {
    const { activeRoots } = app.runs;
    const meant =
      root === undefined ? (activeRoots.length > 1 ? await pickRuns(app, activeRoots) : activeRoots) : activeRoots.filter((active) => active === root);
    for (const active of meant) app.runs.cancel(active);
    return meant;
  },
};

interface RunItem extends QuickPickItem {
  readonly roots: readonly string[];
}

async function pickRuns({ projects }: App, active: readonly string[]): Promise<readonly string[]> {
  const items: readonly RunItem[] = [
    ...active.flatMap((root) => {
      const project = projects.get(root);
      return project ? [{ ...projectItem(project), roots: [root] }] : [];
    }),
    { label: l10n.t('All {0} runs', active.length), iconPath: new ThemeIcon('debug-stop'), roots: active },
  ];
  return (await window.showQuickPick(items, { title: l10n.t('Cancel'), placeHolder: l10n.t('Which run') }))?.roots ?? [];
}
