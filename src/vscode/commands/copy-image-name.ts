import * as l10n from '@vscode/l10n';
import { env } from 'vscode';
import { showQuietly } from '../messages.js';
import { chosenImages } from './chosen-images.js';
import type { Command } from './command.js';

/** The first name of each, or its id where it has none: a line each. */
export const copyImageName: Command = {
  needs: 'nothing',
  run: async (app, _, given) => {
    const names = chosenImages(app, given).map(({ image, row }) => row?.tags[0] ?? image);
    if (names.length === 0) return undefined;
    await env.clipboard.writeText(names.join('\n'));
    showQuietly(names.length === 1 ? l10n.t('Copied {0}', names[0] ?? '') : l10n.t('Copied {0} names', names.length));
    return names;
  },
};
