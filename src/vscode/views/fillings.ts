/** What fills each view, with what they share. */
import type { App } from '../app.js';
import type { Place } from './lazy-tree.js';
import { sidebarOf } from './sidebar.js';
import type { TargetElement } from './target-rows.js';
import { Targets } from './targets.js';

export const fillTargets = (app: App, place: Place<TargetElement>): Targets => new Targets(app, sidebarOf(app).objects, place);
