/** wheels: the application's wheel, built once from its sources, and one wheel for each dependency, resolved once. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSummary } from '../../engine/engine.js';
import type { PackedFile } from '../../engine/tar.js';
import { UserError } from '../../errors.js';
import type { Place } from '../../errors.js';
import gitTree from '../../containers/git_tree.py';
import buildWheel from '../../containers/build_wheel.py';
import systemPackagesScript from '../../containers/system_packages.py';
import { fingerprintTag, imageName } from '../../images/names.js';
import { loadedByName, loadedByText } from '../../images/system-packages.js';
import { BUILD_ENV } from '../../images/tools.js';
import { packSources } from '../../project/pack.js';
import { readGitHistory } from '../../project/git-history.js';
import type { GitHistory } from '../../project/git-history.js';
import { parseWheelName } from '../../wheels/wheel-name.js';
import { topLevelModules } from '../../wheels/modules.js';
import type { LockedWheel } from '../../wheels/lock.js';
import { readWheel } from '../../wheels/wheel.js';
import type { Wheel } from '../../wheels/wheel.js';
import { systemPackages } from '../image-facts.js';
import type { ApplicationFacts, SystemPackages } from '../image-facts.js';
import type { Facts, LocalFacts } from '../facts.js';
import { keep, runJob, sharedLabels } from './context.js';
import type { StageContext } from './context.js';
import { preparedSources } from './prebuild.js';
import { makeSite } from './site.js';
import { locateIn, placeOfBackend, readRequirementsTexts } from './places.js';
import { packageMissingIn } from './find-package.js';
import { explainBuild } from './wheel-failures.js';
import { importWheelhouse, receiveFiles, wheelFiles } from './wheelhouse.js';

/** What `containers/build_wheel.py` reads. */
interface BuildJob {
  /** Folders in the container. */
  readonly source: string;
  readonly out: string;
  readonly backend: string;
  readonly backendPath: readonly string[];
  /** In place of the backend: leaves wheels in `$WHEELHOUSE`. */
  readonly command?: readonly string[];
  readonly git?: { readonly root: string; readonly path: string; readonly commit: string; readonly branch: string | null };
  readonly look: { readonly loaded: Readonly<Record<string, readonly string[]>>; readonly texts: Readonly<Record<string, readonly string[]>> };
}

const SYSTEM = 'system.json';

export interface Made<T> {
  readonly image: ImageSummary;
  readonly facts: T;
  readonly fingerprint: string;
  /** Where its wheels are on the host, when this run made them. */
  readonly folder?: string;
}

/** @param builder reference of the builder image */
export async function makeApplication(context: StageContext, builder: string, fingerprint: string): Promise<Made<ApplicationFacts>> {
  const { engine, facts, signal } = context;
  const sources = await preparedSources(context, builder);
  if (facts.project.kind === 'site') return makeSite(context, sources, fingerprint);
  const { name } = facts.project;
  const folder = join(context.temporary, 'application');
  const { exitCode, tail } = await runJob(context, {
    stage: 'wheels',
    step: { id: 'build', name: `build ${name}` },
    image: builder,
    command: [`${BUILD_ENV}/bin/python`, '-I', '/run/pypackage/build_wheel.py'],
    files: [
      { path: 'run/pypackage/build_wheel.py', content: buildWheel, mode: 0o644 },
      { path: 'run/pypackage/system_packages.py', content: systemPackagesScript, mode: 0o644 },
      { path: 'run/pypackage/build.json', content: JSON.stringify(buildJob(facts)), mode: 0o644 },
      ...(facts.git ? gitFiles(await readGitHistory(facts.project.root, facts.git)) : []),
    ],
    sources: [() => packSources(sources, sourceFolder(facts).slice(1))],
    env: { SOURCE_DATE_EPOCH: String(facts.sourceDateEpoch), PYTHONHASHSEED: '0', ...hookEnv(facts) },
    outputs: ['/out'],
    onArchive: (_path, tar) => receiveFiles(tar, folder),
  });
  if (exitCode !== 0) {
    const [debian, texts] = [await packageMissingIn(context, builder, tail), await readRequirementsTexts(facts.project)];
    const placeOf = (backend: string): Place | undefined => placeOfBackend(texts, backend);
    throw explainBuild({ project: facts.project, exitCode, tail, debian, locate: locateIn(facts.project, facts.git?.path), placeOf });
  }
  const file = await applicationWheel(context, folder);
  const wheel = await readWheel(join(folder, file));
  const reference = `${imageName(facts.namespace, facts.target, 'wheels')}:${fingerprintTag(fingerprint)}`;
  const about: ApplicationFacts = {
    file,
    name: wheel.name,
    version: wheel.version,
    sha256: wheel.sha256,
    size: wheel.size,
    requiresDist: [...wheel.requiresDist],
    providesExtra: [...wheel.providesExtra],
    scripts: [...wheel.consoleScripts.keys()],
    modules: [...topLevelModules(wheel.record.map((entry) => entry.path))],
    system: systemPackages.parse(JSON.parse(await readFile(join(folder, SYSTEM), 'utf8'))),
  };
  await rm(join(folder, SYSTEM));
  tellSystemPackages(context, about.system);
  const labels = sharedLabels('wheels', fingerprint, about);
  await importWheelhouse(engine, { folder, wheels: [locked(wheel, 'application')], reference, labels, signal });
  context.emit({ type: 'artifact', stage: 'wheels', kind: 'wheel', name: file, digest: `sha256:${wheel.sha256}`, size: wheel.size });
  return { image: await keep(context, 'wheels', reference, reference), facts: about, fingerprint, folder };
}

