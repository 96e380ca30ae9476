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

export async function removePassed({ engine, facts, emit }: StageContext): Promise<void> {
  for (const reference of passed(facts)) {
    try {
      await engine.removeImage(reference);
    } catch (error) {
      emit({ type: 'log', stage: 'release', stream: 'note', text: `${reference} stays: ${messageOf(error)}` });
    }
  }
}

/** References and ids to remove. Pure. */
export function passed(facts: Facts): readonly string[] {
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
  return [
    ...goneReleases.flatMap(referencesOf),
    ...contexts.flatMap(([kind, context]) => {
      const name = `${imageName(facts.namespace, facts.target, context)}:`;
      const own = facts.inventory.all(kind).filter((image) => image.tags.some((tag) => tag.startsWith(name)));
      const old = newestFirst(own).slice(GENERATIONS);
      return old.filter((image) => !named.has(image.labels[LABEL.fingerprint])).flatMap((image) => image.tags.filter((tag) => tag.startsWith(name)));
    }),
  ];
}

/** A release goes when nothing but passing tags (of states that no commit has) name it, or nothing at all. */
function passedReleases(facts: Facts, releases: readonly ImageSummary[]): readonly ImageSummary[] {
  const own = releases.filter((image) => image.labels[LABEL.project] === facts.projectId && image.labels[LABEL.target] === facts.target);
  const isPassing = (image: ImageSummary): boolean => image.tags.every((reference) => isPassingTag(reference.slice(reference.lastIndexOf(':') + 1)));
  return newestFirst(own).slice(GENERATIONS).filter(isPassing);
}

function referencesOf(image: ImageSummary): readonly string[] {
  return image.tags.length > 0 ? image.tags : [image.id];
}

function newestFirst(images: readonly ImageSummary[]): readonly ImageSummary[] {
  return [...images].sort((a, b) => b.created - a.created);
}
