/** Further names for an image, and pushing by one. */
import type { Engine } from '../engine/engine.js';
import { isImageReference, parseReference } from '../engine/references.js';
import { UserError } from '../errors.js';
import { chosenImage, type ImageChoice } from './own-image.js';

export interface TagChoice extends ImageChoice {
  /** The new name. */
  readonly reference: string;
  /** Whether the name may be taken from another image. Default: false. */
  readonly replace?: boolean;
}

/**
 * @returns the name with its tag
 * @throws UserError `reference-invalid`, `tag-taken`, `image-missing`, `image-foreign`
 */
export async function tagChosen(engine: Engine, choice: TagChoice): Promise<string> {
  const { name, tag, digest } = parseReference(choice.reference);
  if (!isImageReference(choice.reference) || digest !== undefined || tag === undefined) {
    throw new UserError({
      kind: 'project',
      code: 'reference-invalid',
      message: `"${choice.reference}" is no name for an image`,
      fix: 'Lower-case letters, digits and . _ - between them, in parts divided by /, then a tag: acme/polls:1.4.0',
    });
  }
  const image = await chosenImage(engine, choice);
  const reference = `${name}:${tag}`;
  const holder = await engine.inspectImage(reference);
  if (holder?.id === image.id) return reference;
  if (holder && choice.replace !== true) {
    throw new UserError({
      kind: 'engine',
      code: 'tag-taken',
      message: `${reference} is the name of another image`,
      fix: 'Use another name',
    });
  }
  await engine.tagImage(image.id, reference);
  return reference;
}

/** @param reference a name of an image on the engine */
export async function pushChosen(
  engine: Engine,
  { reference, foreign = false }: { readonly reference: string; readonly foreign?: boolean },
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await chosenImage(engine, { image: reference, foreign }, signal);
  await engine.pushImage(reference, onProgress, signal);
}
