import { languages, type QuickPickItem, window, workspace } from 'vscode';
import type { Recipe } from '../../protocol/recipes.js';
import { recipeUri } from '../recipe-uri.js';
import type { Command } from './command.js';

interface RecipeItem extends QuickPickItem {
  readonly image: Recipe;
}

const ITEMS: readonly RecipeItem[] = [
  { label: 'base', description: 'Python, a virtual environment and a user who is not root', image: 'base' },
  { label: 'builder', description: 'the base with compilers and headers; wheels are built in it', image: 'builder' },
  { label: 'layer', description: 'the base with the dependencies of the lock', image: 'layer' },
  { label: 'release', description: 'the layer with the application: what ships', image: 'release' },
];

/** Any recipe as a read-only document, as the next run would use it. */
export const showDockerfile: Command = {
  needs: 'project',
  run: async (_, project) => {
    const item = await window.showQuickPick(ITEMS, { title: `Dockerfile of ${project.state.name}`, placeHolder: 'Which image', matchOnDescription: true });
    if (!item) return;
    const document = await workspace.openTextDocument(recipeUri(project.state, item.image));
    await languages.setTextDocumentLanguage(document, 'dockerfile');
    await window.showTextDocument(document, { preview: true });
  },
};
