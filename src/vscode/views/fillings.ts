/** What fills each view, with what they share. */
import type { App } from '../app.js';
import type { Place } from './lazy-tree.js';
import { sidebarOf } from './sidebar.js';
import type { TargetElement } from './target-rows.js';
import { Targets } from './targets.js';
import type { WheelElement } from './wheel-rows.js';
import { Wheels } from './wheels.js';

export const fillTargets = (app: App, place: Place<TargetElement>): Targets => new Targets(app, sidebarOf(app).objects, place);
export const fillWheels = (app: App, place: Place<WheelElement>): Wheels => new Wheels(app, sidebarOf(app).wheels, place);
