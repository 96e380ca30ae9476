import * as l10n from '@vscode/l10n';
import { languages, type QuickPickItem, window, workspace } from 'vscode';
import type { Recipe } from '../../protocol/recipes.js';
import { stageWords } from '../project-rows.js';
import type { Project } from '../projects.js';
import { recipeUri } from '../recipe-uri.js';
import type { Command } from './command.js';
import { ARGUMENTS } from './command-specs.js';

interface RecipeItem extends QuickPickItem {
  readonly image: Recipe;
}

/** Any recipe as a read-only document, as the next run would use it. */
export const showDockerfile: Command = {
  needs: 'project',
  run: async (_, project, given) => {
    const image = given.get(ARGUMENTS.image) ?? (await askForImage(project));
    if (image === undefined) return;
    const document = await workspace.openTextDocument(recipeUri(project.state, image));
    await languages.setTextDocumentLanguage(document, 'dockerfile');
    await window.showTextDocument(document, { preview: true });
  },
};

async function askForImage({ state }: Project): Promise<Recipe | undefined> {
  const row = (image: Recipe, about: string): RecipeItem => {
    // The dependencies' layer is made by the stage of the release.
    const words = stageWords(state, image === 'layer' ? 'release' : image, Date.now());
    return { label: image, description: about, ...(words !== undefined && { detail: words }), image };
  };
  const items = [
    row('base', l10n.t('Python, a virtual environment and a user who is not root')),
    row('builder', l10n.t('the base with compilers and headers; wheels are built in it')),
    row('layer', l10n.t('the base with the dependencies of the lock')),
    row('release', l10n.t('the layer with the application: what ships')),
  ];
  const title = l10n.t('Dockerfile of {0}', state.name);
  return (await window.showQuickPick(items, { title, placeHolder: l10n.t('Which image'), matchOnDescription: true }))?.image;
}
