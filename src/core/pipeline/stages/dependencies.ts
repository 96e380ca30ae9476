/** wheels, the dependencies' part: one wheel for each, as the lock names it or as it is resolved, downloaded or built. */
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { LABEL } from '../../engine/labels.js';
import lockedPackages from '../../containers/locked_packages.py';
import pipTools from '../../containers/pip_tools.py';
import prepareScript from '../../containers/prepare_wheels.py';
import report from '../../containers/report.py';
import systemPackagesScript from '../../containers/system_packages.py';
import workshop from '../../containers/workshop.py';
import type { Place } from '../../errors.js';
import type { PackedFile } from '../../engine/tar.js';
import { fingerprintTag, imageName } from '../../images/names.js';
import { compiledWith, compilingTable, loadedByName } from '../../images/system-packages.js';
import { PIP_ENV } from '../../images/tools.js';
import type { LockedPackage } from '../../locks/locked.js';
import { withoutFront } from '../../network/index-front.js';
import { offlineWheels, packOffline } from '../../network/offline.js';
import { normalizeName } from '../../project/names.js';
import { packSources } from '../../project/pack.js';
import type { SourceTree } from '../../project/sources.js';
import { withoutCredentials } from '../../project/revision.js';
import type { LockedWheel } from '../../wheels/lock.js';
import { readWheel } from '../../wheels/wheel.js';
import { systemPackages } from '../image-facts.js';
import type { DependencyFacts } from '../image-facts.js';
import { folderInJob, inputInJob } from '../wanted.js';
import type { Wanted } from '../wanted.js';
import { keep, runJob, sharedLabels } from './context.js';
import type { StageContext } from './context.js';
import { packageMissingIn } from './find-package.js';
import { placeOfRequirement, readRequirementsTexts } from './places.js';
import { explainResolve } from './wheel-failures.js';
import { importWheelhouse, lockDigest, receiveFiles, wheelFiles } from './wheelhouse.js';
import { locked, tellSystemPackages } from './wheels.js';
import type { Made } from './wheels.js';

/** What `containers/prepare_wheels.py` reads. */
interface DependencyJob {
  /** Of the lock; null where it has to be resolved. */
  readonly packages: readonly object[] | null;
  readonly requirements: readonly string[];
  readonly constraints: readonly string[];
  /** Further lines of a requirements file. */
  readonly options: readonly string[];
  /** Of folders whose backend would ask Git for it, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Digest by path in the job. */
  readonly folders: Readonly<Record<string, string>>;
  /** Locked build requirements by what they build. */
  readonly builds: readonly object[] | null;
  /** Debian's packages for compiling, by distribution. */
  readonly compiling: Readonly<Record<string, readonly string[]>>;
  /** The same for what is loaded by name at run time. */
  readonly loaded: Readonly<Record<string, readonly string[]>>;
  /** Identity of what compiles: part of the key of each wheel that is kept. */
  readonly toolchain: string;
  /** The application, where what its build needs is to be locked, too. */
  readonly lockBuildOf: { readonly name: string; readonly path: string } | null;
}

export interface DependencyRequest {
  readonly builder: string;
  /** Fingerprints of the base image and of the builder without the project's own build requirements. */
  readonly base: string;
  readonly toolchain: string;
  readonly wanted: Wanted;
  readonly fingerprint: string;
}

const origins = z.record(
  z.string(),
  z.object({
    kind: z.enum(['wheel', 'sdist', 'vcs', 'directory']),
    url: z.optional(z.string()),
    sha256: z.optional(z.string()),
    commit: z.optional(z.string()),
  }),
);

const SCRIPTS: Readonly<Record<string, string>> = {
  'prepare_wheels.py': prepareScript,
  'workshop.py': workshop,
  'pip_tools.py': pipTools,
  'locked_packages.py': lockedPackages,
  'report.py': report,
  'system_packages.py': systemPackagesScript,
};

/** Downloads and wheels that were built are kept for every target on the same base image. */
export function cacheVolume(base: string): string {
  return `pypackage-cache-${fingerprintTag(base)}`;
}

