/** Containers removed, after a look at what goes. */
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import type { Command } from './command.js';
import { actOnContainers } from './act-on-containers.js';
import { containersOf, inContainersView } from './given-containers.js';
import { removalWords } from './container-removal-words.js';

export const removeContainers: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const found = await containersOf(app, given, { sizes: true });
    const { message, detail, ended } = removalWords(found);
    const all = { title: ended.length < found.length ? l10n.t('Remove by Force') : l10n.t('Remove') };
    const some = { title: l10n.t('Only What Has Ended') };
    const isMixed = ended.length > 0 && ended.length < found.length;
    const choice = await window.showWarningMessage(message, { modal: true, detail }, all, ...(isMixed ? [some] : []));
    if (choice === undefined) return undefined;
    const meant = choice === some ? ended : found;
    // By force only what ran when the person said so.
    const force = choice === all && ended.length < found.length;
    return inContainersView(() => actOnContainers(app, meant, { action: 'remove', force }));
  },
};
