/** One action on several containers: what went well is told by their rows, what did not in one message. */
import * as l10n from '@vscode/l10n';
import type { ActOnContainer } from '../../core/objects/container-actions.js';
import type { LookedAtContainer } from '../../core/objects/look-at-containers.js';
import { isOwned } from '../../core/objects/ownership.js';
import type { App } from '../app.js';
import { toReport } from '../core-error.js';
import { withoutRelease } from '../project-state.js';
import { reportFailureOf } from '../report-failure.js';
import { titleOf } from '../views/container-rows.js';
import { chosenEngineParams } from '../settings.js';
import { sidebarOf } from '../views/sidebar.js';

/** Names of those that it was done to. */
export async function actOnContainers(app: App, containers: readonly LookedAtContainer[], act: Omit<ActOnContainer, 'container'>): Promise<readonly string[]> {
  const results = await Promise.allSettled(
    containers.map(({ id }) => app.core.call({ method: 'containerAction', params: { ...chosenEngineParams(), ...act, container: id } })),
  );
  const done = containers.filter((_, at) => results[at]?.status === 'fulfilled');
  const failed = results.flatMap((result, at) => {
    const container = containers[at];
    return result.status === 'rejected' && container ? [{ container, error: toReport(result.reason), reason: result.reason as unknown }] : [];
  });
  for (const { container, error } of failed.slice(1)) app.output.error(titleOf(container), error);
  const [first, ...others] = failed;
  if (first) {
    const title = titleOf(first.container);
    reportFailureOf(app.output, others.length === 0 ? title : l10n.t('{0} and {1} more', title, others.length), first.reason);
  }
  await noteReleases(app, done, act.action);
  return done.map(({ name }) => name);
}

/** What the window knows of started releases is what it did to them last. */
async function noteReleases(app: App, containers: readonly LookedAtContainer[], action: ActOnContainer['action']): Promise<void> {
  const { core, projects } = app;
  const { owners } = sidebarOf(app).objects;
  for (const container of containers.filter(({ kind }) => kind === 'service')) {
    const root = owners.find((owner) => isOwned(container, owner))?.root;
    if (root === undefined) continue;
    if (action === 'stop' || action === 'remove') projects.update(root, withoutRelease);
    else {
      const look = core.call({ method: 'lookAtContainers', params: { ...chosenEngineParams(), containers: [container.id] } });
      // It may have ended at once: its row says so.
      const url = await look.then(
        ([found]) => found?.url,
        () => undefined,
      );
      projects.update(root, (state) => ({ ...state, url }));
    }
  }
}
