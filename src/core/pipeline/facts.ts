/** Everything a plan is made of, asked for once and side by side. Looks only: nothing is made on the engine or the disk. */
import { access, constants, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Engine, ImageDetails } from '../engine/engine.js';
import { UserError, throwIfAborted } from '../errors.js';
import { namespaceProblem } from '../images/names.js';
import { suiteWithRust } from '../images/rust-versions.js';
import { readConfig } from '../config/read-config.js';
import type { Config } from '../config/read-config.js';
import type { TargetConfig } from '../config/target-config.js';
import { checkSources } from '../locks/open-requirements.js';
import { readIndexInputs } from '../network/project-indexes.js';
import { readIndexNames } from '../network/uv-settings.js';
import { checkExtras, normalizeExtras } from '../project/extras.js';
import { meantProject } from '../project/meant-project.js';
import type { Project } from '../project/project.js';
import { pinnedPython } from '../project/python.js';
import { readGitFacts } from '../project/git-history.js';
import type { GitFacts } from '../project/git-history.js';
import { projectId } from '../project/revision.js';
import type { Revision } from '../project/revision.js';
import type { RevisionMemory } from '../project/revision-memory.js';
import { changedFiles, readSources } from '../project/sources.js';
import type { SourceOptions, SourceTree } from '../project/sources.js';
import { BASE_IMAGE_SETTING } from '../request.js';
import type { Request } from '../request.js';
import { isExportUnfinished, readExport } from '../wheels/export.js';
import type { WheelhouseLock } from '../wheels/lock.js';
import type { Inventory } from './inventory.js';
import { NOT_READ } from './wanted.js';
import type { DependencySources } from './wanted.js';

/** 1 February 2020: one constant for all builds, so that equal sources give equal wheels. */
export const SOURCE_DATE_EPOCH = 1_580_601_600;

/** What the folder says, without any engine. */
export interface LocalFacts {
  /** The project's, as it was asked for; `project.root` is where it really is. */
  readonly folder: string;
  /** Where it lies below the folder that was named, as the only project there; undefined where it is that folder. */
  readonly below: string | undefined;
  readonly project: Project;
  readonly revision: Revision | undefined;
  /** Names the project on an engine: `polls-1a2b3c4d`. */
  readonly projectId: string;
  readonly target: string;
  readonly namespace: string;
  /** What `pypackage.json` says of the target. */
  readonly config: TargetConfig;
  /** Those of the configuration, and those that were asked for. */
  readonly extras: readonly string[];
  /** Dependency groups (PEP 735), normalised and sorted. */
  readonly groups: readonly string[];
  readonly baseReference: { readonly reference: string; readonly source: string };
  readonly sourceDateEpoch: number;
  /** Indexes that the project names, and what is pinned to them. */
  readonly indexInputs: readonly string[];
  /** Names of indexes that the user's own settings or the configuration declare. */
  readonly indexNames: readonly string[];
}

export interface Facts extends LocalFacts {
  readonly sources: SourceTree;
  /** Files that differ from what the last wheel was built from; undefined when that is not known. */
  readonly changed: readonly string[] | undefined;
  readonly exported: WheelhouseLock | undefined;
  /** False where this user may only read: then there is no export, and none is missed. */
  readonly canExport: boolean;
  readonly baseImage: ImageDetails | undefined;
  readonly inventory: Inventory;
  readonly dependencies: DependencySources;
  /** undefined where the application's wheel does not depend on Git. */
  readonly git: GitFacts | undefined;
}

export async function readLocalFacts(request: Request, memory: RevisionMemory): Promise<LocalFacts> {
  const [{ project: detected, below }, asked] = await Promise.all([meantProject(request.folder), memory.read(request.folder)]);
  const folder = below === undefined ? request.folder : join(request.folder, below);
  const revision = below === undefined ? asked : await memory.read(folder);
  const config = await readConfig(detected.root, request.config);
  const project = withPython(detected, config);
  const target = project.normalizedName;
  if (request.target !== undefined && request.target !== target && request.target !== config.name) {
    throw new UserError({
      kind: 'project',
      code: 'unknown-target',
      message: `There is no target "${request.target}" in ${project.root}`,
      fix: `The project has one target: ${target}`,
    });
  }
  await checkSources(project.root);
  const namespace = request.namespace ?? 'local';
  const problem = namespaceProblem(namespace);
  if (problem !== undefined) throw new UserError({ kind: 'project', code: 'namespace-invalid', message: problem });
  const extras = checkExtras(project, [...config.target.extras, ...(request.extras ?? [])], config.writtenExtras);
  return {
    folder,
    below,
    project,
    revision,
    projectId: projectId(project, revision),
    target,
    namespace,
    config: request.buildCommand ? { ...config.target, buildCommand: request.buildCommand } : config.target,
    extras,
    groups: normalizeExtras([...config.target.groups, ...(request.groups ?? [])]),
    baseReference: baseReferenceOf(request, project, config),
    sourceDateEpoch: SOURCE_DATE_EPOCH,
    indexInputs: await readIndexInputs(project.root, config.target.indexes),
    indexNames: [...config.target.indexes.map(({ name }) => name), ...(await readIndexNames(request.env))],
  };
}

