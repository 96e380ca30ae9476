import * as l10n from '@vscode/l10n';
import { ProgressLocation, type QuickPickItem, window } from 'vscode';
import { parseReference } from '../../core/engine/references.js';
import { showDone, showHint } from '../messages.js';
import { chosenEngineParams } from '../settings.js';
import { withSignal } from '../with-signal.js';
import { chosenImage, type ChosenImage } from './chosen-images.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

/** Where it goes is chosen by the person each time: others see it there. */
export const pushImage: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const chosen = chosenImage(app, given);
    if (!chosen) return undefined;
    const reference = given.get(ARGUMENTS.reference) ?? (await askWhere(chosen));
    if (reference === undefined) return undefined;
    const params = { ...chosenEngineParams(), reference, ...(chosen.foreign && { foreign: true }) };
    const options = { location: ProgressLocation.Notification, title: l10n.t('Pushing {0}', reference), cancellable: true };
    await window.withProgress(options, (progress, token) =>
      withSignal(token, (signal) =>
        app.core.call({ method: 'pushImage', params }, { signal, onLines: (lines) => progress.report({ message: lines.at(-1)?.text ?? '' }) }),
      ),
    );
    showDone(l10n.t('{0} was pushed.', reference));
    return reference;
  },
};

async function askWhere({ image, row }: ChosenImage): Promise<string | undefined> {
  if (!row) return image;
  if (row.tags.length === 0) {
    showHint(l10n.t('The image has no name to be pushed under: tag it first.'));
    return undefined;
  }
  const items = row.tags.map((reference): QuickPickItem & { readonly reference: string } => {
    const { registry } = parseReference(reference);
    return { label: reference, description: l10n.t('to {0}', registry), reference };
  });
  const picked = await window.showQuickPick(items, { title: l10n.t('Push'), placeHolder: l10n.t('Under which name, and where to') });
  return picked?.reference;
}
