/**
 * Nothing piles up: what no release names any more goes, except the newest two of each. Only what carries our labels and
 * this target's names is touched, and a failure here never fails a run that succeeded.
 */
import type { ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import type { Kind } from '../engine/labels.js';
import { messageOf } from '../errors.js';
import { imageName, isPassingTag } from '../images/names.js';
import type { ImageContext } from '../images/names.js';
import type { Facts } from './facts.js';
import type { StageContext } from './stages/context.js';

const GENERATIONS = 2;

/** @param inUse fingerprints that this run worked with */
export async function removePassed({ engine, facts, emit }: StageContext, inUse: ReadonlySet<string>): Promise<void> {
  await Promise.all(
    passed(facts, inUse).map(async (reference) => {
      try {
        await engine.removeImage(reference);
      } catch (error) {
        emit({ type: 'log', stage: 'release', stream: 'note', text: `${reference} stays: ${messageOf(error)}` });
      }
    }),
  );
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
    ...goneReleases.flatMap(referencesOf),
    ...contexts.flatMap(([kind]) => doubles(facts.inventory.all(kind))),
    ...contexts.flatMap(([kind, context]) => {
      const name = `${imageName(facts.namespace, facts.target, context)}:`;
      const own = facts.inventory.all(kind).filter((image) => image.tags.some((tag) => tag.startsWith(name)));
      const old = newestFirst(own).slice(GENERATIONS);
      return old.filter((image) => !isNeeded(image)).flatMap((image) => image.tags.filter((tag) => tag.startsWith(name)));
    }),
  ];
}

/** A release goes when nothing names it, or, beyond the newest, nothing but passing tags: those of states that no commit has. */
function passedReleases(facts: Facts, releases: readonly ImageSummary[]): readonly ImageSummary[] {
  const own = releases.filter((image) => image.labels[LABEL.project] === facts.projectId && image.labels[LABEL.target] === facts.target);
  const isPassing = (image: ImageSummary): boolean => image.tags.every((reference) => isPassingTag(reference.slice(reference.lastIndexOf(':') + 1)));
  const nameless = own.filter((image) => image.tags.length === 0);
  return [
    ...nameless,
    ...newestFirst(own.filter((image) => image.tags.length > 0))
      .slice(GENERATIONS)
      .filter(isPassing),
  ];
}

/** What was made once more lost its name to the newer one, which stands for the same. */
function doubles(images: readonly ImageSummary[]): readonly string[] {
  const tagged = new Set(images.filter((image) => image.tags.length > 0).map((image) => image.labels[LABEL.fingerprint]));
  return images.filter((image) => image.tags.length === 0 && tagged.has(image.labels[LABEL.fingerprint])).map((image) => image.id);
}

function referencesOf(image: ImageSummary): readonly string[] {
  return image.tags.length > 0 ? image.tags : [image.id];
}

function newestFirst(images: readonly ImageSummary[]): readonly ImageSummary[] {
  return [...images].sort((a, b) => b.created - a.created);
}
