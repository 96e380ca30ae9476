/**
 * Nothing piles up: what no release names any more goes, except the newest two of each. Only what carries our labels and
 * this target's names is touched, and a failure here never fails a run that succeeded.
 */
import type { ContainerSummary, Engine, ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import type { Kind } from '../engine/labels.js';
import { UserError, messageOf } from '../errors.js';
import { CANDIDATE, imageName, isPassingTag } from '../images/names.js';
import type { ImageContext } from '../images/names.js';
import type { Facts } from './facts.js';
import { sweepUnheld } from './lease.js';
import type { StageContext } from './stages/context.js';

const GENERATIONS = 2;

/** @param inUse fingerprints that this run worked with */
export async function removePassed({ engine, facts, emit }: StageContext, inUse: ReadonlySet<string>): Promise<void> {
  const remove = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      emit({ type: 'log', stage: 'release', stream: 'note', text: `${name} stays: ${messageOf(error)}` });
    }
  };
  const references = passed(facts, inUse);
  await Promise.all(references.map((reference) => remove(reference, () => engine.removeImage(reference))));
  const bases = goneBases(facts, new Set(references));
  if (bases.size === 0) return;
  await remove('a cache', async () => {
    const caches = await engine.findVolumes({ [LABEL.kind]: 'cache', [LABEL.fingerprint]: null });
    const unused = caches.filter(({ labels }) => bases.has(labels[LABEL.fingerprint] ?? ''));
    await Promise.all(unused.map(({ name }) => remove(name, () => engine.removeVolume(name))));
  });
}

/** Fingerprints of base images that nobody has any more: what was downloaded and compiled for one is of no use to another. Pure. */
export function goneBases({ inventory }: Pick<Facts, 'inventory'>, removed: ReadonlySet<string>): ReadonlySet<string> {
  const isGone = (image: ImageSummary): boolean => referencesOf(image).every((reference) => removed.has(reference));
  const [gone, staying] = [inventory.all('base').filter(isGone), inventory.all('base').filter((image) => !isGone(image))];
  const needed = new Set(staying.map((image) => image.labels[LABEL.fingerprint]));
  return new Set(gone.flatMap(({ labels }) => labels[LABEL.fingerprint] ?? []).filter((print) => !needed.has(print)));
}

/**
 * A run that found nothing to do has no lease, and so swept nothing: what is left of dead runs goes, unless another run works.
 * @param listed what `runContainers` told before the run looked at anything
 */
export async function sweepAfterNothing(engine: Engine, facts: Facts, listed: Promise<readonly ContainerSummary[]>, signal: AbortSignal): Promise<void> {
  const left = candidates(facts);
  try {
    const containers = await listed;
    if (containers.length === 0 && left.length === 0) return;
    if ((await sweepUnheld(engine, facts, containers, { signal, isPatient: false })) === 'held') return;
    await Promise.all(left.map((reference) => engine.removeImage(reference)));
  } catch (error) {
    if (!(error instanceof UserError)) throw error; // the next run tries again
  }
}

/** References and ids to remove. Pure. */
export function passed(facts: Facts, inUse: ReadonlySet<string>): readonly string[] {
  const releases = facts.inventory.all('release');
  const goneReleases = passedReleases(facts, releases);
  const gone = new Set(goneReleases.map((image) => image.id));
  const staying = releases.filter((image) => !gone.has(image.id));
  const named = new Set(staying.flatMap((image) => [image.labels[LABEL.application], image.labels[LABEL.layer], image.labels[LABEL.dependencies]]));
  const contexts: readonly (readonly [Kind, ImageContext])[] = [
    ['wheels', 'wheels'],
    ['deps', 'deps'],
    ['layer', 'deps'],
    ['builder', 'builder'],
    ['base', 'base'],
  ];
  const isNeeded = ({ labels }: ImageSummary): boolean => named.has(labels[LABEL.fingerprint]) || inUse.has(labels[LABEL.fingerprint] ?? '');
  return [
    ...candidates(facts),
    ...goneReleases.flatMap(referencesOf),
    ...contexts.flatMap(([kind, context]) => doubles(facts.inventory.all(kind), `${imageName(facts.namespace, facts.target, context)}:`)),
    ...contexts.flatMap(([kind, context]) => {
      const name = `${imageName(facts.namespace, facts.target, context)}:`;
      const own = facts.inventory.all(kind).filter((image) => image.tags.some((tag) => tag.startsWith(name)));
      const old = newestFirst(own).slice(GENERATIONS);
      return old.filter((image) => !isNeeded(image)).flatMap((image) => image.tags.filter((tag) => tag.startsWith(name)));
    }),
  ];
}

/** What runs that were killed were about to release. To be removed only with the lease, or when nobody has it. */
export function candidates({ inventory, namespace, target }: Pick<Facts, 'inventory' | 'namespace' | 'target'>): readonly string[] {
  const name = `${imageName(namespace, target, 'release')}:${CANDIDATE}`;
  return inventory.all('release').flatMap((image) => image.tags.filter((tag) => tag.startsWith(name)));
}

/** A release goes when nothing names it, or, beyond the newest, nothing but passing tags: those of states that no commit has. */
function passedReleases(facts: Facts, releases: readonly ImageSummary[]): readonly ImageSummary[] {
  const own = releases
    .filter((image) => image.labels[LABEL.project] === facts.projectId && image.labels[LABEL.target] === facts.target)
    .filter((image) => image.tags.length === 0 || image.tags.some((reference) => !tagOf(reference).startsWith(CANDIDATE)));
  const isPassing = (image: ImageSummary): boolean => image.tags.every((reference) => isPassingTag(tagOf(reference)));
  const nameless = own.filter((image) => image.tags.length === 0);
  return [
    ...nameless,
    ...newestFirst(own.filter((image) => image.tags.length > 0))
      .slice(GENERATIONS)
      .filter(isPassing),
  ];
}

/** What was made once more lost its name to the newer one, which stands for the same and is this target's. */
function doubles(images: readonly ImageSummary[], name: string): readonly string[] {
  const tagged = new Set(images.filter((image) => image.tags.some((tag) => tag.startsWith(name))).map((image) => image.labels[LABEL.fingerprint]));
  return images.filter((image) => image.tags.length === 0 && tagged.has(image.labels[LABEL.fingerprint])).map((image) => image.id);
}

function tagOf(reference: string): string {
  return reference.slice(reference.lastIndexOf(':') + 1);
}

function referencesOf(image: ImageSummary): readonly string[] {
  return image.tags.length > 0 ? image.tags : [image.id];
}

function newestFirst(images: readonly ImageSummary[]): readonly ImageSummary[] {
  return [...images].sort((a, b) => b.created - a.created);
}
