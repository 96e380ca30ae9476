/**
 * What is there, what is stale and why: pure functions from facts to fingerprints and found artefacts. Each stage's identity
 * depends on what the stages before it made, so the plan goes as far as that is known; a run asks again after each stage.
 */
import type { ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { baseRecipe } from '../images/base.js';
import { builderRecipe } from '../images/builder.js';
import { releaseCommand } from '../images/command.js';
import type { Recipe } from '../images/dockerfile.js';
import { layerRecipe } from '../images/layer.js';
import { imageName, pythonInName, releaseTags } from '../images/names.js';
import { processesOf } from '../images/processes.js';
import { releaseRecipe } from '../images/release.js';
import type { ReleaseCommand } from '../images/release.js';
import { compiledWith, packagesForBuildingWith, packagesForCompiling } from '../images/system-packages.js';
import { requirementName } from '../project/names.js';
import type { PythonChoice, ServedApplication } from '../project/project.js';
import type { Facts, LocalFacts } from './facts.js';
import { fingerprint } from './fingerprint.js';
import type { Json } from './fingerprint.js';
import { applicationFacts, baseFacts, dependencyFacts, readFacts } from './image-facts.js';
import type { ApplicationFacts, BaseImageFacts, DependencyFacts, SystemPackages } from './image-facts.js';
import { isEmpty, wantedFrom, wantedInputs } from './wanted.js';
import type { Wanted } from './wanted.js';

/** One artefact: what identifies it, whether it is there, and if not, why. */
export interface Look<T> {
  readonly fingerprint: string;
  readonly found: { readonly image: ImageSummary; readonly facts: T } | undefined;
  /** Empty when it is there. */
  readonly reason: string;
}

function look<T>(print: string, found: { image: ImageSummary; facts: T } | undefined, reason: string): Look<T> {
  return { fingerprint: print, found, reason: found ? '' : reason };
}

/** Stand for references in fingerprints: those hold names of projects, which must not tell shared images apart. */
const BASE = 'base';
const BUILDER = 'builder';
const WHEELS = 'wheels';

function recipeInputs(recipe: Recipe): Json {
  return { text: recipe.text, files: { ...recipe.files } };
}

/** A registry's digest where there is one; an imported image is identified by its layers. */
export function baseIdentity(facts: Facts): string | undefined {
  const { baseImage } = facts;
  if (!baseImage) return undefined;
  const digest = baseImage.repoDigests.map((reference) => reference.split('@')[1] ?? '').sort()[0];
  return digest ?? `layers:${baseImage.layers.join(',')}`;
}

/** undefined while the base image's reference is not on the engine. */
export function lookAtBase(facts: Facts): Look<BaseImageFacts> | undefined {
  const identity = baseIdentity(facts);
  if (identity === undefined) return undefined;
  const print = fingerprint('base', { from: identity, recipe: recipeInputs(baseRecipe({ reference: BASE })) });
  const reason = facts.inventory.hasName(imageName(facts.namespace, facts.target, 'base')) ? `${facts.baseReference.reference} changed` : 'not built yet';
  return look(print, withFacts(facts, 'base', print, baseFacts), reason);
}

/** Which Python the target has: asked of the base image, else what its name promises, else what the project asks for. */
export function pythonOf(facts: Facts): PythonChoice {
  const { baseReference, project } = facts;
  // A reference that was chosen for the project's Python says nothing that the project does not say better.
  const named = baseReference.source === project.python.reason ? undefined : pythonInName(baseReference.reference);
  const python = lookAtBase(facts)?.found?.facts.python ?? named;
  return python === undefined ? project.python : { version: python, reason: `of ${baseReference.reference}` };
}

/** @param facts with the lock, where it is known already */
export function builderFactsOf(
  facts: LocalFacts & Partial<Pick<Facts, 'dependencies'>>,
  base: BaseImageFacts,
): Omit<Parameters<typeof builderRecipe>[0], 'base'> {
  const { project, config } = facts;
  const names = (requirements: readonly string[]): readonly string[] => requirements.map((requirement) => requirementName(requirement) ?? '');
  const systemPackages = new Set([
    ...packagesForCompiling([project.normalizedName, ...compiledWith(project.normalizedName), ...names(project.dependencies ?? [])]),
    ...packagesForBuildingWith(names(project.buildSystem.requires)),
    ...config.systemPackages.build,
  ]);
  const fromSource = compiledWith(project.normalizedName);
  const locked = lockedBuildOf(facts);
  return {
    python: shortPython(base.python),
    distribution: base.distribution,
    systemPython: base.systemPython,
    systemPackages: [...systemPackages].sort(),
    ...(locked
      ? { buildRequires: locked, areLocked: true }
      : { buildRequires: [...fromSource.map((name) => `--no-binary ${name}`), ...project.buildSystem.requires], areLocked: false }),
  };
}

/** What the lock says that building the application needs, as pip's hash-checking mode reads it. */
function lockedBuildOf({ project, dependencies }: LocalFacts & Partial<Pick<Facts, 'dependencies'>>): readonly string[] | undefined {
  const packages = dependencies?.lock?.builds?.find(({ name }) => name === project.normalizedName)?.packages;
  return packages?.map(({ name, version, files }) => `${name}==${version ?? ''} ${files.map(({ sha256 }) => `--hash=sha256:${sha256}`).join(' ')}`);
}

export function lookAtBuilder(facts: Facts, base: { readonly fingerprint: string; readonly facts: BaseImageFacts }): Look<undefined> {
  const recipe = builderRecipe({ base: BASE, ...builderFactsOf(facts, base.facts) });
  const print = fingerprint('builder', { base: base.fingerprint, recipe: recipeInputs(recipe) });
  const image = facts.inventory.find('builder', print);
  const known = facts.inventory.hasName(imageName(facts.namespace, facts.target, 'builder'));
  return look(print, image && { image, facts: undefined }, known ? 'the base image, a system package or a build requirement changed' : 'not built yet');
}

export function lookAtApplication(facts: Facts, builder: string): Look<ApplicationFacts> {
  const { project, config, sources, sourceDateEpoch } = facts;
  const { buildSystem } = project;
  const { prebuild } = config;
  const prebuilt = prebuild && { prebuild: { command: prebuild.command, image: prebuild.image ?? builder, folder: prebuild.folder } };
  const inputs: Json =
    project.kind === 'site'
      ? {
          site: project.name,
          version: project.version ?? '',
          requirements: project.dependencies ?? [],
          extras: [...(project.extras ?? [])].map(([extra, listed]) => [extra, ...listed]),
        }
      : {
          builder,
          backend: buildSystem.backend,
          backendPath: buildSystem.backendPath,
          sourceDateEpoch,
          ...(facts.git && { git: facts.git.digest }),
          ...(config.buildCommand && { command: config.buildCommand }),
        };
  const print = fingerprint('wheels', { ...inputs, ...prebuilt, sources: sources.digest });
  return look(print, withFacts(facts, 'wheels', print, applicationFacts), changeReason(facts));
}

/** What compiles: the builder without what only this project's own build asks for, so that targets share what was compiled. */
export function toolchainOf(facts: LocalFacts, base: { readonly fingerprint: string; readonly facts: BaseImageFacts }): string {
  const recipe = builderRecipe({ base: BASE, ...builderFactsOf(facts, base.facts), buildRequires: [], areLocked: false });
  return fingerprint('builder', { base: base.fingerprint, recipe: recipeInputs(recipe) });
}

/** An application without dependencies has none to look for: `none`. */
export function lookAtDependencies(
  facts: Facts,
  base: { readonly fingerprint: string; readonly facts: BaseImageFacts },
): (Look<DependencyFacts> & { readonly wanted: Wanted; readonly toolchain: string }) | 'none' {
  const wanted = wantedFrom(facts.dependencies);
  if (isEmpty(wanted)) return 'none';
  const toolchain = toolchainOf(facts, base);
  const fromSource = compiledWith(facts.project.normalizedName);
  const indexes = wanted.packages ? [] : facts.indexInputs;
  const further = { ...(fromSource.length > 0 && { fromSource }), ...(indexes.length > 0 && { indexes }) };
  const print = fingerprint('deps', { toolchain, wanted: wantedInputs(wanted), ...further });
  const known = facts.inventory.hasName(imageName(facts.namespace, facts.target, 'deps'));
  const reason = known ? 'the dependencies or the builder changed' : wanted.packages ? 'not prepared yet' : 'not resolved yet';
  return { ...look(print, withFacts(facts, 'deps', print, dependencyFacts), reason), wanted, toolchain };
}

/** Debian packages of a release: those that its wheels were found to need, and those of the configuration. */
export function systemPackagesOf({ config }: LocalFacts, application: ApplicationFacts | undefined, dependencies: DependencyFacts | undefined): SystemPackages {
  const asked = config.systemPackages.run.map((name) => ({ package: name, because: 'pypackage.json names it', wheel: '', library: '' }));
  const found = [...asked, ...(application?.system ?? []), ...(dependencies?.system ?? [])];
  // The first reason of several counts: what a person wrote, then what is nearest to the application.
  return [...new Map(found.toReversed().map((item) => [item.package, item])).values()].sort((a, b) => (a.package < b.package ? -1 : 1));
}

export interface LayerInputs {
  readonly base: { readonly fingerprint: string; readonly facts: BaseImageFacts };
  readonly application: ApplicationFacts | undefined;
  readonly dependencies: DependencyFacts | undefined;
}

/** undefined where there is nothing to install: the release stands on the base then. */
export function lookAtLayer(facts: Facts, { base, application, dependencies }: LayerInputs): Look<undefined> | undefined {
  const systemPackages = systemPackagesOf(facts, application, dependencies).map((item) => item.package);
  if (!dependencies && systemPackages.length === 0) return undefined;
  const recipe = layerRecipe({
    base: BASE,
    builder: BUILDER,
    dependencies: dependencies && WHEELS,
    distribution: base.facts.distribution,
    systemPackages,
    sourceDateEpoch: facts.sourceDateEpoch,
  });
  const print = fingerprint('layer', { base: base.fingerprint, lock: dependencies?.lock ?? '', recipe: recipeInputs(recipe) });
  const image = facts.inventory.find('layer', print);
  return look(print, image && { image, facts: undefined }, 'the locked dependencies or system packages changed');
}

export interface ReleaseInputs {
  /** Fingerprint of the layer, or of the base where there is none. */
  readonly below: string;
  readonly application: ApplicationFacts;
  readonly dependencies: DependencyFacts | undefined;
}

export interface ReleaseLook extends Look<undefined> {
  readonly command: ReleaseCommand;
  readonly image: string;
  readonly tags: readonly string[];
  /** What the image with this content lacks: a new commit, version or name that changed no input needs no new layer. */
  readonly lacks: 'nothing' | 'tags' | 'labels' | 'content';
}

export function commandOf(facts: LocalFacts, application: ApplicationFacts, dependencies: DependencyFacts | undefined): ReleaseCommand {
  return releaseCommand({
    django: facts.project.django,
    packages: new Set((dependencies?.packages ?? []).map((item) => item.split('==')[0] ?? '')),
    scripts: application.scripts,
    normalizedName: facts.project.normalizedName,
    site: facts.project.site,
    application: applicationIn(facts.project.application, application.modules),
    processes: processesOf(facts.project.processes),
  });
}

/** Undefined where the wheel left it out. */
function applicationIn(served: ServedApplication | undefined, modules: readonly string[]): ServedApplication | undefined {
  const top = (module: string): string => module.split('.')[0] ?? '';
  return served && modules.some((module) => top(module) === top(served.module)) ? served : undefined;
}

export function lookAtRelease(facts: Facts, { below, application, dependencies }: ReleaseInputs): ReleaseLook {
  const command = commandOf(facts, application, dependencies);
  const settingsModule = facts.project.django?.settingsModule;
  const { site, processes } = facts.project;
  const { name, modules } = application;
  const recipe = releaseRecipe({
    layer: BASE,
    builder: BUILDER,
    application: WHEELS,
    name,
    modules,
    settingsModule,
    site,
    processes: processesOf(processes),
    command,
    sourceDateEpoch: facts.sourceDateEpoch,
  });
  const print = fingerprint('release', { below, wheel: application.sha256, recipe: recipeInputs(recipe) });
  const image = imageName(facts.namespace, facts.target, 'release');
  const tags = releaseTags(application.version, facts.revision, facts.sources.digest);
  // Several commits may have the same content, each with labels of its own.
  const hasTags = (candidate: ImageSummary): boolean => tags.every((tag) => candidate.tags.includes(`${image}:${tag}`));
  const labelled =
    facts.inventory.find('release', print, (candidate) => isLabelled(candidate, facts) && hasTags(candidate)) ??
    facts.inventory.find('release', print, (candidate) => isLabelled(candidate, facts));
  const found = labelled ?? facts.inventory.find('release', print);
  const lacks = labelled ? (hasTags(labelled) ? 'nothing' : 'tags') : found ? 'labels' : 'content';
  const known = facts.inventory.hasName(image);
  const reason = found ? 'the same content under a new commit, version or name' : known ? 'the application or its dependencies changed' : 'not built yet';
  return {
    ...look(print, found && { image: found, facts: undefined }, reason),
    reason: lacks === 'nothing' ? '' : reason,
    command,
    image,
    tags,
    lacks,
  };
}

function isLabelled(image: ImageSummary, facts: Facts): boolean {
  const { labels } = image;
  return (
    labels[LABEL.project] === facts.projectId && labels[LABEL.target] === facts.target && (labels[LABEL.revision] ?? '') === (facts.revision?.commit ?? '')
  );
}

function withFacts<T extends Parameters<typeof readFacts>[0]>(
  facts: Facts,
  kind: 'base' | 'wheels' | 'deps',
  print: string,
  schema: T,
): { image: ImageSummary; facts: NonNullable<ReturnType<typeof readFacts<T>>> } | undefined {
  const image = facts.inventory.find(kind, print, (candidate) => readFacts(schema, candidate) !== undefined);
  const read = image && readFacts(schema, image);
  return image && read ? { image, facts: read } : undefined;
}

/** `polls/views.py and 2 more changed` */
function changeReason(facts: Facts): string {
  const { changed } = facts;
  if (changed === undefined) return facts.inventory.hasName(imageName(facts.namespace, facts.target, 'wheels')) ? 'the sources changed' : 'not built yet';
  const [first] = changed;
  if (first === undefined) return 'the builder changed, or the wheel is not on this engine';
  return `${first}${changed.length > 1 ? ` and ${changed.length - 1} more` : ''} changed`;
}

/** `3.13.1` → `3.13` */
export function shortPython(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
