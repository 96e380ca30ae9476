/** The views of the side bar. What fills one is loaded when somebody looks at it. */
import { Disposable } from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import { LazyTree } from './lazy-tree.js';
import type { TargetElement } from './target-rows.js';
import { WheelDrag } from './wheel-drag.js';
import type { WheelElement } from './wheel-rows.js';

export function registerViews(app: App): Disposable {
  const targets = new LazyTree<TargetElement>('pypackage.targets', async (place) => (await loadOnDemand()).fillTargets(app, place));
  app.selections.add('pypackage.targets', () => targets.selection);
  const wheels = new LazyTree<WheelElement>('pypackage.wheels', async (place) => (await loadOnDemand()).fillWheels(app, place), {
    canSelectMany: true,
    dragAndDropController: new WheelDrag(),
  });
  app.selections.add('pypackage.wheels', () => wheels.selection);
  return Disposable.from(targets, wheels);
}
