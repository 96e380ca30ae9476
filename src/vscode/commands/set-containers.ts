/** Containers started, stopped and started anew; all that are selected, side by side. */
import type { ContainerAction } from '../../core/objects/container-actions.js';
import { actOnContainers } from './act-on-containers.js';
import type { Command } from './command.js';
import { containersOf, inContainersView } from './given-containers.js';

const set = (action: ContainerAction): Command => ({
  needs: 'trust',
  run: (app, _, given) => Promise.resolve(inContainersView(async () => actOnContainers(app, await containersOf(app, given), { action }))),
});

export const startContainers = set('start');
export const stopContainers = set('stop');
export const restartContainers = set('restart');
