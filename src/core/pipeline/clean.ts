/** What of this project is on the engine, and removing it. Only what carries our labels; data volumes are never touched. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { EngineRefusal } from '../engine/problems.js';
import { throwIfAborted } from '../errors.js';
import { isOwnImage, ownedBy, ownTags } from '../objects/ownership.js';
import type { CleanItem } from '../request.js';
import { readExport } from '../wheels/export.js';
import { exportFolder } from './facts.js';
import type { LocalFacts } from './facts.js';
import { Inventory } from './inventory.js';
import { runContainers, sweepUnheld } from './lease.js';
import { candidates } from './retention.js';
import { sweepTemporary } from './temporary.js';

/** What dead runs have left goes at once, unless a run works: nobody misses it. Returns what went of the engine. */
export async function sweepForClean(engine: Engine, facts: LocalFacts, signal: AbortSignal): Promise<readonly CleanItem[]> {
  const [listed, inventory] = await Promise.all([runContainers(engine, facts, signal), Inventory.of(engine, signal), sweepTemporary()]);
  const swept = await sweepUnheld(engine, facts, listed, { signal, isPatient: true });
  if (swept === 'held') return [];
  const unreleased = candidates({ ...facts, inventory });
  for (const reference of unreleased) await engine.removeImage(reference);
  const reason = 'left by a run that died';
  return [
    ...swept.map(({ id, name }): CleanItem => ({ kind: 'container', id, name, reason })),
    ...unreleased.map((reference): CleanItem => ({ kind: 'image', id: reference, name: reference, reason })),
  ];
}

export async function previewClean(engine: Engine, facts: LocalFacts, signal: AbortSignal): Promise<readonly CleanItem[]> {
  const own = { [LABEL.project]: facts.projectId, [LABEL.target]: facts.target };
  const [containers, images, volumes, exported] = await Promise.all([
    engine.findContainers({ ...own, [LABEL.kind]: null }, signal),
    engine.findImages({ [LABEL.kind]: null }, signal),
    engine.findVolumes({ [LABEL.kind]: 'cache' }),
    readExport(exportFolder(facts)),
  ]);
  const mine = images.filter((image) => isMine(image, facts));
  const bases = new Set(mine.filter((image) => image.labels[LABEL.kind] === 'base').map((image) => image.labels[LABEL.fingerprint]));
  const others = new Set(images.filter((image) => !mine.includes(image)).map((image) => image.labels[LABEL.fingerprint]));
  return [
    // A lease belongs to a run that works, and ends with it.
    ...containers
      .filter((container) => container.labels[LABEL.kind] !== 'lease')
      .map((container): CleanItem => ({
        kind: 'container',
        id: container.id,
        name: container.name,
        reason: container.labels[LABEL.kind] === 'service' ? 'started release' : 'job',
      })),
    ...mine.flatMap((image) => imageItems(image, facts)),
    ...volumes
      .filter((volume) => bases.has(volume.labels[LABEL.fingerprint]) && !others.has(volume.labels[LABEL.fingerprint]))
      .map((volume): CleanItem => ({ kind: 'volume', id: volume.name, name: volume.name, reason: 'cache of wheels' })),
    ...(exported ? [{ kind: 'export' as const, id: exportFolder(facts), name: join('target', 'pypackage', facts.target), reason: 'exported wheels' }] : []),
  ];
}

/** Images of other projects may share a fingerprint: only this target's names go, and the image with its last name. */
function imageItems(image: ImageSummary, facts: LocalFacts): readonly CleanItem[] {
  const kind = image.labels[LABEL.kind] ?? 'image';
  const size = image.size;
  const names = ownTags(image.tags, facts);
  if (names.length === 0) return [{ kind: 'image', id: image.id, name: image.id, size, reason: `${kind}, without a tag` }];
  return names.map((name, i) => ({ kind: 'image', id: name, name, ...(i === 0 && names.length === image.tags.length && { size }), reason: kind }));
}

function isMine({ labels, tags }: ImageSummary, facts: LocalFacts): boolean {
  return isOwnImage({ ...ownedBy(labels), tags }, facts);
}

/** Returns what went. Containers first, since they hold images. */
/** A cache that another target's run works with stays: it goes with the last that needs it. */
async function isRemoved(engine: Engine, item: CleanItem): Promise<boolean> {
  try {
    await remove(engine, item);
    return true;
  } catch (error) {
    if (item.kind === 'volume' && error instanceof EngineRefusal && /in use|being used/.test(error.reason)) return false;
    throw error;
  }
}

export async function clean(engine: Engine, facts: LocalFacts, items: readonly CleanItem[], signal: AbortSignal): Promise<readonly CleanItem[]> {
  // What was previewed may have changed since, and a caller may ask for anything: only what is still ours goes.
  const still = new Map((await previewClean(engine, facts, signal)).map((item) => [`${item.kind} ${item.id}`, item]));
  const order: readonly CleanItem['kind'][] = ['container', 'image', 'volume', 'export'];
  const gone: CleanItem[] = [];
  for (const kind of order) {
    for (const item of items) {
      if (item.kind !== kind || !still.has(`${item.kind} ${item.id}`)) continue;
      throwIfAborted(signal);
      if (await isRemoved(engine, item)) gone.push(item);
    }
  }
  return gone;
}

async function remove(engine: Engine, item: CleanItem): Promise<void> {
  switch (item.kind) {
    case 'container':
      return engine.removeContainer(item.id);
    case 'image':
      return engine.removeImage(item.id);
    case 'volume':
      return engine.removeVolume(item.id);
    case 'export':
      return rm(item.id, { recursive: true, force: true });
  }
}
