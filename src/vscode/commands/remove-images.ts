import * as l10n from '@vscode/l10n';
import { ProgressLocation, window } from 'vscode';
import { formatCount, formatSize } from '../../core/format.js';
import { ownTags } from '../../core/objects/ownership.js';
import type { RemovalChoice } from '../../core/objects/remove-images.js';
import type { App } from '../app.js';
import { showFailure, showQuietly } from '../messages.js';
import { removalDetail, removalTitle } from './image-removal-words.js';
import { chosenEngineParams } from '../settings.js';
import { sidebarOf } from '../views/sidebar.js';
import { chosenImages, type ChosenImage } from './chosen-images.js';
import type { Command } from './command.js';

/** What goes and what that frees is shown before anything does. Of an image that others named, too, only this window's names go. */
export const removeImages: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const choices = chosenImages(app, given).map((chosen) => choiceOf(app, chosen));
    if (choices.length === 0) return undefined;
    const engine = chosenEngineParams();
    const preview = await window.withProgress({ location: ProgressLocation.Window, title: l10n.t('PyPackage: looking at what needs the images') }, () =>
      app.core.call({ method: 'previewRemoval', params: { ...engine, images: choices } }),
    );
    const isUsed = preview.rows.some(({ usedBy, isWhole }) => isWhole && usedBy.length > 0);
    const remove = isUsed ? l10n.t('Remove by Force') : l10n.t('Remove');
    const choice = await window.showWarningMessage(removalTitle(preview), { modal: true, detail: removalDetail(preview) }, remove);
    if (choice !== remove) return undefined;
    const results = await app.core.call({ method: 'removeImages', params: { ...engine, images: choices, ...(isUsed && { force: true }) } });
    const failed = results.flatMap(({ problem }) => problem ?? []);
    const [first] = failed;
    const gone = results.length - failed.length;
    if (first) {
      for (const problem of failed) app.output.error('PyPackage', problem);
      showFailure(l10n.t('{0} of {1}', failed.length, formatCount(results.length, 'image')), first, {
        title: l10n.t('Show Output'),
        command: 'pypackage.showOutput',
      });
    } else showQuietly(l10n.t('Removed {0}, {1} freed', formatCount(gone, 'image'), formatSize(preview.freed ?? 0)));
    return gone;
  },
};

function choiceOf(app: App, { image, row, foreign }: ChosenImage): RemovalChoice {
  if (!row || foreign) return { image, ...(foreign && { foreign }) };
  const { owners } = sidebarOf(app).objects;
  const names = row.project === undefined ? [...new Set(owners.flatMap((owner) => ownTags(row.tags, owner)))] : [];
  // None of them is this window's: it was shown among all others, whole.
  return names.length === 0 ? { image } : { image, names };
}
