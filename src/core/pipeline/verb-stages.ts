/** Which stages a verb asks for; what those need is added by the run. */
import type { RunRequest } from '../request.js';
import { type StageName, STAGES } from './events.js';

export const IMAGE_NAMES = ['base', 'builder', 'release'] as const;
export type ImageName = (typeof IMAGE_NAMES)[number];

/** @param image of `image`: the one that is wanted; without it, all of them */
export function stagesOfVerb(verb: RunRequest['verb'], image?: ImageName): readonly StageName[] {
  switch (verb) {
    case 'all':
      return STAGES;
    case 'image':
      return image === undefined ? IMAGE_NAMES : [image];
    case 'lock':
      return ['wheels'];
    case 'wheels':
    case 'release':
      return [verb];
  }
}
