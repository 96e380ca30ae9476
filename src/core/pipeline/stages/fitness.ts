/** Whether a project can be packaged on its base image, as far as that is known before anything is built: Python, Rust, a front end. */
import type { Engine } from '../../engine/engine.js';
import { UserError } from '../../errors.js';
import { pythonInName } from '../../images/names.js';
import { isOlder, rustOf, suiteWithRust } from '../../images/rust-versions.js';
import { brokenBound, fittingPythons, placeText } from '../../project/python.js';
import type { PythonBound } from '../../project/project.js';
import type { LocalFacts } from '../facts.js';
import type { BaseImageFacts } from '../image-facts.js';
import type { StageContext } from './context.js';

const NAMING = '--base-image, PYPACKAGE_BASE_IMAGE or baseImage in pypackage.json';
/** Debian's releases that the official images of Python come on. */
const SUITES = ['bookworm', 'trixie'] as const;
/** Of versions of Python that a message lists with their images. */
const LISTED = 3;

export interface FitnessQuestion {
  readonly facts: LocalFacts;
  readonly engine: Pick<Engine, 'findImages'>;
  readonly emit: StageContext['emit'];
  readonly signal: AbortSignal;
}

/** @throws UserError `python-mismatch`, `rust-too-old`, `front-end-not-built`; of several, the others are told as notes */
export async function checkFitness({ facts, engine, emit, signal }: FitnessQuestion, about: BaseImageFacts): Promise<void> {
  const problems = [await pythonProblem(facts, about, engine, signal), rustProblem(facts, about), frontEndProblem(facts)].filter(
    (problem) => problem !== undefined,
  );
  const [first, ...others] = problems;
  if (!first) return;
  for (const { message, fix } of others) emit({ type: 'log', stage: 'base', stream: 'note', text: `also: ${message}${fix === undefined ? '' : `. ${fix}`}` });
  throw first;
}

async function pythonProblem(
  { project, baseReference }: LocalFacts,
  { python }: BaseImageFacts,
  engine: FitnessQuestion['engine'],
  signal: AbortSignal,
): Promise<UserError | undefined> {
  const bound = brokenBound(python, project.pythonBounds);
  if (!bound) return undefined;
  const [present, fitting] = [await presentImages(engine, project.pythonBounds, signal), fittingPythons(project.pythonBounds)];
  const official = fitting.slice(0, LISTED).flatMap((version) => SUITES.map((suite) => `python:${version}-slim-${suite}`));
  const more = fitting.length > LISTED ? `, or the same of ${fitting.slice(LISTED).join(', ')}` : '';
  const onEngine = present.length > 0 ? `; on this engine: ${present.join(', ')}` : '';
  return new UserError({
    kind: 'project',
    code: 'python-mismatch',
    message: `${project.name} needs Python ${bound.text}, and ${baseReference.reference} has ${python}`,
    where: bound.place,
    why: `${placeText(bound.place)} says ${bound.says}`,
    fix: `Name a base image that fits with ${NAMING}: ${official.join(', ')}${more}${onEngine}`,
  });
}

/** Images of Python by their names: `python:3.12-slim`, `acme/python:3.12.1`. Nothing is started to find out what others hold. */
async function presentImages(engine: FitnessQuestion['engine'], bounds: readonly PythonBound[], signal: AbortSignal): Promise<readonly string[]> {
  const images = await engine.findImages({}, signal).catch(() => []);
  const tags = images
    .flatMap((image) => image.tags)
    .filter((tag) => {
      const version = tag.includes('alpine') ? undefined : pythonInName(tag);
      // Of a line of releases an image has the newest, as far as a name can tell.
      return version !== undefined && brokenBound(version.split('.').length === 2 ? `${version}.99` : version, bounds) === undefined;
    });
  return [...new Set(tags)].sort().slice(0, 5);
}

function rustProblem({ project, baseReference, config }: LocalFacts, { distribution, python, rust: own }: BaseImageFacts): UserError | undefined {
  const { rust } = project;
  const has = own ?? rustOf(distribution);
  if (!rust || has === undefined || !isOlder(has, rust.version)) return undefined;
  if (config.buildCommand || config.systemPackages.build.some((name) => name.startsWith('rust'))) return undefined;
  const better = suiteWithRust(rust.version);
  const image = `python:${python.split('.').slice(0, 2).join('.')}-slim-${better?.suite ?? ''}`;
  return new UserError({
    kind: 'project',
    code: 'rust-too-old',
    message: `${project.name} needs Rust ${rust.version} or later to build, and ${baseReference.reference} (${distribution.replace('-', ' ')}) has ${has}`,
    where: rust.place,
    why: `${placeText(rust.place)} says ${rust.says}`,
    fix: better
      ? `Name a base image on Debian ${better.suite}, which has Rust ${better.rust}, with ${NAMING}: ${image}`
      : `No Debian that images of Python come on has it: name a base image of your own with cargo and rustc ${rust.version} on its PATH, with ${NAMING}`,
  });
}

function frontEndProblem({ project, config }: LocalFacts): UserError | undefined {
  const { frontEnd } = project;
  if (frontEnd?.missing === undefined || frontEnd.isOptional || isBuiltOtherwise(config)) return undefined;
  const { missing, place, tool, runsIn } = frontEnd;
  return new UserError({
    kind: 'project',
    code: 'front-end-not-built',
    message: `The front end of ${project.name} is not built: ${missing} is not there`,
    where: place,
    why: runsIn ? `${placeText(place)} runs ${tool}, which the builder does not have` : `${placeText(place)} packages ${missing}`,
    fix: `Have it built before the wheel, in pypackage.json: ${exampleOf(frontEnd)}`,
  });
}

/** For a build that runs a front end's tool, where nothing shows whether it has anything left to do; for a site, whose settings name what is not there. */
export function frontEndNote({ project, config }: LocalFacts): string | undefined {
  const { frontEnd } = project;
  if (!frontEnd || isBuiltOtherwise(config)) return undefined;
  const { missing, isOptional, place, tool, runsIn, outputs, packageJson } = frontEnd;
  if (missing !== undefined && isOptional)
    return `the front end is not built: ${missing}, which ${placeText(place)} names, is not there; to have it built, put into pypackage.json: ${exampleOf(frontEnd)}`;
  if (!runsIn || outputs.length > 0 || packageJson === undefined) return undefined;
  return `${placeText(place)} may run ${tool}, which the builder does not have; if the build needs it, put into pypackage.json: ${exampleOf(frontEnd)}`;
}

function isBuiltOtherwise({ prebuild, buildCommand, systemPackages }: LocalFacts['config']): boolean {
  return prebuild !== undefined || buildCommand !== undefined || systemPackages.build.some((name) => /^(?:npm|nodejs|yarnpkg)\b/.test(name));
}

function exampleOf({ tool, packageJson }: NonNullable<LocalFacts['project']['frontEnd']>): string {
  const install = {
    npm: 'npm ci',
    yarn: 'yarn install --frozen-lockfile',
    pnpm: 'corepack enable && pnpm install --frozen-lockfile',
    bun: 'bun install --frozen-lockfile',
  }[tool];
  const folder = packageJson?.includes('/') === true ? packageJson.slice(0, packageJson.lastIndexOf('/')) : undefined;
  const prebuild = {
    command: `${install ?? `${tool} install`} && ${tool} run build`,
    image: tool === 'bun' ? 'oven/bun:1' : 'node:22',
    ...(folder !== undefined && { folder }),
  };
  return `{ "version": 1, "defaults": { "prebuild": ${JSON.stringify(prebuild)} } }`;
}
