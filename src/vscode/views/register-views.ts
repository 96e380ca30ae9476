/** The views of the side bar. What fills one is loaded when somebody looks at it. */
import { Disposable } from 'vscode';
import type { App } from '../app.js';
import { loadOnDemand } from '../load-on-demand.js';
import type { ImageElement } from './image-rows.js';
import type { ContainerElement } from './container-rows.js';
import { LazyTree } from './lazy-tree.js';
import type { TargetElement } from './target-rows.js';
import { WheelDrag } from './wheel-drag.js';
import type { WheelElement } from './wheel-rows.js';

const SEVERAL = { canSelectMany: true };

export function registerViews(app: App): Disposable {
  const targets = new LazyTree<TargetElement>('pypackage.targets', async (place) => (await loadOnDemand()).fillTargets(app, place));
  const images = new LazyTree<ImageElement>('pypackage.images', async (place) => (await loadOnDemand()).fillImages(app, place), SEVERAL);
  const wheelOptions = { ...SEVERAL, dragAndDropController: new WheelDrag() };
  const wheels = new LazyTree<WheelElement>('pypackage.wheels', async (place) => (await loadOnDemand()).fillWheels(app, place), wheelOptions);
  const containers = new LazyTree<ContainerElement>('pypackage.containers', async (place) => (await loadOnDemand()).fillContainers(app, place), SEVERAL);
  app.selections.add('pypackage.targets', () => targets.selection);
  app.selections.add('pypackage.images', () => images.selection);
  app.selections.add('pypackage.wheels', () => wheels.selection);
  app.selections.add('pypackage.containers', () => containers.selection);
  return Disposable.from(targets, images, wheels, containers);
}
