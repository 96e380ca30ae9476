/** The one place where it is decided which images may be acted on. */
import type { Engine, ImageDetails } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { UserError } from '../errors.js';

export interface ImageChoice {
  /** Id or reference. */
  readonly image: string;
  /** Also one that does not carry our labels: the person was told whose it is. Default: false. */
  readonly foreign?: boolean;
}

/** @throws UserError `image-missing`, `image-foreign` */
export async function chosenImage(engine: Engine, { image, foreign = false }: ImageChoice, signal?: AbortSignal): Promise<ImageDetails> {
  const found = await engine.inspectImage(image, signal);
  if (!found) {
    throw new UserError({
      kind: 'engine',
      code: 'image-missing',
      message: `The image ${shortId(image)} is not on the engine any more`,
      fix: 'Somebody else removed it: there is nothing left to do',
    });
  }
  if (foreign || found.labels[LABEL.kind] !== undefined) return found;
  throw new UserError({
    kind: 'engine',
    code: 'image-foreign',
    message: `The image ${found.tags[0] ?? shortId(found.id)} is not ours: nothing was done to it`,
    why: `It does not carry the label ${LABEL.kind}`,
    fix: 'Use the tool that it was made with',
  });
}

/** Twelve digits, as the engine's own tools show an id; a name as it is. */
export function shortId(image: string): string {
  return image.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1');
}
