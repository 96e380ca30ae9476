/** Whose something on an engine is: by its labels, and images that several projects may share by their names. Pure. */
import { LABEL, type Labels } from '../engine/labels.js';
import { type ImageContext, imageName } from '../images/names.js';

const CONTEXTS: readonly ImageContext[] = ['release', 'deps', 'wheels', 'builder', 'base'];

/** What tells a project's things on an engine from others'. */
export interface Owner {
  readonly projectId: string;
  readonly target: string;
  /** Of its images. */
  readonly namespace: string;
}

/** What names its owner, if anything does. */
export interface Owned {
  readonly project?: string | undefined;
  readonly target?: string | undefined;
}

export const ownedBy = ({ [LABEL.project]: project, [LABEL.target]: target }: Labels): Owned => ({ project, target });

export function isOwned({ project, target }: Owned, owner: Owner): boolean {
  return project === owner.projectId && target === owner.target;
}

/** Names of an image that are this owner's. Another project may have given it others. */
export function ownTags(tags: readonly string[], { namespace, target }: Owner): readonly string[] {
  const names = CONTEXTS.map((context) => `${imageName(namespace, target, context)}:`);
  return tags.filter((tag) => names.some((name) => tag.startsWith(name)));
}

export function isOwnImage(image: Owned & { readonly tags: readonly string[] }, owner: Owner): boolean {
  return image.project === undefined ? ownTags(image.tags, owner).length > 0 : isOwned(image, owner);
}
