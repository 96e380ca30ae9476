/** What the views of the side bar share; made with the first of them that is looked at. */
import type { App } from '../app.js';
import { EngineObjects } from './engine-objects.js';
import { WheelLists } from './wheel-lists.js';

export interface Sidebar {
  readonly objects: EngineObjects;
  readonly wheels: WheelLists;
}

const sidebars = new WeakMap<App, Sidebar>();

export function sidebarOf(app: App): Sidebar {
  const known = sidebars.get(app);
  if (known) return known;
  const sidebar: Sidebar = { objects: app.own(new EngineObjects(app)), wheels: app.own(new WheelLists(app)) };
  sidebars.set(app, sidebar);
  return sidebar;
}
