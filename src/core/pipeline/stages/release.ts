/** release: what ships. A candidate is built first; its tags move only when all of it is there. */
import type { ImageSummary } from '../../engine/engine.js';
import { LABEL } from '../../engine/labels.js';
import type { Labels } from '../../engine/labels.js';
import { APP_UID } from '../../images/base.js';
import { MOUNT_ROOT } from '../../images/dockerfile.js';
import { layerRecipe } from '../../images/layer.js';
import { CANDIDATE, fingerprintTag, imageName } from '../../images/names.js';
import { RELEASE, processesOf } from '../../images/processes.js';
import { RELEASE_SCRIPTS, relabelRecipe, releaseRecipe } from '../../images/release.js';
import type { Revision } from '../../project/revision.js';
import { VERSION } from '../../version.js';
import type { ReleaseSummary } from '../events.js';
import type { ApplicationFacts, BaseImageFacts, DependencyFacts, Imports, SystemPackages } from '../image-facts.js';
import { systemPackagesOf } from '../plan.js';
import type { ReleaseLook } from '../plan.js';
import { buildImage, runJob, sharedLabels } from './context.js';
import type { JobMessage } from './job-messages.js';
import type { StageContext } from './context.js';

export interface LayerParts {
  readonly base: { readonly reference: string; readonly facts: BaseImageFacts };
  readonly builder: string;
  /** Reference of the dependency wheels' image. */
  readonly dependencies: string | undefined;
  readonly systemPackages: SystemPackages;
}

export async function makeLayer(
  context: StageContext,
  { base, builder, dependencies, systemPackages }: LayerParts,
  fingerprint: string,
): Promise<ImageSummary> {
  const { facts } = context;
  return buildImage(context, {
    stage: 'release',
    recipe: layerRecipe({
      base: base.reference,
      builder,
      dependencies,
      distribution: base.facts.distribution,
      systemPackages: systemPackages.map((item) => item.package),
      sourceDateEpoch: facts.sourceDateEpoch,
    }),
    reference: `${imageName(facts.namespace, facts.target, 'deps')}:layer-${fingerprintTag(fingerprint)}`,
    labels: sharedLabels('layer', fingerprint),
  });
}

const UNKNOWN_IMPORTS: Imports = { ok: [], failed: {} };

export interface ReleaseParts {
  /** Reference of the layer, or of the base where there is none. */
  readonly below: string;
  readonly builder: string;
  readonly application: { readonly reference: string; readonly facts: ApplicationFacts; readonly fingerprint: string };
  readonly dependencies: { readonly facts: DependencyFacts; readonly fingerprint: string } | undefined;
  /** Fingerprint of the layer. */
  readonly layer: string | undefined;
}

export async function makeRelease(context: StageContext, parts: ReleaseParts, look: ReleaseLook): Promise<ImageSummary> {
  const { engine, facts, emit } = context;
  const candidate = `${look.image}:${CANDIDATE}${fingerprintTag(look.fingerprint)}`;
  emit({ type: 'log', stage: 'release', stream: 'note', text: `the command is ${look.command.words.join(' ')} (${look.command.reason})` });
  if (facts.project.processes.some(({ name }) => name === RELEASE))
    emit({
      type: 'log',
      stage: 'release',
      stream: 'note',
      text: 'the release process of Procfile is not run: what it does (migrations, usually) is to be done by hand for now',
    });
  if (look.lacks === 'tags' && look.found) return moveTags(context, look, look.found.image, look.found.image.id);
  const known = look.found?.image.tags[0];
  const recipe =
    look.lacks === 'labels' && known !== undefined
      ? relabelRecipe(known)
      : releaseRecipe({
          layer: parts.below,
          builder: parts.builder,
          application: parts.application.reference,
          name: parts.application.facts.name,
          modules: parts.application.facts.modules,
          settingsModule: facts.project.django?.settingsModule,
          site: facts.project.site,
          processes: processesOf(facts.project.processes),
          command: look.command,
          sourceDateEpoch: facts.sourceDateEpoch,
        });
  // What is imported is known before; what it comes to, only from the build.
  const hoped: Imports = { ok: [...parts.application.facts.modules], failed: {} };
  const kept = look.lacks === 'labels' ? look.found?.image.labels[LABEL.imports] : JSON.stringify(hoped);
  let found = look.lacks === 'labels' ? kept : undefined;
  const onMessage = (message: JobMessage): void => {
    if ('imports' in message) found = JSON.stringify(message.imports);
  };
  const image = { stage: 'release' as const, reference: candidate, labels: releaseLabels(context, parts, look, kept) };
  let made = await buildImage(context, { ...image, recipe, onMessage });
  if (parts.application.facts.modules.length > 0) {
    // An engine that took the step from its cache does not say what came of it.
    if (found === undefined) await importModules(context, made, parts.application.facts, onMessage);
    found ??= JSON.stringify(UNKNOWN_IMPORTS);
  }
  if (found !== undefined && found !== kept) {
    const labels = { ...image.labels, [LABEL.imports]: found };
    made = await buildImage(context, { ...image, labels, recipe: relabelRecipe(candidate) });
  }
  const released = await moveTags(context, look, made, candidate);
  await engine.removeImage(candidate);
  facts.inventory.add({ ...released, tags: released.tags.filter((tag) => tag !== candidate) });
  return released;
}

