/** wheels, for a project that is no package: its sources take the place of its wheel, as an image without an operating system. */
import { UserError } from '../../errors.js';
import { fingerprintTag, imageName } from '../../images/names.js';
import { APPLICATION } from '../../images/tools.js';
import { isPrivateKey } from '../../project/not-shipped.js';
import { packSources } from '../../project/pack.js';
import { packageSuggestion } from '../../project/site.js';
import type { SourceFile, SourceTree } from '../../project/sources.js';
import type { Facts } from '../facts.js';
import type { ApplicationFacts } from '../image-facts.js';
import { keep, sharedLabels } from './context.js';
import type { StageContext } from './context.js';
import type { Made } from './wheels.js';

/** Of what is left out, so many are named. */
const NAMED = 5;

/** @param sources what ships, and what was left out of it */
export async function makeSite(context: StageContext, sources: SourceTree, fingerprint: string): Promise<Made<ApplicationFacts>> {
  const { engine, facts, emit, signal } = context;
  const note = (text: string): void => emit({ type: 'log', stage: 'wheels', stream: 'note', text });
  const name = imageName(facts.namespace, facts.target, 'wheels');
  if (!facts.inventory.hasName(name)) for (const text of introduction(facts)) note(text);
  if (sources.leftOut.length > 0) note(`not shipped: ${listed(sources.leftOut)}`);
  const reference = `${name}:${fingerprintTag(fingerprint)}`;
  const about = siteFacts(facts, sources);
  await engine.importImage(packSources(sources, APPLICATION, refuseKeys), reference, sharedLabels('wheels', fingerprint, about), signal);
  return { image: await keep(context, 'wheels', reference, reference), facts: about, fingerprint };
}

/** The hash of the tree stands where a wheel's would. */
export function siteFacts({ project }: Facts, sources: SourceTree): ApplicationFacts {
  const extras = [...(project.extras ?? [])];
  return {
    file: '',
    name: project.name,
    version: project.version ?? '',
    sha256: sources.digest,
    size: sources.size,
    requiresDist: [...(project.dependencies ?? []), ...extras.flatMap(([extra, listed]) => listed.map((requirement) => withExtra(requirement, extra)))],
    providesExtra: extras.map(([extra]) => extra),
    scripts: [],
    modules: [],
    system: [],
  };
}

/** As a wheel's Requires-Dist says it. */
function withExtra(requirement: string, extra: string): string {
  const [bare = '', ...marker] = requirement.split(';');
  const condition = marker.join(';').trim();
  return `${bare.trim()} ; ${condition === '' ? '' : `(${condition}) and `}extra == '${extra}'`;
}

function introduction({ project }: Facts): readonly string[] {
  const { site, django, name, metadataFile } = project;
  const module = django?.settingsModule?.split('.')[0] ?? site?.application?.module.split('.')[0] ?? name;
  const why = `${name} is no package (${metadataFile} names no build backend): it ships as its sources, in ${APPLICATION}`;
  return [
    why,
    'as a package it would get a wheel, and a version of its own; for that, pyproject.toml would say:',
    ...packageSuggestion(project.normalizedName, module, project.dependencies ?? []).map((line) => `  ${line}`),
  ];
}

function listed(paths: readonly string[]): string {
  return `${paths.slice(0, NAMED).join(', ')}${paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''}`;
}

/** Those with a usual name were left out; under any other it would ship unseen. */
function refuseKeys(file: SourceFile, content: Uint8Array): void {
  if (!isPrivateKey(content)) return;
  throw new UserError({
    kind: 'project',
    code: 'private-key-in-sources',
    message: `${file.path} is a private key, which must not get into an image`,
    where: { file: file.path, line: 1 },
    why: 'A site ships all of its folder that is not left out, and this name does not tell what it is',
    fix: 'Move it out of the project, or give it a name that ends in .key: those are left out',
  });
}
