/** What the context keys are, from what is known of the projects. A command that may help is not hidden because nobody asked yet. Pure. */
import { CONTEXT_KEYS, type ContextKeyName } from './commands/context-key-specs.js';
import { isReleaseRunning, isRunning, lastRunOf, logOf, type ProjectState } from './project-state.js';

export function contextOf(states: readonly ProjectState[]): ReadonlyMap<ContextKeyName, boolean> {
  const values: Readonly<Record<ContextKeyName, boolean>> = {
    'pypackage.hasProject': states.length > 0,
    'pypackage.severalProjects': states.length > 1,
    'pypackage.running': states.some(isRunning),
    'pypackage.runningElsewhere': states.some(({ elsewhere }) => elsewhere !== undefined),
    'pypackage.hasRun': states.some((state) => lastRunOf(state) !== undefined),
    'pypackage.hasLog': states.some((state) => logOf(state) !== undefined),
    'pypackage.hasRemedy': states.some((state) => lastRunOf(state)?.error?.remedy !== undefined),
    'pypackage.releaseRunning': states.some((state) => isReleaseRunning(state) === true),
    'pypackage.releaseStopped': states.length > 0 && states.every((state) => isReleaseRunning(state) === false),
  };
  return new Map(CONTEXT_KEYS.map(({ key }) => [key, values[key]]));
}
