import type { App } from '../app.js';
import type { Project } from '../projects.js';

/** One verb. `project` commands are told which one is meant; they do not run in a folder that is not trusted. */
export type Command =
  | { readonly needs: 'nothing'; readonly run: (app: App, root: string | undefined) => Promise<unknown> | void }
  | { readonly needs: 'project'; readonly run: (app: App, project: Project) => Promise<unknown> };
