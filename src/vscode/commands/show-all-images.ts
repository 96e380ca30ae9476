import type { App } from '../app.js';
import { sidebarOf } from '../views/sidebar.js';
import type { Command } from './command.js';

/** Also what is not of this window's projects; remembered for the workspace. */
export const showAllImages: Command = { needs: 'nothing', run: (app) => show(app, true) };
export const showOwnImages: Command = { needs: 'nothing', run: (app) => show(app, false) };

async function show(app: App, isAll: boolean): Promise<void> {
  await sidebarOf(app).showAllImages(isAll);
}
