/** The views of the side bar. What fills one is loaded when somebody looks at it. */
import * as l10n from '@vscode/l10n';
import { Disposable, workspace } from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import { isBusy } from '../project-state.js';
import type { ImageElement } from './image-rows.js';
import type { ContainerElement } from './container-rows.js';
import { LazyTree } from './lazy-tree.js';
import type { TargetElement } from './target-rows.js';
import { WheelDrag } from './wheel-drag.js';
import type { WheelElement } from './wheel-rows.js';

const SEVERAL = { canSelectMany: true };

export function registerViews(app: App): Disposable {
  const targets = new LazyTree<TargetElement>('pypackage.targets', async (place) => (await loadFor(app)).fillTargets(app, place));
  const images = new LazyTree<ImageElement>('pypackage.images', async (place) => (await loadFor(app)).fillImages(app, place), SEVERAL);
  const wheelOptions = { ...SEVERAL, dragAndDropController: new WheelDrag() };
  const wheels = new LazyTree<WheelElement>('pypackage.wheels', async (place) => (await loadFor(app)).fillWheels(app, place), wheelOptions);
  const containers = new LazyTree<ContainerElement>('pypackage.containers', async (place) => (await loadFor(app)).fillContainers(app, place), SEVERAL);
  app.selections.add('pypackage.targets', () => targets.selection);
  app.selections.add('pypackage.images', () => images.selection);
  app.selections.add('pypackage.wheels', () => wheels.selection);
  app.selections.add('pypackage.containers', () => containers.selection);
  return Disposable.from(targets, images, wheels, containers, keepBadge(app, targets));
}

/** A view that is looked at asks the core at once, where it may. */
function loadFor(app: App): ReturnType<typeof loadOnDemand> {
  if (workspace.isTrusted && app.projects.all.length > 0) app.warm();
  return loadOnDemand();
}

/** How many runs are at work; also while no view was looked at yet. */
function keepBadge({ projects }: App, targets: LazyTree<TargetElement>): Disposable {
  let shown = 0;
  return projects.onDidChange(() => {
    const busy = projects.all.filter(({ state }) => isBusy(state)).length;
    if (busy === shown) return;
    shown = busy;
    targets.badge = busy === 0 ? undefined : { value: busy, tooltip: busy === 1 ? l10n.t('1 run is at work') : l10n.t('{0} runs are at work', busy) };
  });
}
