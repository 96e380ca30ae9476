import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { isImageReference } from '../../core/engine/references.js';
import type { WorkerChoice } from '../../protocol/worker.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { showQuietly } from '../messages.js';
import { chosenEngineParams } from '../settings.js';
import { chosenImage, type ChosenImage } from './chosen-images.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

/** A further name. One that is another image's moves only when the person says so. */
export const tagImage: Command = {
  needs: 'trust',
  run: async (app, _, given) => {
    const chosen = chosenImage(app, given);
    if (!chosen) return undefined;
    const reference = given.get(ARGUMENTS.reference) ?? (await askForName(chosen));
    if (reference === undefined) return undefined;
    const name = await tag(app, { ...chosenEngineParams(), image: chosen.image, reference, ...(chosen.foreign && { foreign: true }) });
    if (name !== undefined) showQuietly(l10n.t('The image is {0}, too', name));
    return name;
  },
};

function askForName({ image, row }: ChosenImage): Thenable<string | undefined> {
  const [first] = row?.tags ?? [];
  const value = first ?? '';
  return window.showInputBox({
    title: l10n.t('A further name for {0}', first ?? image),
    prompt: l10n.t('Where it is to be pushed to comes first: registry.example.com/team/name:tag'),
    value,
    // The tag is what changes most.
    valueSelection: [value.lastIndexOf(':') + 1, value.length],
    validateInput: (text) =>
      isImageReference(text.trim()) && !text.includes('@')
        ? undefined
        : l10n.t('Lower-case letters, digits and . _ - in parts divided by /, then a tag: acme/polls:1.4.0'),
  });
}

interface Tagging extends WorkerChoice {
  readonly image: string;
  readonly reference: string;
  readonly foreign?: boolean;
}

async function tag({ core }: App, params: Tagging): Promise<string | undefined> {
  const asked = { ...params, reference: params.reference.trim() };
  try {
    return await core.call({ method: 'tagImage', params: asked });
  } catch (error) {
    if (toReport(error).code !== 'tag-taken') throw error;
    const move = l10n.t('Move the Name');
    const detail = l10n.t('That image keeps its other names; without one it has none any more.');
    const choice = await window.showWarningMessage(l10n.t('{0} is the name of another image.', asked.reference), { modal: true, detail }, move);
    return choice === move ? core.call({ method: 'tagImage', params: { ...asked, replace: true } }) : undefined;
  }
}
