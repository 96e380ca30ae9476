/** What fills each view, with what they share. */
import type { App } from '../app.js';
import type { ImageElement } from './image-rows.js';
import { Images } from './images.js';
import type { ContainerElement } from './container-rows.js';
import { Containers } from './containers.js';
import type { Place } from './lazy-tree.js';
import { sidebarOf } from './sidebar.js';
import type { TargetElement } from './target-rows.js';
import { Targets } from './targets.js';
import type { WheelElement } from './wheel-rows.js';
import { Wheels } from './wheels.js';

export const fillTargets = (app: App, place: Place<TargetElement>): Targets => new Targets(app, sidebarOf(app).status, place);
export function fillImages(app: App, place: Place<ImageElement>): Images {
  const { objects, status } = sidebarOf(app);
  return new Images(app, objects, status, place);
}

export const fillContainers = (app: App, place: Place<ContainerElement>): Containers => new Containers(app, sidebarOf(app).objects, place);
export const fillWheels = (app: App, place: Place<WheelElement>): Wheels => new Wheels(app, sidebarOf(app).wheels, place);
