/** The release of a project: started and stopped, by a command or a task, and what this window knows of it afterwards. */
import * as l10n from '@vscode/l10n';
import type { StartResult } from '../core/request.js';
import type { OutputLine } from '../protocol/worker.js';
import type { App } from './app.js';
import { joinWords } from './message-text.js';
import { withoutRelease } from './project-state.js';
import type { Project } from './projects.js';

export interface ReleaseOptions {
  readonly signal: AbortSignal;
  readonly target?: string | undefined;
}

export interface StartOptions extends ReleaseOptions {
  /** What the release writes until it answers. */
  readonly onLines: (lines: readonly OutputLine[]) => void;
}

/** Resolves when it answers. Cancelled, or ended before it answers, nothing of it is left. */
export async function startRelease({ core, projects, request }: App, project: Project, { signal, target, onLines }: StartOptions): Promise<StartResult> {
  const params = { ...request(project), ...(target !== undefined && { target }) };
  const result = await core.call({ method: 'start', params }, { signal, onLines });
  projects.update(project.state.root, (state) => ({ ...state, url: result.url }));
  return result;
}

/** Names of what was stopped. */
export async function stopRelease({ core, projects, request }: App, project: Project, { signal, target }: ReleaseOptions): Promise<readonly string[]> {
  const params = { ...request(project), ...(target !== undefined && { target }) };
  const stopped = await core.call({ method: 'stop', params }, { signal });
  projects.update(project.state.root, withoutRelease);
  return stopped;
}

export function startedText(name: string, { url, alreadyRunning, image }: StartResult): string {
  if (url === undefined) {
    return alreadyRunning
      ? l10n.t('{0} is already running ({1}). It publishes no port.', name, image)
      : l10n.t('{0} is running ({1}). It publishes no port.', name, image);
  }
  return alreadyRunning ? l10n.t('{0} is already running at {1}.', name, url) : l10n.t('{0} is running at {1}.', name, url);
}

export function stoppedText(name: string, stopped: readonly string[]): string {
  return stopped.length === 0 ? l10n.t('Nothing of {0} was running', name) : l10n.t('Stopped {0}', joinWords(stopped));
}
