/** base: the Python image made ready. Pulls it when it is not there, and looks whether it can serve. */
import type { ImageSummary } from '../../engine/engine.js';
import { UserError } from '../../errors.js';
import probe from '../../containers/probe.sh';
import { baseRecipe } from '../../images/base.js';
import { fingerprintTag, imageName } from '../../images/names.js';
import { OLDEST_PYTHON } from '../../images/tools.js';
import type { Facts } from '../facts.js';
import { baseIdentity, lookAtBase } from '../plan.js';
import type { BaseImageFacts } from '../image-facts.js';
import { buildImage, runJob, sharedLabels } from './context.js';
import type { StageContext } from './context.js';
import { checkFitness } from './fitness.js';

export async function pullBase({ engine, facts, emit, signal }: StageContext): Promise<Facts['baseImage']> {
  const { reference } = facts.baseReference;
  emit({ type: 'step', stage: 'base', id: 'pull', name: `pull ${reference}`, state: 'started' });
  const started = performance.now();
  await engine.pullImage(reference, (label, current, total) => emit({ type: 'progress', stage: 'base', label, current, total, unit: 'bytes' }), signal);
  emit({ type: 'step', stage: 'base', id: 'pull', name: `pull ${reference}`, state: 'done', ms: performance.now() - started });
  return engine.inspectImage(reference, signal);
}

/** Call once the reference is on the engine. */
export async function makeBase(context: StageContext): Promise<{ readonly image: ImageSummary; readonly facts: BaseImageFacts; readonly fingerprint: string }> {
  const { facts } = context;
  const look = lookAtBase(facts);
  if (!look) throw new Error(`${facts.baseReference.reference} is not on the engine`);
  const about = await probeBase(context);
  await checkFitness(context, about);
  const image = await buildImage(context, {
    stage: 'base',
    recipe: baseRecipe({ reference: facts.baseReference.reference }),
    reference: `${imageName(facts.namespace, facts.target, 'base')}:${fingerprintTag(look.fingerprint)}`,
    labels: sharedLabels('base', look.fingerprint, about),
  });
  return { image, facts: about, fingerprint: look.fingerprint };
}

async function probeBase(context: StageContext): Promise<BaseImageFacts> {
  const { reference } = context.facts.baseReference;
  const said = new Map<string, string>();
  const { exitCode, tail } = await runJob(
    { ...context, emit: (body) => (body.type === 'log' ? remember(said, body.text) : context.emit(body)) },
    {
      stage: 'base',
      step: { id: 'probe', name: `look into ${reference}` },
      image: reference,
      command: ['/bin/sh', '/run/pypackage/probe.sh'],
      files: [{ path: 'run/pypackage/probe.sh', content: probe, mode: 0o644 }],
      isOffline: true,
    },
  );
  const unfit = (message: string, why: string): UserError =>
    new UserError({
      kind: 'project',
      code: 'base-image-unfit',
      message,
      why,
      fix: `Name another with --base-image or PYPACKAGE_BASE_IMAGE: a Debian or Ubuntu image with Python ${OLDEST_PYTHON} or later, such as python:3.13-slim-bookworm`,
    });
  if (exitCode !== 0) throw unfit(`${reference} cannot be looked into`, tail.last() ?? `its shell ended with exit code ${exitCode}`);
  const name = said.get('name') ?? 'an unknown distribution';
  if (said.get('apt') !== 'yes' || said.get('useradd') !== 'yes') {
    throw unfit(`${reference} is ${name}, which cannot be a base image`, 'base images need apt-get and useradd, as Debian and Ubuntu have them');
  }
  const python = said.get('python');
  if (python === undefined) throw unfit(`${reference} has no python3`, 'the application runs on the Python of its base image');
  if (Number(python.split('.')[1]) < Number(OLDEST_PYTHON.split('.')[1]))
    throw unfit(`${reference} has Python ${python}`, `Python ${OLDEST_PYTHON} is the oldest that works`);
  const rust = said.get('rust');
  return {
    python,
    distribution: `${said.get('id') || 'debian'}-${said.get('release') || 'testing'}`,
    systemPython: said.get('prefix') === '/usr',
    machine: said.get('machine') ?? 'x86_64',
    glibc: said.get('glibc') ?? '2.17',
    ...(rust !== undefined && { rust }),
    from: `${reference} ${baseIdentity(context.facts) ?? ''}`.slice(0, 400),
  };
}

function remember(said: Map<string, string>, line: string): void {
  const at = line.indexOf('=');
  if (at > 0) said.set(line.slice(0, at), line.slice(at + 1));
}
