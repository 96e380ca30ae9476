/** Everything there is on the engine, of some kinds and with some labels. */
import { createHash } from 'node:crypto';
import type { EngineSnapshot, ObjectKind } from '../engine.js';
import type { EngineApi } from './api.js';
import { findContainers } from './containers.js';
import type { LabelFilter } from './filters.js';
import { findImages } from './images.js';
import { findNetworks } from './networks.js';
import { findVolumes } from './volumes.js';

export async function snapshotOf(api: EngineApi, kinds: readonly ObjectKind[], labels: LabelFilter, signal: AbortSignal): Promise<EngineSnapshot> {
  const wanted = <T>(kind: ObjectKind, find: (api: EngineApi, labels: LabelFilter, signal: AbortSignal) => Promise<readonly T[]>): Promise<readonly T[]> =>
    kinds.includes(kind) ? find(api, labels, signal) : Promise.resolve([]);
  const [containers, images, volumes, networks] = await Promise.all([
    wanted('container', findContainers),
    wanted('image', findImages),
    wanted('volume', findVolumes),
    wanted('network', findNetworks),
  ]);
  return { containers, images, volumes, networks };
}

/** The same for the same objects in any order: engines don't always sort. How long something has been running is no change. */
export function hashOf({ containers, images, volumes, networks }: EngineSnapshot): string {
  const sorted = [containers, images, volumes, networks].map((list) =>
    list.map((item) => JSON.stringify(item, (key, value: unknown) => (key === 'upFor' ? undefined : value))).sort(),
  );
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}
