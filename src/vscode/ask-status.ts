/** What the engine says of a project: which stages are up to date, what is started, who works on it. Makes nothing. */
import type { StatusDocument } from '../core/request.js';
import type { App } from './app.js';
import { lastRunOf } from './project-state.js';
import type { Project } from './projects.js';
import { elsewhereByStatus } from './record-view.js';

/** The window knows it afterwards. */
export async function askStatus(
  { core, projects, request }: Pick<App, 'core' | 'projects' | 'request'>,
  project: Project,
  { target, signal }: { readonly target?: string | undefined; readonly signal?: AbortSignal },
): Promise<StatusDocument> {
  const { root, savedSince } = project.state;
  const params = { ...request(project), ...(target !== undefined && { target }) };
  const document = await core.call({ method: 'status', params }, signal ? { signal } : {});
  const url = document.services.find((service) => service.url !== undefined)?.url;
  projects.update(root, (state) => {
    const lastRun = lastRunOf(state);
    const elsewhere = elsewhereByStatus(state, document.running);
    // What was saved while it was asked may not be in the answer.
    const saved = state.savedSince === savedSince ? undefined : state.savedSince;
    return { ...state, elsewhere, known: { kind: 'status', document, at: Date.now(), ...(lastRun && { lastRun }) }, savedSince: saved, url };
  });
  return document;
}
