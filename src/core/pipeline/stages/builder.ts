/** builder: what wheels are built in. */
import type { ImageSummary } from '../../engine/engine.js';
import { builderRecipe } from '../../images/builder.js';
import { fingerprintTag, imageName } from '../../images/names.js';
import type { BaseImageFacts } from '../image-facts.js';
import { builderFactsOf } from '../plan.js';
import { buildImage, sharedLabels } from './context.js';
import type { StageContext } from './context.js';

export async function makeBuilder(
  context: StageContext,
  base: { readonly reference: string; readonly facts: BaseImageFacts },
  fingerprint: string,
): Promise<ImageSummary> {
  const { facts } = context;
  return buildImage(context, {
    stage: 'builder',
    recipe: builderRecipe({ base: base.reference, ...builderFactsOf(facts, base.facts) }),
    reference: `${imageName(facts.namespace, facts.target, 'builder')}:${fingerprintTag(fingerprint)}`,
    labels: sharedLabels('builder', fingerprint),
  });
}
