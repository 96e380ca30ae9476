/** From a place that a container printed to the file of the workspace that it is. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../core/project/container-paths.js';
import { Uri } from 'vscode';
import type { ProjectState } from './project-state.js';
import { recipeOfFile, recipeUri } from './recipe-uri.js';

/** A folder that is packaged lies on a disk here: looking takes microseconds, and only once for each path. */
export class LinkTargets {
  private readonly known = new Map<string, string>();
  private missing = new Map<string, number>();

  constructor(private readonly projects: () => readonly ProjectState[]) {}

  /**
   * @param root the project that the text is of; undefined: any of the window's
   * @returns the file, with the line as VS Code's openers understand it
   */
  find(path: string, line: number | undefined, column: number | undefined, root: string | undefined): Uri | undefined {
    for (const state of this.projects()) {
      if (root !== undefined && state.root !== root) continue;
      const recipe = recipeOfFile(path);
      const uri = recipe ? recipeUri(state, recipe) : this.file(state.root, path);
      if (uri) return line === undefined ? uri : uri.with({ fragment: `L${line}${column === undefined ? '' : `,${column}`}` });
    }
    return undefined;
  }

  private file(root: string, path: string): Uri | undefined {
    const key = `${root}\0${path}`;
    const known = this.known.get(key);
    if (known !== undefined) return Uri.file(known);
    if ((this.missing.get(key) ?? 0) > Date.now() - 10_000) return undefined;
    const file = inProject(path)
      .map((relative) => join(root, relative))
      .find(isFile);
    if (this.known.size + this.missing.size > 5_000) {
      this.known.clear();
      this.missing.clear();
    }
    if (file === undefined) this.missing.set(key, Date.now());
    else this.known.set(key, file);
    return file === undefined ? undefined : Uri.file(file);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