/** What the step of the release does at its end, in a container of it. */
async function importModules(
  context: StageContext,
  { id }: ImageSummary,
  { name, modules }: ApplicationFacts,
  onMessage: (message: JobMessage) => void,
): Promise<void> {
  const folder = MOUNT_ROOT.slice(1);
  await runJob(context, {
    stage: 'release',
    step: { id: 'imports', name: `import ${modules.join(', ')}` },
    image: id,
    command: ['/appenv/bin/python', `${MOUNT_ROOT}/install.py`, '--installed', '--application', name, '--user', String(APP_UID), '--import', ...modules],
    files: Object.entries(RELEASE_SCRIPTS).map(([file, content]) => ({ path: `${folder}/${file}`, content, mode: 0o644 })),
    isOffline: true,
    onMessage,
  });
}

/** From now on these tags name this image. */
async function moveTags({ engine, facts }: StageContext, look: ReleaseLook, image: ImageSummary, reference: string): Promise<ImageSummary> {
  const tags = look.tags.map((tag) => `${look.image}:${tag}`);
  await Promise.all(tags.map((tag) => engine.tagImage(reference, tag)));
  const released = { ...image, tags: [...new Set([...image.tags, ...tags])] };
  facts.inventory.add(released);
  return released;
}

export function summaryOf(look: ReleaseLook, application: ApplicationFacts, image: ImageSummary): ReleaseSummary {
  return {
    name: application.name,
    version: application.version,
    image: look.image,
    tags: look.tags,
    imageId: image.id,
    size: image.size,
    command: look.command.words,
    serves: look.command.serves,
  };
}

/** Ours, and those of the OCI image specification (https://github.com/opencontainers/image-spec/blob/main/annotations.md). */
function releaseLabels({ facts, run }: StageContext, parts: ReleaseParts, look: ReleaseLook, imports: string | undefined): Labels {
  const { revision } = facts;
  const systemPackages = systemPackagesOf(facts, parts.application.facts, parts.dependencies?.facts);
  return {
    ...sharedLabels('release', look.fingerprint),
    [LABEL.project]: facts.projectId,
    [LABEL.target]: facts.target,
    [LABEL.run]: run,
    [LABEL.wheel]: parts.application.facts.sha256,
    [LABEL.application]: parts.application.fingerprint,
    ...(parts.dependencies && {
      [LABEL.lock]: parts.dependencies.facts.lock,
      [LABEL.dependencies]: parts.dependencies.fingerprint,
    }),
    ...(parts.layer !== undefined && { [LABEL.layer]: parts.layer }),
    ...(imports !== undefined && { [LABEL.imports]: imports }),
    ...(systemPackages.length > 0 && { [LABEL.systemPackages]: JSON.stringify(systemPackages) }),
    'org.opencontainers.image.title': parts.application.facts.name,
    ...(parts.application.facts.version !== '' && { 'org.opencontainers.image.version': parts.application.facts.version }),
    'org.opencontainers.image.base.name': facts.baseReference.reference,
    ...(revision && revisionLabels(revision)),
    'io.pypackage.version': VERSION,
  };
}

function revisionLabels(revision: Revision): Labels {
  return {
    [LABEL.revision]: revision.commit,
    'org.opencontainers.image.revision': revision.commit,
    'org.opencontainers.image.created': new Date(revision.commitTime * 1000).toISOString(),
    ...(revision.origin !== undefined && { 'org.opencontainers.image.source': revision.origin }),
  };
}

export function releaseImageName(facts: { readonly namespace: string; readonly target: string }): string {
  return imageName(facts.namespace, facts.target, 'release');
}
