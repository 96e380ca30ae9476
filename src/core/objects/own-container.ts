/** Containers that may be acted upon: ours, and not what a run holds its target with. */
import type { ContainerSummary, Engine } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { UserError } from '../errors.js';

/**
 * @param container id or name
 * @throws UserError `container-missing`, `container-foreign`, `container-lease`: nothing was done
 */
export async function ownContainer(engine: Engine, container: string, signal?: AbortSignal): Promise<ContainerSummary> {
  const found = await engine.inspectContainer(container, signal);
  if (!found) throw new UserError({ kind: 'engine', code: 'container-missing', message: `There is no container ${container} on the engine any more` });
  const kind = found.labels[LABEL.kind];
  if (kind === undefined) {
    throw new UserError({
      kind: 'project',
      code: 'container-foreign',
      message: `${found.name} is no container of PyPackage's: it is left alone`,
      why: `It carries no label ${LABEL.kind}`,
    });
  }
  if (kind === 'lease') {
    throw new UserError({
      kind: 'project',
      code: 'container-lease',
      message: `${found.name} belongs to a run that is at work: it is left alone`,
      fix: 'Cancel the run',
    });
  }
  return found;
}

/** The same, and it runs: only then there is something to be in. */
export async function runningContainer(engine: Engine, container: string, signal?: AbortSignal): Promise<ContainerSummary> {
  const found = await ownContainer(engine, container, signal);
  if (found.state === 'running') return found;
  throw new UserError({
    kind: 'project',
    code: 'container-not-running',
    message: `${found.name} does not run: it is ${found.state}`,
    fix: found.state === 'paused' ? 'Let it go on (docker unpause), or restart it' : 'Start it',
  });
}
