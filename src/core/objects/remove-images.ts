/** Removing images: what would go and what it frees, then the removing itself. Only names that were shown go, and what is in use stays unless it is asked for. */
import type { ContainerSummary, Engine, ImageDetails } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { type ErrorReport, isCancelled, reportOf, throwIfAborted, UserError } from '../errors.js';
import { layerSizes } from './layer-sizes.js';
import { chosenImage, type ImageChoice } from './own-image.js';

export interface RemovalChoice extends ImageChoice {
  /** Names that go, the image with its last. Default: all, and the image. */
  readonly names?: readonly string[];
}

export interface RemovalRow {
  /** Id. */
  readonly image: string;
  /** Those that go. */
  readonly names: readonly string[];
  /** Whether the image goes, and not only names of it. */
  readonly isWhole: boolean;
  /** Undefined: it is not ours. */
  readonly kind?: string;
  readonly project?: string;
  /** Names of containers that were made of it, whoever's. */
  readonly usedBy: readonly { readonly name: string; readonly isRunning: boolean }[];
}

export interface RemovalPreview {
  readonly rows: readonly RemovalRow[];
  /** Bytes that no other image needs; undefined where the engine does not say enough. */
  readonly freed: number | undefined;
}

export async function previewRemoval(engine: Engine, choices: readonly RemovalChoice[], signal: AbortSignal): Promise<RemovalPreview> {
  const containers = await engine.findContainers({}, signal);
  const found: { readonly image: ImageDetails; readonly row: RemovalRow }[] = [];
  for (const choice of choices) {
    const image = await chosenImage(engine, choice, signal);
    found.push({ image, row: rowOf(image, choice.names, containers) });
  }
  const going = found.filter(({ row }) => row.isWhole).map(({ image }) => image);
  return { rows: found.map(({ row }) => row), freed: await freedBytes(engine, going, signal) };
}

function rowOf(image: ImageDetails, names: readonly string[] | undefined, containers: readonly ContainerSummary[]): RemovalRow {
  const { [LABEL.kind]: kind, [LABEL.project]: project } = image.labels;
  const going = names === undefined ? image.tags : image.tags.filter((tag) => names.includes(tag));
  return {
    image: image.id,
    names: going,
    isWhole: going.length === image.tags.length,
    ...(kind !== undefined && { kind }),
    ...(project !== undefined && { project }),
    usedBy: containers.filter(({ imageId }) => imageId === image.id).map(({ name, state }) => ({ name, isRunning: state === 'running' || state === 'paused' })),
  };
}

/** Inspected side by side: an engine answers some hundreds of them in less than a second. */
const AT_ONCE = 16;

async function freedBytes(engine: Engine, going: readonly ImageDetails[], signal: AbortSignal): Promise<number | undefined> {
  if (going.length === 0) return 0;
  const ids = new Set(going.map(({ id }) => id));
  const staying = (await engine.findImages({}, signal)).filter(({ id }) => !ids.has(id));
  const needed = new Set<string>();
  for (let at = 0; at < staying.length; at += AT_ONCE) {
    throwIfAborted(signal);
    const some = await Promise.all(staying.slice(at, at + AT_ONCE).map(({ id }) => engine.inspectImage(id, signal)));
    for (const image of some) for (const chain of chainsOf(image?.layers ?? [])) needed.add(chain);
  }
  const freed = new Map<string, number>();
  for (const image of going) {
    const sizes = layerSizes(image.layers.length, await engine.imageLayers(image.id, signal));
    if (!sizes) return undefined;
    chainsOf(image.layers).forEach((chain, at) => {
      if (!needed.has(chain)) freed.set(chain, sizes[at] ?? 0);
    });
  }
  return [...freed.values()].reduce((sum, size) => sum + size, 0);
}

/** A layer is kept together with those below it: the same files on other ground are another one (OCI image spec, ChainID). */
function chainsOf(layers: readonly string[]): readonly string[] {
  return layers.map((_, at) => layers.slice(0, at + 1).join(' '));
}

export interface Removed {
  /** Id. */
  readonly image: string;
  /** Undefined: it went. */
  readonly problem?: ErrorReport;
}

/** One after the other; what cannot go is told, and the others go. @param force also what a stopped container was made of */
export async function removeImages(engine: Engine, choices: readonly RemovalChoice[], force: boolean, signal: AbortSignal): Promise<readonly Removed[]> {
  const results: Removed[] = [];
  for (const choice of choices) {
    try {
      throwIfAborted(signal);
      await removeOne(engine, choice, force, signal);
      results.push({ image: choice.image });
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      results.push({ image: choice.image, problem: reportOf(error) });
    }
  }
  return results;
}

async function removeOne(engine: Engine, choice: RemovalChoice, force: boolean, signal: AbortSignal): Promise<void> {
  const image = await chosenImage(engine, choice, signal);
  const { names, isWhole } = rowOf(image, choice.names, []);
  if (isWhole) return engine.removeImage(image.id, { force });
  for (const name of names) {
    // A name that has moved meanwhile is another image's.
    if ((await engine.inspectImage(name, signal))?.id === image.id) await engine.removeImage(name);
  }
}
