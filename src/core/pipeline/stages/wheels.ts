/** wheels: the application's wheel, built once from its sources, and one wheel for each dependency, resolved once. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSummary } from '../../engine/engine.js';
import { LABEL } from '../../engine/labels.js';
import buildWheel from '../../containers/build_wheel.py';
import resolveWheels from '../../containers/resolve_wheels.py';
import systemPackagesScript from '../../containers/system_packages.py';
import { fingerprintTag, imageName } from '../../images/names.js';
import { compilingTable, loadedByName } from '../../images/system-packages.js';
import { BUILD_ENV, PIP_ENV } from '../../images/tools.js';
import { normalizeName } from '../../project/names.js';
import { withoutCredentials } from '../../project/revision.js';
import { packSources } from '../../project/pack.js';
import type { LockedWheel } from '../../wheels/lock.js';
import { isHashed, readResolution } from '../../wheels/resolution.js';
import { readWheel } from '../../wheels/wheel.js';
import type { Wheel } from '../../wheels/wheel.js';
import { systemPackages } from '../image-facts.js';
import type { ApplicationFacts, DependencyFacts } from '../image-facts.js';
import { keep, runJob, sharedLabels } from './context.js';
import type { StageContext } from './context.js';
import { explainBuild, explainResolve } from './wheel-failures.js';
import { importWheelhouse, lockDigest, receiveFiles, wheelFiles } from './wheelhouse.js';

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
  const { buildSystem, name } = facts.project;
  const folder = join(context.temporary, 'application');
  const { exitCode, tail } = await runJob(context, {
    stage: 'wheels',
    step: { id: 'build', name: `build ${name}` },
    image: builder,
    command: [`${BUILD_ENV}/bin/python`, '-I', '/run/pypackage/build_wheel.py'],
    files: [
      { path: 'run/pypackage/build_wheel.py', content: buildWheel, mode: 0o644 },
      { path: 'run/pypackage/build.json', content: JSON.stringify({ backend: buildSystem.backend, backendPath: buildSystem.backendPath }), mode: 0o644 },
    ],
    sources: () => packSources(facts.sources, 'src'),
    env: { SOURCE_DATE_EPOCH: String(facts.sourceDateEpoch), PYTHONHASHSEED: '0' },
    outputs: ['/out/wheels'],
    onArchive: (_path, tar) => receiveFiles(tar, folder),
  });
  if (exitCode !== 0) throw explainBuild(facts.project, exitCode, tail);
  const [file] = await wheelFiles(folder);
  if (file === undefined) throw new Error('the backend reported success and left no wheel');
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
  };
  const labels = sharedLabels('wheels', fingerprint, about);
  await importWheelhouse(engine, { folder, wheels: [locked(wheel, 'application')], reference, labels, signal });
  context.emit({ type: 'artifact', stage: 'wheels', kind: 'wheel', name: file, digest: `sha256:${wheel.sha256}`, size: wheel.size });
  return { image: await keep(context, 'wheels', reference, reference), facts: about, fingerprint, folder };
}

/** @param requirements PEP 508, as the application's wheel states them with the wanted extras */
export async function makeDependencies(
  context: StageContext,
  {
    builder,
    requirements,
    fingerprint,
  }: { builder: { readonly reference: string; readonly fingerprint: string }; requirements: readonly string[]; fingerprint: string },
): Promise<Made<DependencyFacts>> {
  const { engine, facts, signal } = context;
  // The builder's identity keys the cache: pip's own key knows neither libc nor distribution.
  const cache = `pypackage-pip-${fingerprintTag(builder.fingerprint)}`;
  await engine.ensureVolume(cache, { [LABEL.kind]: 'cache', [LABEL.fingerprint]: builder.fingerprint });
  const folder = join(context.temporary, 'dependencies');
  const { exitCode, tail } = await runJob(context, {
    stage: 'wheels',
    step: { id: 'resolve', name: 'prepare the dependencies' },
    image: builder.reference,
    command: [`${PIP_ENV}/bin/python`, '/run/pypackage/resolve_wheels.py'],
    files: [
      { path: 'run/pypackage/resolve_wheels.py', content: resolveWheels, mode: 0o644 },
      { path: 'run/pypackage/system_packages.py', content: systemPackagesScript, mode: 0o644 },
      { path: 'run/pypackage/resolve.json', content: JSON.stringify({ requirements, compiling: compilingTable(), loaded: loadedByName() }), mode: 0o644 },
    ],
    env: { SOURCE_DATE_EPOCH: String(facts.sourceDateEpoch), PYTHONHASHSEED: '0' },
    mounts: [{ type: 'volume', source: cache, target: '/root/.cache/pip' }],
    outputs: ['/out'],
    onArchive: (_path, tar) => receiveFiles(tar, folder),
  });
  if (exitCode !== 0) throw explainResolve(facts.project, exitCode, tail);
  const resolution = readResolution(await readFile(join(folder, 'resolution.toml'), 'utf8'), 'resolution.toml');
  const origins = new Map(resolution.filter(isHashed).map((found) => [normalizeName(found.name), found]));
  const wheels: LockedWheel[] = [];
  for (const file of await wheelFiles(folder)) {
    const wheel = await readWheel(join(folder, file));
    const origin = origins.get(wheel.normalizedName);
    wheels.push({
      ...locked(wheel, 'dependency'),
      ...(origin && { origin: { url: withoutCredentials(origin.url), sha256: origin.sha256, kind: origin.kind === 'wheel' ? 'wheel' : 'sdist' } }),
    });
  }
  const about: DependencyFacts = {
    packages: wheels.map((wheel) => `${normalizeName(wheel.name)}==${wheel.version}`),
    lock: lockDigest(wheels),
    size: wheels.reduce((sum, wheel) => sum + wheel.size, 0),
    system: systemPackages.parse(JSON.parse(await readFile(join(folder, 'system.json'), 'utf8'))),
  };
  const reference = `${imageName(facts.namespace, facts.target, 'deps')}:${fingerprintTag(fingerprint)}`;
  await importWheelhouse(engine, { folder, wheels, reference, labels: sharedLabels('deps', fingerprint, about), signal });
  for (const { package: name, because } of about.system)
    context.emit({ type: 'log', stage: 'wheels', stream: 'note', text: `the release gets ${name}: ${because}` });
  return { image: await keep(context, 'wheels', reference, reference), facts: about, fingerprint, folder };
}

function locked(wheel: Wheel, role: LockedWheel['role']): LockedWheel {
  return { name: wheel.name, version: wheel.version, file: wheel.fileName, path: wheel.fileName, size: wheel.size, sha256: wheel.sha256, role };
}
