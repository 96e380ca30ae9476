/** Whether uv.lock was made from this pyproject.toml: what it keeps in `package.metadata`, against what stands there now. */
import type { Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import type { Project } from '../project/project.js';
import type { Pyproject } from '../project/pyproject.js';
import { parseRequirement } from '../project/requirement.js';
import { lineOf, lineOfString, type TomlTable } from '../project/toml.js';
import type { DependencyGroups } from './groups.js';
import type { LockEnvironment } from './locked.js';
import { createMarkerTest } from './markers.js';
import { staleLock } from './problems.js';
import { admits, relativeTo, tableOf, tablesOf, textOf, textsOf } from './reading.js';
import type { Sources } from './sources.js';
import { nameAndBounds, normalBounds } from './stale.js';
import type { UvLock } from './uv-lock.js';

export interface UvStaleRequest {
  readonly lock: UvLock;
  readonly project: Pick<Project, 'dependencies' | 'extras' | 'metadataFile' | 'requiresPython'>;
  readonly pyproject: Pyproject | undefined;
  readonly groups: DependencyGroups;
  readonly sources: Sources;
  readonly environment: LockEnvironment;
}

interface Entry {
  /** Equal for what is equal. */
  readonly key: string;
  /** For people: `click>=8.1`. */
  readonly text: string;
  readonly name: string;
  /** Searched for when it is told. */
  readonly place: () => Place;
}

/**
 * Markers are compared by what they say in this environment: uv writes them in a form of its own.
 * @throws UserError `lock-stale` at the line that differs
 */
export function checkUvLock(request: UvStaleRequest): void {
  const { lock, project, groups } = request;
  checkRequiresPython(request);
  const metadata = tableOf(lock.project.table, 'metadata');
  const locked = tablesOf(metadata, 'requires-dist');
  if (project.dependencies) {
    const extras = new Set([...(project.extras?.keys() ?? []), ...textsOf(metadata, 'provides-extras').map(normalizeName)]);
    compare(
      request,
      'its dependencies',
      askedFor(request, project.dependencies, ['project', 'dependencies'], undefined, undefined),
      lockedFor(request, locked, undefined),
    );
    for (const extra of project.extras ? [...extras].sort() : []) {
      const asked = askedFor(request, project.extras?.get(extra) ?? [], ['project', 'optional-dependencies', extra], extra, undefined);
      compare(request, `the extra ${extra}`, asked, lockedFor(request, locked, extra));
    }
  }
  const lockedGroups = tableOf(metadata, 'requires-dev');
  const names = new Set([...groups.names, ...Object.keys(lockedGroups).map(normalizeName)]);
  for (const group of [...names].sort()) {
    const key = Object.keys(lockedGroups).find((written) => normalizeName(written) === group);
    const asked = groups.requirementsOf(group).map(({ text, place }) => entryOf(request, text, () => place, undefined, group));
    compare(
      request,
      `the group ${group}`,
      asked.flatMap((entry) => entry ?? []),
      lockedFor(request, key === undefined ? [] : tablesOf(lockedGroups, key), undefined),
    );
  }
}

/** Every version of Python that matters is tried: uv writes the same bounds in another way. */
function checkRequiresPython({ lock, project, pyproject }: UvStaleRequest): void {
  const { requiresPython: locked } = lock;
  const wanted = project.requiresPython;
  if (locked === undefined || wanted === undefined) return;
  // That of a workspace is what all of its members have in common.
  const isAlone = textsOf(tableOf(lock.root, 'manifest'), 'members').length < 2;
  const differs = SOME_VERSIONS.some((version) => admits(locked, version) !== admits(wanted, version) && (isAlone || admits(locked, version)));
  if (!differs) return;
  const line = pyproject && lineOf(pyproject.text, ['project', 'requires-python']);
  const place = { file: project.metadataFile, ...(line !== undefined && { line }) };
  throw staleLock('uv', lock.source.file, place, `${place.file} wants Python ${wanted}, and it was locked for ${locked}`);
}

const SOME_VERSIONS = Array.from({ length: 20 }, (_, minor) => Array.from({ length: 25 }, (_, patch) => `3.${minor}.${patch}`)).flat();

function askedFor(
  request: UvStaleRequest,
  requirements: readonly string[],
  path: readonly string[],
  extra: string | undefined,
  group: string | undefined,
): readonly Entry[] {
  const { pyproject, project } = request;
  return requirements.flatMap((text) => {
    const place = (): Place => {
      const line = pyproject && lineOfString(pyproject.text, lineOf(pyproject.text, path), text);
      return { file: project.metadataFile, ...(line !== undefined && { line }) };
    };
    return entryOf(request, text, place, extra, group) ?? [];
  });
}

/** undefined where its marker does not hold. */
function entryOf(request: UvStaleRequest, text: string, place: () => Place, extra: string | undefined, group: string | undefined): Entry | undefined {
  const requirement = parseRequirement(text);
  const holds = createMarkerTest(request.environment);
  if (!requirement || !holds(requirement.marker, { file: request.project.metadataFile })) return undefined;
  const source = (request.sources.get(requirement.name) ?? []).find(
    (item) => (item.extra === undefined || item.extra === extra) && (item.group === undefined || item.group === group) && holds(item.marker, item.place),
  );
  const head = `${requirement.name}[${requirement.extras.join(',')}]`;
  if (source?.origin.kind === 'path')
    return { key: `${head} path ${source.origin.path}`, text: `${requirement.name} from ${source.origin.path}`, name: requirement.name, place };
  const url = source?.origin.kind === 'url' ? source.origin.url : requirement.url;
  if (url !== undefined) return { key: `${head} url ${sameUrl(url)}`, text: `${requirement.name} from ${url}`, name: requirement.name, place };
  return { key: `${head} ${normalBounds(requirement.specifierText)}`, text: nameAndBounds(requirement), name: requirement.name, place };
}

/** A repository with its reference, however it is written: behind `@` in a requirement, in the query of uv.lock. */
function sameUrl(url: string): string {
  const [location = ''] = url.replace(/^git\+/, '').split('#');
  const [bare = '', query = ''] = location.split('?');
  // The first `@` of the path; one before it is a user's.
  const [, repository = bare, behind] = /^([a-z][a-z0-9+.-]*:\/\/[^/]*\/[^@]*)@(.*)$/is.exec(bare) ?? [];
  const asked = new URLSearchParams(query);
  return `${repository} ${behind ?? asked.get('rev') ?? asked.get('tag') ?? asked.get('branch') ?? ''}`;
}

function lockedFor({ lock, environment }: UvStaleRequest, tables: readonly TomlTable[], extra: string | undefined): readonly Entry[] {
  const plain = createMarkerTest(environment);
  const holds = createMarkerTest(environment, { extras: new Set(extra === undefined ? [] : [extra]), groups: new Set() });
  return tables.flatMap((table) => {
    const marker = textOf(table, 'marker');
    const name = normalizeName(textOf(table, 'name') ?? '');
    // What holds without the extra is no part of it.
    if (!holds(marker, lock.project.place) || (extra !== undefined && plain(marker, lock.project.place))) return [];
    const place = (): Place => placeOfEntry(lock, name);
    const head = `${name}[${textsOf(table, 'extras').map(normalizeName).sort().join(',')}]`;
    const folder = textOf(table, 'editable') ?? textOf(table, 'directory') ?? textOf(table, 'virtual') ?? textOf(table, 'path');
    if (folder !== undefined) {
      const path = relativeTo(lock.source.member, folder);
      return [{ key: `${head} path ${path}`, text: `${name} from ${path}`, name, place }];
    }
    const git = textOf(table, 'git');
    const url = git ?? textOf(table, 'url');
    if (url !== undefined) return [{ key: `${head} url ${sameUrl(url)}`, text: `${name} from ${url}`, name, place }];
    const specifier = textOf(table, 'specifier') ?? '';
    return [{ key: `${head} ${normalBounds(specifier)}`, text: name + specifier, name, place }];
  });
}

/** In `[package.metadata]` of the project. */
function placeOfEntry({ source, project }: UvLock, name: string): Place {
  const { file, text } = source;
  const lines = text.split('\n');
  const metadata = lines.findIndex((line, i) => i >= (project.place.line ?? 1) && line.startsWith('[package.metadata'));
  const at = metadata < 0 ? -1 : lines.findIndex((line, i) => i > metadata && line.includes(`name = "${name}"`));
  return at < 0 ? project.place : { file, line: at + 1 };
}

function compare({ lock }: UvStaleRequest, what: string, asked: readonly Entry[], locked: readonly Entry[]): void {
  const lockedKeys = new Set(locked.map(({ key }) => key));
  const fresh = asked.find(({ key }) => !lockedKeys.has(key));
  const { file } = lock.source;
  if (fresh) {
    const before = locked.find(({ name }) => name === fresh.name);
    const was = before ? `it was locked for ${before.text}` : `it was locked without ${fresh.name}`;
    const place = fresh.place();
    throw staleLock('uv', file, place, `${place.file} asks for ${fresh.text}, and ${was}`);
  }
  const askedKeys = new Set(asked.map(({ key }) => key));
  const gone = locked.find(({ key }) => !askedKeys.has(key));
  if (gone) throw staleLock('uv', file, gone.place(), `it was locked with ${gone.text} among ${what}, which is no more asked for`);
}
