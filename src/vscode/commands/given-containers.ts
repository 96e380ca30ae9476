/** Which containers a command is about: as the engine knows them now, since what a view shows may be of a moment ago. */
import * as l10n from '@vscode/l10n';
import { window } from 'vscode';
import { UserError } from '../../core/errors.js';
import type { LookedAtContainer } from '../../core/objects/look-at-containers.js';
import type { App } from '../app.js';
import { chosenEngineParams } from '../settings.js';
import { ARGUMENTS } from './command-specs.js';
import type { Given } from './parameters.js';

/**
 * All that were given, or selected.
 * @throws UserError `argument-missing`; what the core says of one that is gone or not ours
 */
export async function containersOf({ core }: App, given: Given, { sizes = false }: { readonly sizes?: boolean } = {}): Promise<readonly LookedAtContainer[]> {
  const containers = given.all(ARGUMENTS.container);
  if (containers.length === 0) throw noneGiven();
  return core.call({ method: 'lookAtContainers', params: { ...chosenEngineParams(), containers, sizes } });
}

/** The one that was clicked, where only one can be meant. */
export async function containerOf({ core }: App, given: Given): Promise<LookedAtContainer> {
  const container = given.get(ARGUMENTS.container);
  if (container === undefined) throw noneGiven();
  const [found] = await core.call({ method: 'lookAtContainers', params: { ...chosenEngineParams(), containers: [container] } });
  if (!found) throw noneGiven();
  return found;
}

const noneGiven = (): UserError =>
  new UserError({ kind: 'project', code: 'argument-missing', message: l10n.t('No container is chosen'), fix: l10n.t('Select one in the view Containers') });

/** Seen at the top of the view. */
export function inContainersView<T>(work: () => Promise<T>): Thenable<T> {
  return window.withProgress({ location: { viewId: 'pypackage.containers' } }, work);
}
