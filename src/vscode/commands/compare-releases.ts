import * as l10n from '@vscode/l10n';
import { commands, ProgressLocation, window } from 'vscode';
import { comparisonText } from '../comparison-text.js';
import { showHint } from '../messages.js';
import { chosenEngineParams } from '../settings.js';
import { previousRelease } from '../views/image-rows.js';
import { sidebarOf } from '../views/sidebar.js';
import { chosenImages } from './chosen-images.js';
import type { Command } from './command.js';

/** Two that are selected, the older one first; or one with the release before it. */
export const compareReleases: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const { comparison, objects } = sidebarOf(app);
    const [one, two] = chosenImages(app, given).flatMap(({ row }) => row ?? []);
    if (!one) return undefined;
    const other = two ?? previousRelease(one, objects.images.values());
    if (!other) {
      showHint(l10n.t('There is no earlier release on the engine to compare with.'));
      return undefined;
    }
    const [before, after] = other.created <= one.created ? [other, one] : [one, other];
    const document = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('PyPackage: comparing the releases') }, () =>
      app.core.call({ method: 'compareImages', params: { ...chosenEngineParams(), before: before.id, after: after.id } }),
    );
    await commands.executeCommand('markdown.showPreview', comparison.show(comparisonText(document)));
    return document;
  },
};