/** The wheel of the application: a backend leaves just that, a command of the user's may leave others beside it. */
async function applicationWheel({ facts: { project }, emit }: StageContext, folder: string): Promise<string> {
  const files = await wheelFiles(folder);
  const own = files.find((file) => parseWheelName(file)?.normalizedName === project.normalizedName);
  if (own === undefined) {
    throw new UserError({
      kind: 'stage',
      code: 'application-wheel-missing',
      message: `No wheel of ${project.name} was built`,
      why: files.length === 0 ? 'No wheel is there' : `There is ${files.join(', ')}`,
      fix: `The build command has to leave the wheel of ${project.normalizedName} in $WHEELHOUSE`,
    });
  }
  for (const file of files.filter((other) => other !== own)) {
    emit({ type: 'log', stage: 'wheels', stream: 'note', text: `${file} is not taken: dependencies come from the lock or the index` });
    await rm(join(folder, file));
  }
  return own;
}

/** A project that asks Git lies in its repository's folder as it does on the host. */
function sourceFolder({ git }: Pick<Facts, 'git'>): string {
  return git && git.path !== '' ? `/src/${git.path}` : '/src';
}

function gitFiles({ pack, tags, shallow, tracked, deleted }: GitHistory): readonly PackedFile[] {
  const all = { pack, tags, shallow, tracked, deleted };
  return [
    { path: 'run/pypackage/git_tree.py', content: gitTree, mode: 0o644 },
    ...Object.entries(all).map(([name, content]) => ({ path: `run/pypackage/git/${name}`, content, mode: 0o644 })),
  ];
}

function buildJob({ project: { buildSystem }, config, git }: Pick<Facts, 'project' | 'config' | 'git'>): BuildJob {
  return {
    ...(config.buildCommand && { command: config.buildCommand }),
    ...(git && { git: { root: '/src', path: git.path, commit: git.commit, branch: git.branch ?? null } }),
    source: sourceFolder({ git }),
    out: '/out',
    backend: buildSystem.backend,
    backendPath: buildSystem.backendPath,
    look: { loaded: loadedByName(), texts: loadedByText() },
  };
}

export function tellSystemPackages({ emit }: StageContext, system: SystemPackages): void {
  for (const { package: name, because } of system) emit({ type: 'log', stage: 'wheels', stream: 'note', text: `the release gets ${name}: ${because}` });
}

/** A hook of hatch's that would build the front end again, without its tool, is left out where `prebuild` has done it. */
function hookEnv({ project, config }: LocalFacts): Readonly<Record<string, string>> {
  // https://hatch.pypa.io/latest/config/build/#environment-variables
  return config.prebuild && project.frontEnd?.runsIn === 'only hook' ? { HATCH_BUILD_NO_HOOKS: 'true' } : {};
}

export function locked(wheel: Wheel, role: LockedWheel['role']): LockedWheel {
  return { name: wheel.name, version: wheel.version, file: wheel.fileName, path: wheel.fileName, size: wheel.size, sha256: wheel.sha256, role };
}
