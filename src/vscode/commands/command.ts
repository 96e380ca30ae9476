import type { App } from '../app.js';
import type { Project } from '../projects.js';
import type { Given } from './parameters.js';

/**
 * One verb. `project` commands are told which one is meant; neither they nor those that need `trust` run in a folder that is not
 * trusted. What `run` resolves with is what `executeCommand` gives to other extensions.
 */
export type Command =
  | { readonly needs: 'nothing' | 'trust'; readonly run: (app: App, root: string | undefined, given: Given) => Promise<unknown> | void }
  | { readonly needs: 'project'; readonly run: (app: App, project: Project, given: Given) => Promise<unknown> };
