/** Where a place of an error is opened. */
import { isAbsolute, join } from 'node:path';
import { Uri } from 'vscode';
import type { Place } from '../core/errors.js';
import type { Project } from './projects.js';
import { recipeOfFile, recipeUri } from './recipe-uri.js';

export function uriOfPlace(project: Project, place: Place): Uri {
  const recipe = recipeOfFile(place.file);
  if (recipe) return recipeUri(project.state, recipe);
  return Uri.file(isAbsolute(place.file) ? place.file : join(project.state.root, place.file));
}
