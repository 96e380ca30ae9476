/** wheels: the application's wheel, built once from its sources, and one wheel for each dependency, resolved once. */
import { join } from 'node:path';
import type { ImageSummary } from '../../engine/engine.js';
import buildWheel from '../../containers/build_wheel.py';
import { fingerprintTag, imageName } from '../../images/names.js';
import { BUILD_ENV } from '../../images/tools.js';
import { packSources } from '../../project/pack.js';
import type { LockedWheel } from '../../wheels/lock.js';
import { readWheel } from '../../wheels/wheel.js';
import type { Wheel } from '../../wheels/wheel.js';
import type { ApplicationFacts } from '../image-facts.js';
import { keep, runJob, sharedLabels } from './context.js';
import type { StageContext } from './context.js';
import { explainBuild } from './wheel-failures.js';
import { importWheelhouse, receiveFiles, wheelFiles } from './wheelhouse.js';

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
    sources: [() => packSources(facts.sources, 'src')],
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

export function locked(wheel: Wheel, role: LockedWheel['role']): LockedWheel {
  return { name: wheel.name, version: wheel.version, file: wheel.fileName, path: wheel.fileName, size: wheel.size, sha256: wheel.sha256, role };
}