/** What the configuration names decides, within the bounds of the metadata. */
function withPython(project: Project, { target: { python }, pythonPlace }: Config): Project {
  if (python === undefined || !pythonPlace) return project;
  const bound = { text: `==${python}.*`, says: `python ${python}`, place: pythonPlace };
  return { ...project, python: pinnedPython(python, pythonPlace, project.pythonBounds), pythonBounds: [...project.pythonBounds, bound] };
}

function baseReferenceOf({ baseImage }: Request, { python, rust }: Project, { file, target }: Config): LocalFacts['baseReference'] {
  if (baseImage && baseImage.source !== BASE_IMAGE_SETTING) return baseImage;
  if (target.baseImage !== undefined) return { reference: target.baseImage, source: file ?? '' };
  const suite = (rust && suiteWithRust(rust.version)?.suite) ?? 'bookworm';
  return baseImage ?? { reference: `python:${python.version}-slim-${suite}`, source: python.reason };
}

/** Which files of the folder count. */
export function sourceOptions({ project }: LocalFacts): Pick<SourceOptions, 'keep' | 'site'> {
  return { keep: project.frontEnd?.outputs ?? [], ...(project.site && { site: { uploads: project.site.uploads } }) };
}

export interface FactsQuestion {
  readonly local: LocalFacts;
  readonly memory: RevisionMemory;
  /** May still be connecting: the folder is read meanwhile. */
  readonly engine: Promise<Engine>;
  /** Asked for as early as can be: it takes longest. */
  readonly inventory: Promise<Inventory>;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}

export async function readFacts({ local, memory, engine, inventory: asked, cacheDir, signal }: FactsQuestion): Promise<Facts> {
  const { project, baseReference } = local;
  const files = cacheFiles(cacheDir, local);
  const fromEngine = engine.then((ready) => Promise.all([ready.inspectImage(baseReference.reference, signal), asked]));
  const fromFolder = Promise.all([
    readSources(project.root, { cacheFile: files.stats, ...sourceOptions(local), signal }),
    readBuilt(files.built),
    readFinishedExport(exportFolder(local)),
    isWritable(exportFolder(local)),
    readGitFacts(project, local.revision),
  ]);
  // Both are waited for, so that no rejection is left behind; the folder's is the more useful to a person.
  const [folder, answers] = await Promise.allSettled([fromFolder, fromEngine]);
  throwIfAborted(signal);
  if (folder.status === 'rejected') throw folder.reason;
  if (answers.status === 'rejected') throw answers.reason;
  const [sources, built, exported, canExport, git] = folder.value;
  const [baseImage, inventory] = answers.value;
  return {
    ...local,
    revision: local.revision && (await memory.settle(local.folder, sources.digest)),
    sources,
    changed: built && changedFiles(built, sources),
    exported,
    canExport,
    baseImage,
    inventory,
    dependencies: NOT_READ,
    git,
  };
}

/** One that was killed may have left files that the next has to look after. */
async function readFinishedExport(folder: string): Promise<WheelhouseLock | undefined> {
  const [lock, isUnfinished] = await Promise.all([readExport(folder), isExportUnfinished(folder)]);
  return isUnfinished ? undefined : lock;
}

export function exportFolder({ project, target }: Pick<LocalFacts, 'project' | 'target'>): string {
  return join(project.root, 'target', 'pypackage', target);
}

/** Whether it can be written, or made where it is missing. */
async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing && dirname(folder) !== folder && isWritable(dirname(folder));
  }
}

export interface CacheFiles {
  readonly stats: string;
  readonly built: string;
  /** What the last failed run said to do (remedy.ts). */
  readonly remedy: string;
}

export function cacheFiles(cacheDir: string, { projectId, target }: LocalFacts): CacheFiles {
  return {
    stats: join(cacheDir, `${projectId}-stat.json`),
    built: join(cacheDir, `${projectId}-${target}-built.json`),
    remedy: join(cacheDir, `${projectId}-${target}-remedy.json`),
  };
}

/** Hashes of the files that the last wheel was built from. Only for saying what changed: nothing depends on it. */
async function readBuilt(file: string): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    return new Map(Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return undefined;
  }
}