/** Runs the job; all it leaves is in the folder that is returned. */
export async function prepareWheels(
  given: StageContext,
  { builder, base, toolchain, wanted }: Omit<DependencyRequest, 'fingerprint'>,
  lockBuildOf?: { readonly name: string; readonly tree: SourceTree },
): Promise<string> {
  const context = { ...given, network: await given.network.including(wanted.indexes) };
  const { engine, facts } = context;
  const cache = cacheVolume(base);
  const fromSource = compiledWith(facts.project.normalizedName);
  await engine.ensureVolume(cache, { [LABEL.kind]: 'cache', [LABEL.fingerprint]: base });
  const folder = join(context.temporary, 'dependencies');
  await rm(folder, { recursive: true, force: true });
  const offline = context.network.offline && (await offlineWheels(context.network.offline));
  const job: DependencyJob = { ...jobOf(wanted, toolchain), lockBuildOf: lockBuildOf ? { name: lockBuildOf.name, path: '/src' } : null };
  const { exitCode, tail } = await runJob(context, {
    stage: 'wheels',
    step: { id: 'dependencies', name: 'prepare the dependencies' },
    image: builder,
    command: [`${PIP_ENV}/bin/python`, '/run/pypackage/prepare_wheels.py'],
    files: [
      ...Object.entries(SCRIPTS).map(([name, content]) => ({ path: `run/pypackage/${name}`, content, mode: 0o644 })),
      { path: 'run/pypackage/dependencies.json', content: JSON.stringify(job), mode: 0o644 },
      ...(await filesOfProject(facts.project.root, wanted)),
    ],
    sources: [
      ...[
        ...wanted.folders.map(({ name, tree }) => ({ tree, path: folderInJob(name) })),
        ...(lockBuildOf ? [{ tree: lockBuildOf.tree, path: '/src' }] : []),
      ].map(
        ({ tree, path }) =>
          () =>
            packSources(tree, path),
      ),
      ...(offline ? [() => packOffline(offline)] : []),
    ],
    env: {
      SOURCE_DATE_EPOCH: String(facts.sourceDateEpoch),
      PYTHONHASHSEED: '0',
      PIP_CACHE_DIR: '/var/cache/pypackage/pip',
      ...(fromSource.length > 0 && { PIP_NO_BINARY: fromSource.join(',') }),
    },
    mounts: [{ type: 'volume', source: cache, target: '/var/cache/pypackage' }],
    outputs: ['/out'],
    maxSteps: 10_000,
    onArchive: (_path, tar) => receiveFiles(tar, folder),
  });
  if (exitCode !== 0) {
    const { project } = facts;
    const lock = lockBuildOf ? undefined : facts.dependencies.lock;
    const texts = await readRequirementsTexts(project);
    const inLock = (name: string): Place | undefined => lock?.packages.find((item) => item.name === name)?.place;
    throw explainResolve({
      project,
      exitCode,
      tail,
      network: context.network,
      file: lock?.file,
      debian: await packageMissingIn(context, builder, tail),
      placeOf: (name) => (lock ? inLock(name) : undefined) ?? placeOfRequirement(texts, name),
    });
  }
  return folder;
}

export async function makeDependencies(context: StageContext, request: DependencyRequest): Promise<Made<DependencyFacts>> {
  const { engine, facts, signal } = context;
  const { fingerprint } = request;
  const folder = await prepareWheels(context, request);
  const from = origins.parse(JSON.parse(await readFile(join(folder, 'origins.json'), 'utf8')));
  const wheels: LockedWheel[] = [];
  for (const file of await wheelFiles(folder)) {
    const wheel = await readWheel(join(folder, file));
    const origin = from[file];
    wheels.push({ ...locked(wheel, 'dependency'), ...(origin && originIn(origin)) });
  }
  const about: DependencyFacts = {
    packages: wheels.map((wheel) => `${normalizeName(wheel.name)}==${wheel.version}`),
    lock: lockDigest(wheels),
    size: wheels.reduce((sum, wheel) => sum + wheel.size, 0),
    system: systemPackages.parse(JSON.parse(await readFile(join(folder, 'system.json'), 'utf8'))),
  };
  const reference = `${imageName(facts.namespace, facts.target, 'deps')}:${fingerprintTag(fingerprint)}`;
  await importWheelhouse(engine, { folder, wheels, reference, labels: sharedLabels('deps', fingerprint, about), signal });
  tellSystemPackages(context, about.system);
  return { image: await keep(context, 'wheels', reference, reference), facts: about, fingerprint, folder };
}

function originIn({ kind, url, sha256 }: z.infer<typeof origins>[string]): Pick<LockedWheel, 'origin'> {
  // A file of the job's own came from a folder: nobody else would find it there.
  if ((kind !== 'wheel' && kind !== 'sdist') || url === undefined || sha256 === undefined || url.startsWith('file:')) return {};
  return { origin: { kind, url: withoutCredentials(withoutFront(url)), sha256 } };
}

function jobOf({ packages, builds, requirements, constraints, options, folders }: Wanted, toolchain: string): DependencyJob {
  return {
    packages: packages?.map((item) => packageInJob(item)) ?? null,
    requirements,
    constraints,
    options,
    versions: Object.fromEntries(folders.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version]]))),
    folders: Object.fromEntries(folders.map(({ name, tree }) => [folderInJob(name), tree.digest])),
    builds: builds?.map((build) => ({ name: build.name, packages: build.packages.map((item) => packageInJob(item)) })) ?? null,
    compiling: compilingTable(),
    loaded: loadedByName(),
    toolchain,
    lockBuildOf: null,
  };
}

function packageInJob(item: LockedPackage): object {
  const { place: _place, ...rest } = item;
  if (item.kind === 'directory') return { ...rest, path: folderInJob(item.name) };
  if (item.kind === 'vcs' || item.kind === 'hashes') return rest;
  return {
    ...rest,
    files: item.files.map((file) => ({ ...file, path: file.path === undefined ? undefined : inputInJob({ sha256: file.sha256, path: file.path }) })),
  };
}

/** Files that a lock or a requirement names in the project's own folder, or beside it. */
async function filesOfProject(root: string, { files }: Wanted): Promise<readonly PackedFile[]> {
  return Promise.all(files.map(async (file) => ({ path: inputInJob(file), content: await readFile(resolve(root, file.path)), mode: 0o644 })));
}
