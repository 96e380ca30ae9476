import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import { harmless, shortened } from '../../core/harmless.js';
import { showDone } from '../messages.js';
import { startedText, startRelease } from '../release.js';
import { withSignal } from '../with-signal.js';
import type { Command } from './command.js';

/** Characters of a line in a notification. */
const LONGEST_LINE = 100;

/** Starts the last release, waits until it answers, and offers the way to it. */
export const start: Command = {
  needs: 'project',
  run: async (app, project) => {
    const { output } = app;
    const { name, root } = project.state;
    output.heading(l10n.t('start {0}', name));
    const result = await window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Starting {0}', name), cancellable: true },
      (progress, token) => {
        progress.report({ message: l10n.t('waiting until it answers') });
        return withSignal(token, (signal) =>
          startRelease(app, project, {
            signal,
            onLines: (lines) => {
              output.lines(lines);
              const last = lines.findLast(({ text }) => text.trim() !== '');
              if (last) progress.report({ message: l10n.t('waiting until it answers · {0}', shortened(harmless(last.text).trim(), LONGEST_LINE)) });
            },
          }),
        );
      },
    );
    const stop = { title: l10n.t('Stop'), command: 'pypackage.stop', argument: root } as const;
    const follow = { title: l10n.t('Follow Logs'), command: 'pypackage.followLogs', argument: root } as const;
    const open = { title: l10n.t('Open in Browser'), command: 'pypackage.openInBrowser', argument: root } as const;
    showDone(startedText(name, result), ...(result.url === undefined ? [] : [open]), follow, stop);
  },
};
