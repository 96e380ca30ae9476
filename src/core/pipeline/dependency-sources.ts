/**
 * Reads what the project's files say of its dependencies. What of it counts depends on the base image's Python and platform, and without a
 * lock on what the wheel asks for: so it becomes part of the facts once these are there.
 */
import { resolve } from 'node:path';
import { checkDigest, requirementsDigest } from '../locks/write-pylock.js';
import type { LockEnvironment, OpenRequirements, ProjectLock } from '../locks/locked.js';
import { readOpenRequirements } from '../locks/open-requirements.js';
import { readProjectLock } from '../locks/read-lock.js';
import { checkLocked } from '../locks/stale.js';
import { hashFile } from '../project/chunks.js';
import type { Project } from '../project/project.js';
import { parseRequirement } from '../project/requirement.js';
import { readSources } from '../project/sources.js';
import { requirementsFor } from '../wheels/requirements.js';
import type { Facts, LocalFacts } from './facts.js';
import type { ApplicationFacts, BaseImageFacts } from './image-facts.js';
import { lookAtApplication, lookAtBase, lookAtBuilder } from './plan.js';
import type { DependencySources } from './wanted.js';

/** As far as the images are there that tell it. @throws UserError of the readers, with file and line */
export async function withDependencies(facts: Facts, signal: AbortSignal): Promise<Facts> {
  const base = lookAtBase(facts);
  if (!base?.found) return facts;
  const locked = await withLock(facts, base.found.facts, signal);
  const builder = lookAtBuilder(locked, { fingerprint: base.fingerprint, facts: base.found.facts });
  const application = lookAtApplication(locked, builder.fingerprint).found;
  return application ? withOpen(locked, base.found.facts, application.facts, signal) : locked;
}

/** Before anything is built: a lock that does not serve stops a run at its beginning. */
export async function withLock(facts: Facts, base: BaseImageFacts, signal: AbortSignal): Promise<Facts> {
  const lock = await readLockFor(facts, environmentOf(base));
  if (!lock) return facts;
  const folders = lock.packages.flatMap((item) => (item.kind === 'directory' ? [item.path] : []));
  return { ...facts, dependencies: { ...facts.dependencies, lock, trees: await treesOf(facts, folders, signal) } };
}

/** The project's own lock. @throws UserError of the readers */
export function readLockFor(facts: LocalFacts, environment: LockEnvironment): Promise<ProjectLock | undefined> {
  return readProjectLock({ ...questionOf(facts, environment), target: facts.target });
}

export async function withOpen(facts: Facts, base: BaseImageFacts, application: ApplicationFacts, signal: AbortSignal): Promise<Facts> {
  const { lock } = facts.dependencies;
  if (lock) {
    await checkAgainstWheel(facts, lock, base, application);
    return { ...facts, dependencies: { ...facts.dependencies, pins: pinsOf(application) } };
  }
  const open = await openOf(facts, base, application);
  return { ...facts, dependencies: await sourcesOf(facts, open, application, signal) };
}

/** What has to be resolved, whether there is a lock or not. */
export function openOf(facts: Facts, base: BaseImageFacts, application: ApplicationFacts): Promise<OpenRequirements> {
  return readOpenRequirements({ ...questionOf(facts, environmentOf(base)), requiresDist: application.requiresDist });
}

export async function sourcesOf(facts: LocalFacts, open: OpenRequirements, application: ApplicationFacts, signal: AbortSignal): Promise<DependencySources> {
  const [trees, files] = await Promise.all([
    treesOf(
      facts,
      open.folders.map(({ path }) => path),
      signal,
    ),
    Promise.all(open.files.map(async ({ path }) => [path, await hashFile(resolve(facts.project.root, path), signal)] as const)),
  ]);
  return { lock: undefined, open, trees, files: new Map(files), pins: pinsOf(application) };
}

function pinsOf({ requiresDist }: ApplicationFacts): DependencySources['pins'] {
  const pins = requiresDist.flatMap((text) => {
    const { name, specifierText = '' } = parseRequirement(text) ?? {};
    const version = /^\s*={2,3}\s*([^\s,*]+)\s*$/.exec(specifierText)?.[1];
    return name === undefined || version === undefined ? [] : [[name, version] as const];
  });
  return new Map(pins);
}

export function digestOf({ extras, groups, project }: LocalFacts, open: OpenRequirements): string {
  return requirementsDigest(open, { extras, groups, buildRequires: project.buildSystem.requires });
}

/** A lock of ours says what it was made from; any other is held against the wheel where the project's own metadata tells it only when it is built. */
async function checkAgainstWheel(facts: Facts, lock: ProjectLock, base: BaseImageFacts, application: ApplicationFacts): Promise<void> {
  const { project, extras } = facts;
  if (lock.digest) checkDigest(lock, digestOf(facts, await openOf(facts, base, application)));
  else if (project.dependencies === undefined) {
    const place = { file: project.metadataFile };
    const asked = requirementsFor(application.name, application.requiresDist, extras).map((text) => ({ text, place }));
    checkLocked(lock, asked, environmentOf(base));
  }
}

interface Question {
  readonly project: Project;
  readonly environment: LockEnvironment;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  readonly requirements: readonly string[];
  readonly indexNames: readonly string[];
  readonly requirementsFiles?: readonly string[];
}

function questionOf({ project, extras, groups, config, indexNames }: LocalFacts, environment: LockEnvironment): Question {
  const file = project.site?.requirementsFile;
  return {
    project,
    environment,
    extras,
    groups,
    requirements: config.requirements,
    indexNames,
    ...(file !== undefined && { requirementsFiles: [file] }),
  };
}

export function environmentOf({ python, machine, glibc }: BaseImageFacts): LockEnvironment {
  return { python, machine, glibc };
}

async function treesOf({ project }: LocalFacts, paths: readonly string[], signal: AbortSignal): Promise<DependencySources['trees']> {
  const trees = await Promise.all([...new Set(paths)].map(async (path) => [path, await readSources(resolve(project.root, path), { signal })] as const));
  return new Map(trees);
}
