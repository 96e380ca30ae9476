/** What there is to know of a few containers of ours before something is done to them. */
import type { Engine } from '../engine/engine.js';
import { anyUrlOf } from '../environments/service.js';
import { type ContainerRow, containerRow } from './object-rows.js';
import { ownContainer } from './own-container.js';

export interface LookedAtContainer extends ContainerRow {
  /** Where this machine reaches what it serves; undefined where it publishes nothing, or does not run. */
  readonly url?: string;
  /** Bytes that it has written beside its image and its volumes: they go with it. Only where sizes were asked for. */
  readonly size?: number;
}

export interface LookAtContainers {
  /** Ids or names. */
  readonly containers: readonly string[];
  /** Default: false. */
  readonly sizes?: boolean;
}

/** Each once, in this order. @throws UserError as `ownContainer`, when one of them is missing or not ours */
export async function lookAtContainers(
  engine: Engine,
  { containers, sizes = false }: LookAtContainers,
  signal: AbortSignal,
): Promise<readonly LookedAtContainer[]> {
  const found = await Promise.all(
    containers.map(async (name): Promise<LookedAtContainer> => {
      const container = await ownContainer(engine, name, signal);
      const url = anyUrlOf(container, engine);
      const size = sizes ? await engine.containerSize(container.id, signal) : undefined;
      const since = container.state === 'running' ? Date.parse(container.startedAt ?? '') : Number.NaN;
      return {
        ...containerRow(container, Number.isNaN(since) ? undefined : since),
        ...(url !== undefined && { url }),
        ...(size !== undefined && { size }),
      };
    }),
  );
  return [...new Map(found.map((row) => [row.id, row])).values()];
}
