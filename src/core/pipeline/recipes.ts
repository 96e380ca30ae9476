/** The Dockerfiles that the next run would use, for people to read. */
import { baseRecipe } from '../images/base.js';
import { builderRecipe } from '../images/builder.js';
import { releaseCommand } from '../images/command.js';
import type { Recipe } from '../images/dockerfile.js';
import { layerRecipe } from '../images/layer.js';
import { fingerprintTag, imageName } from '../images/names.js';
import type { ImageContext } from '../images/names.js';
import { processesOf } from '../images/processes.js';
import { releaseRecipe } from '../images/release.js';
import { requirementName } from '../project/names.js';
import type { Facts, LocalFacts } from './facts.js';
import type { BaseImageFacts } from './image-facts.js';
import { builderFactsOf, commandOf, lookAtApplication, lookAtBase, lookAtBuilder, lookAtDependencies, lookAtLayer, systemPackagesOf } from './plan.js';

/**
 * With an engine, the names are those of the images that are there. Without one, or before the first build, what is not
 * known yet is left as `NAME:not-built-yet`, and a comment says so.
 */
export async function recipeText(image: 'base' | 'builder' | 'layer' | 'release', local: LocalFacts, readFacts: () => Promise<Facts>): Promise<string> {
  if (image === 'base') return present(baseRecipe({ reference: local.baseReference.reference }), true);
  const facts = await readFacts().catch(() => undefined);
  const looked = facts && lookAtBase(facts);
  const base: BaseImageFacts = looked?.found?.facts ?? {
    python: local.project.python.version,
    distribution: 'debian-12',
    systemPython: false,
    machine: 'x86_64',
    glibc: '2.36',
    from: '',
  };
  const reference = (context: ImageContext, fingerprint: string | undefined, prefix = ''): string =>
    `${imageName(local.namespace, local.target, context)}:${fingerprint === undefined ? 'not-built-yet' : `${prefix}${fingerprintTag(fingerprint)}`}`;
  const baseReference = reference('base', looked?.fingerprint);
  const builder = facts && looked ? lookAtBuilder(facts, { fingerprint: looked.fingerprint, facts: base }) : undefined;
  if (image === 'builder') return present(builderRecipe({ base: baseReference, ...builderFactsOf(local, base) }), looked?.found !== undefined);
  const application = facts && builder && lookAtApplication(facts, builder.fingerprint);
  const dependencies = facts && looked && application?.found ? lookAtDependencies(facts, { fingerprint: looked.fingerprint, facts: base }) : undefined;
  const resolved = dependencies === 'none' ? undefined : dependencies;
  const isKnown = application?.found !== undefined && (dependencies === 'none' || resolved?.found !== undefined);
  const layer =
    facts && looked && isKnown
      ? lookAtLayer(facts, {
          base: { fingerprint: looked.fingerprint, facts: base },
          application: application?.found?.facts,
          dependencies: resolved?.found?.facts,
        })
      : undefined;
  const builderReference = reference('builder', builder?.fingerprint);
  if (image === 'layer') {
    const recipe = layerRecipe({
      base: baseReference,
      builder: builderReference,
      dependencies: dependencies === 'none' ? undefined : reference('deps', resolved?.fingerprint),
      distribution: base.distribution,
      systemPackages: systemPackagesOf(local, application?.found?.facts, resolved?.found?.facts).map((item) => item.package),
      sourceDateEpoch: local.sourceDateEpoch,
    });
    return present(recipe, isKnown);
  }
  const recipe = releaseRecipe({
    layer: isKnown && !layer ? baseReference : reference('deps', layer?.fingerprint, 'layer-'),
    builder: builderReference,
    application: reference('wheels', application?.fingerprint),
    name: application?.found?.facts.name ?? local.project.name,
    modules: application?.found?.facts.modules ?? [],
    settingsModule: local.project.django?.settingsModule,
    site: local.project.site,
    processes: processesOf(local.project.processes),
    command: application?.found ? commandOf(local, application.found.facts, resolved?.found?.facts) : guessedCommand(local),
    sourceDateEpoch: local.sourceDateEpoch,
  });
  return present(recipe, isKnown);
}

/** Before there is a wheel: from what the metadata lists. */
function guessedCommand({ project }: LocalFacts): ReturnType<typeof releaseCommand> {
  const packages = new Set((project.dependencies ?? []).map((requirement) => requirementName(requirement) ?? ''));
  const { django, site, application, normalizedName } = project;
  const scripts = site || application ? [] : [normalizedName];
  return releaseCommand({ django, packages, scripts, normalizedName, site, application, processes: processesOf(project.processes) });
}

function present(recipe: Recipe, isKnown: boolean): string {
  return isKnown ? recipe.text : `${recipe.text}# Not everything is known before the first build: names and system packages may still change.\n`;
}
