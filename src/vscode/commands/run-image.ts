import type { App } from '../app.js';
import { shortId } from '../../core/objects/own-image.js';
import { chosenImage } from './chosen-images.js';
import type { Command } from './command.js';
import type { Given } from './parameters.js';

/** In containers of their own, which go with their terminals. */
export const runImage: Command = { needs: 'trust', run: async (app, _, given) => open(app, given, 'own') };
export const openImageShell: Command = { needs: 'trust', run: async (app, _, given) => open(app, given, 'shell') };

/** As the engine itself tells it. */
export const inspectImage: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const chosen = chosenImage(app, given);
    if (chosen) await app.inspections.show('image', chosen.row?.id ?? chosen.image, chosen.row?.tags[0] ?? shortId(chosen.image));
  },
};

function open(app: App, given: Given, what: 'own' | 'shell'): void {
  const chosen = chosenImage(app, given);
  if (!chosen) return;
  const { image, row, foreign } = chosen;
  app.terminals.runImage({ id: row?.id ?? image, title: row?.tags[0] ?? shortId(image) }, { what, foreign });
}
