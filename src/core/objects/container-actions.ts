/** What is done to one container of ours, by its id. */
import type { ContainerSummary, Engine } from '../engine/engine.js';
import { UserError } from '../errors.js';
import { ownContainer } from './own-container.js';

export const CONTAINER_ACTIONS = ['start', 'stop', 'restart', 'remove'] as const;
export type ContainerAction = (typeof CONTAINER_ACTIONS)[number];

export interface ActOnContainer {
  readonly action: ContainerAction;
  /** Id or name. */
  readonly container: string;
  /** Removes it although it runs. Default: false. */
  readonly force?: boolean;
}

export interface ActedOn {
  readonly id: string;
  readonly name: string;
}

/** Refuses what is not ours, before anything is done (own-container.ts). */
export async function actOnContainer(engine: Engine, { action, container, force = false }: ActOnContainer, signal: AbortSignal): Promise<ActedOn> {
  const found = await ownContainer(engine, container, signal);
  const { id, name } = found;
  try {
    await act(engine, found, action, force);
  } catch (error) {
    throw byName(error, found);
  }
  return { id, name };
}

/** From here on by its id: another container may get its name meanwhile. */
async function act(engine: Engine, found: ContainerSummary, action: ContainerAction, force: boolean): Promise<void> {
  const { id, name, state } = found;
  switch (action) {
    case 'start':
      return engine.startAgain(id);
    case 'stop':
      return engine.stopContainer(id);
    case 'restart':
      return engine.restartContainer(id);
    case 'remove':
      if (force || !UP.has(state)) return engine.removeContainer(id, { force });
      throw new UserError({
        kind: 'project',
        code: 'container-running',
        message: `${name} is ${state} and was not removed`,
        fix: 'Stop it first, or remove it by force',
      });
    default:
      return action satisfies never;
  }
}

const UP: ReadonlySet<ContainerSummary['state']> = new Set(['running', 'paused', 'restarting']);

/** An engine names a container as it was named to it: by 64 digits. */
function byName(error: unknown, { id, name }: ContainerSummary): unknown {
  if (!(error instanceof UserError) || !error.message.includes(id)) return error;
  const { kind, code, message, why, fix } = error;
  return new UserError({
    kind,
    code,
    message: message.replaceAll(id, name),
    ...(why !== undefined && { why }),
    ...(fix !== undefined && { fix }),
    cause: error,
  });
}
