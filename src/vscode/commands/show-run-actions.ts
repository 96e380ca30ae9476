import * as l10n from '@vscode/l10n';
import { commands, type QuickPickItem, ThemeIcon, window } from 'vscode';
import type { App } from '../app.js';
import { isRunning } from '../project-state.js';
import type { Project } from '../projects.js';
import { stateWords } from '../project-rows.js';
import type { CommandId } from './command-ids.js';

interface RunAction extends QuickPickItem {
  readonly command: CommandId;
}

/** What the status bar's button offers while a run is at work, here or elsewhere. */
export const showRunActions = {
  needs: 'project',
  run: async (_: App, { state }: Project): Promise<undefined> => {
    const items: readonly RunAction[] = isRunning(state)
      ? [
          { label: l10n.t('Show Output'), iconPath: new ThemeIcon('output'), description: l10n.t('every line as it comes'), command: 'pypackage.showOutput' },
          { label: l10n.t('Show Log'), iconPath: new ThemeIcon('go-to-file'), description: l10n.t('the complete log as a file'), command: 'pypackage.showLog' },
          {
            label: l10n.t('Cancel'),
            iconPath: new ThemeIcon('debug-stop'),
            description: l10n.t('the last release stays as it was'),
            command: 'pypackage.cancel',
          },
        ]
      : [
          ...(state.elsewhere?.log === undefined
            ? []
            : [
                {
                  label: l10n.t('Show Log'),
                  iconPath: new ThemeIcon('go-to-file'),
                  description: l10n.t('what it has written so far'),
                  command: 'pypackage.showLog',
                } as const,
              ]),
          {
            label: l10n.t('Build'),
            iconPath: new ThemeIcon('package'),
            description: l10n.t('waits until the other run has ended'),
            command: 'pypackage.build',
          },
        ];
    const title = l10n.t('{0}: {1}', state.name, stateWords(state, Date.now()));
    const item = await window.showQuickPick(items, { title, placeHolder: l10n.t('What to do with the run') });
    if (item) await commands.executeCommand(item.command, state.root);
    return undefined;
  },
} as const;
