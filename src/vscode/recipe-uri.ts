/** Addresses of the documents that show recipes: `pypackage:/polls/Dockerfile.release?ROOT`. */
import { Uri } from 'vscode';
import { type Recipe, RECIPES } from '../protocol/recipes.js';
import type { ProjectState } from './project-state.js';

export const RECIPE_SCHEME = 'pypackage';

export function recipeUri({ name, root }: ProjectState, image: Recipe): Uri {
  return Uri.from({ scheme: RECIPE_SCHEME, path: `/${name}/Dockerfile.${image}`, query: root });
}

/** The root of the project that a recipe belongs to. */
export function rootOfRecipe(uri: Uri): string | undefined {
  return uri.scheme === RECIPE_SCHEME ? uri.query : undefined;
}

/** `Dockerfile.release`, as errors name the generated files. */
export function recipeOfFile(file: string): Recipe | undefined {
  return RECIPES.find((recipe) => file === `Dockerfile.${recipe}`);
}
