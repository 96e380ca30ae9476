/** What has to be resolved where there is no lock, with where each name comes from. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError, type Place } from '../errors.js';
import { nearestName, normalizeName } from '../project/names.js';
import { PYPROJECT, type Pyproject } from '../project/pyproject.js';
import type { Project } from '../project/project.js';
import { SETUP_PY } from '../project/setuptools.js';
import { formatRequirement, parseRequirement, type Requirement } from '../project/requirement.js';
import { lineOf, parseToml } from '../project/toml.js';
import { requirementsFor } from '../wheels/requirements.js';
import { readFolderMetadata, readIfThere } from './folder-metadata.js';
import { checkGroups, readGroups, type GroupRequirement } from './groups.js';
import { mergeOptions, readIndexes } from './indexes.js';
import type { LockEnvironment, OpenFile, OpenFolder, OpenRequirements, PipOptions } from './locked.js';
import { createMarkerTest, type MarkerTest } from './markers.js';
import { tableOf, textsOf } from './reading.js';
import { readRequirementsFiles, textOfLine, type RequirementLine } from './requirements-file.js';
import { PKG_INFO, readSources, type Source, type Sources } from './sources.js';
import { findWorkspace, workspaceMembers, type Workspace } from './workspace.js';

export interface OpenRequest {
  readonly project: Pick<Project, 'root' | 'name' | 'normalizedName' | 'dependencies' | 'extras' | 'metadataFile'>;
  /** PEP 508, of the built wheel: in the place of what the project says statically. */
  readonly requiresDist?: readonly string[];
  readonly environment: LockEnvironment;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  /** PEP 508, of the configuration. */
  readonly requirements?: readonly string[];
  /** Names of indexes that somebody else declares: the user's own settings, the configuration. */
  readonly indexNames?: readonly string[];
  /** Relative: of a site that is no package. */
  readonly requirementsFiles?: readonly string[];
  /** For `${NAME}` in requirements files. */
  readonly variables?: ReadonlyMap<string, string>;
}

/**
 * @throws UserError `sources-invalid`, `sources-need-lock`, `unknown-group` and what reading groups and requirements files may throw
 */
export async function readOpenRequirements(request: OpenRequest): Promise<OpenRequirements> {
  const { root } = request.project;
  const workspace = await findWorkspace(root);
  const members = workspace && (await membersFrom(root, workspace));
  const text = await readIfThere(path.join(root, PYPROJECT));
  const pyproject = text === undefined ? undefined : { text, table: parseToml(text, { file: PYPROJECT, code: 'pyproject-invalid' }) };
  const collector = new Collector(request, workspace, members);
  if (pyproject) collector.configure(pyproject);
  const sources = collector.sourcesOf(pyproject, PYPROJECT, isMember(workspace));
  for (const item of startOf(request, pyproject)) await collector.take(item, sources);
  if (request.project.dependencies === undefined && request.requiresDist === undefined) await collector.takeAllFolders(sources);
  if (request.requirementsFiles) {
    const { lines, constraints, options } = await readRequirementsFiles({
      root,
      files: request.requirementsFiles,
      ...(request.variables && { variables: request.variables }),
    });
    for (const line of lines) await collector.takeLine(line);
    for (const line of constraints) collector.constrain(line);
    collector.add(options);
  }
  return collector.result();
}

/**
 * Whether names can come from where pyproject.toml says: known before anything is made.
 * @throws UserError `sources-invalid` with the line
 */
export async function checkSources(root: string): Promise<void> {
  const text = await readIfThere(path.join(root, PYPROJECT));
  if (text === undefined || !/\bsources\b/.test(text)) return;
  const workspace = await findWorkspace(root);
  const members = workspace && (await membersFrom(root, workspace));
  const pyproject = { text, table: parseToml(text, { file: PYPROJECT, code: 'pyproject-invalid' }) };
  readSources({ pyproject, file: PYPROJECT, members, isDistributed: existsSync(path.join(root, PKG_INFO)) });
}

interface Asked {
  readonly text: string;
  readonly place: Place;
  readonly group: string | undefined;
}

/** Of the project itself, its wanted extras and groups, and the configuration. */
function startOf(request: OpenRequest, pyproject: Pyproject | undefined): readonly Asked[] {
  const { project, extras, groups, requiresDist } = request;
  const place = { file: project.metadataFile };
  const own = requirementsFor(project.name, requiresDist ?? staticRequires(project), extras).map((text) => ({ text, place, group: undefined }));
  const declared = readGroups(pyproject);
  const ofGroups = checkGroups(project.name, declared, groups).flatMap((group) =>
    declared.requirementsOf(group).map(({ text, place }: GroupRequirement) => ({ text, place, group })),
  );
  return [...own, ...ofGroups, ...(request.requirements ?? []).map((text) => ({ text, place: { file: 'pypackage.json' }, group: undefined }))];
}

/** As a wheel's Requires-Dist would say it. */
export function staticRequires({ dependencies, extras }: Pick<Project, 'dependencies' | 'extras'>): readonly string[] {
  const ofExtras = [...(extras ?? [])].flatMap(([extra, requirements]) =>
    requirements.map((text) => {
      const parsed = parseRequirement(text);
      const condition = `extra == '${extra}'`;
      if (!parsed) return `${text} ; ${condition}`;
      return formatRequirement({ ...parsed, marker: parsed.marker === undefined ? condition : `(${parsed.marker}) and ${condition}` });
    }),
  );
  return [...(dependencies ?? []), ...ofExtras];
}

async function membersFrom(root: string, workspace: Workspace): Promise<ReadonlyMap<string, string>> {
  const members = await workspaceMembers(workspace);
  return new Map([...members].map(([name, folder]) => [name, relative(root, path.join(workspace.root, folder))]));
}

function isMember(workspace: Workspace | undefined): boolean {
  return workspace !== undefined && workspace.member !== '';
}

function relative(root: string, folder: string): string {
  return path.relative(root, folder).split(path.sep).join('/') || '.';
}

class Collector {
  private readonly requirements = new Set<string>();
  private readonly constraints = new Set<string>();
  private readonly folders = new Map<string, OpenFolder>();
  private readonly files = new Map<string, OpenFile>();
  private readonly options: PipOptions[] = [];
  /** Index by name of a package. What the project itself says counts before what a folder of it says. */
  private readonly pins = new Map<string, { readonly index: string; readonly isNested: boolean }>();
  private readonly holds: MarkerTest;

  constructor(
    private readonly request: OpenRequest,
    private readonly workspace: Workspace | undefined,
    private readonly members: ReadonlyMap<string, string> | undefined,
  ) {
    this.holds = createMarkerTest(request.environment);
  }

  result(): OpenRequirements {
    const options = mergeOptions(this.options);
    const byName = <T extends { readonly name: string }>(items: Iterable<T>): readonly T[] => [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
    // A name that comes from a folder or a file is not asked of an index.
    const isLocal = (text: string): boolean => {
      const name = parseRequirement(text)?.name ?? '';
      return this.folders.has(name) || this.files.has(name);
    };
    return {
      requirements: [...this.requirements].filter((text) => !isLocal(text)).sort(),
      constraints: [...this.constraints].sort(),
      folders: byName(this.folders.values()),
      files: byName(this.files.values()),
      options: {
        ...options,
        indexes: options.indexes.map((index) => ({ ...index, packages: [...new Set([...index.packages, ...this.pinnedTo(index.name)])].sort() })),
      },
    };
  }

  private pinnedTo(index: string): readonly string[] {
    return [...this.pins].filter(([, pin]) => pin.index === index).map(([name]) => name);
  }

  add(options: PipOptions): void {
    this.options.push(options);
  }

  /** Settings stand in the workspace's root, where there is one. */
  configure(pyproject: Pyproject): void {
    const { root } = this.request.project;
    const inWorkspace = isMember(this.workspace) ? this.workspace : undefined;
    if (inWorkspace) this.options.push(readIndexes(inWorkspace.pyproject.table, relative(root, inWorkspace.root)));
    this.options.push(readIndexes(pyproject.table, ''));
    const settled = inWorkspace?.pyproject ?? pyproject;
    const file = inWorkspace ? relative(root, path.join(inWorkspace.root, PYPROJECT)) : PYPROJECT;
    const uv = tableOf(tableOf(settled.table, 'tool'), 'uv');
    for (const text of textsOf(uv, 'constraint-dependencies')) this.constraints.add(text.trim());
    const overriding = ['override-dependencies', 'exclude-dependencies'].find((key) => Array.isArray(uv[key]) && uv[key].length > 0);
    if (overriding !== undefined) throw needsLock(overriding, { file, ...lineIn(settled, ['tool', 'uv', overriding]) });
  }

  /** A member takes those of the workspace's root, and its own before them. */
  sourcesOf(pyproject: Pyproject | undefined, file: string, inWorkspace: boolean): Sources {
    const { root } = this.request.project;
    const isDistributed = file === PYPROJECT && existsSync(path.join(root, PKG_INFO));
    const own: Sources = pyproject ? readSources({ pyproject, file, members: this.members, isDistributed }) : new Map();
    if (!inWorkspace || !this.workspace) return own;
    const above = readSources({
      pyproject: this.workspace.pyproject,
      file: relative(root, path.join(this.workspace.root, PYPROJECT)),
      members: this.members,
    });
    return new Map([...above, ...own]);
  }

  async take(asked: Asked, sources: Sources, isNested = false): Promise<void> {
    const requirement = parseRequirement(asked.text);
    if (!requirement) {
      this.requirements.add(asked.text);
      return;
    }
    if (!this.holds(requirement.marker, asked.place)) return;
    const source = (sources.get(requirement.name) ?? []).find((item) => this.applies(item, asked));
    if (source) return this.takeFrom(source, requirement, isNested);
    const location = requirement.url === undefined ? undefined : pathOfUrl(requirement.url);
    if (location !== undefined) return this.takePath(location, requirement, asked.place);
    // What a folder needs from an index stands in its own wheel.
    if (!isNested) this.requirements.add(asked.text);
  }

  private applies({ marker, extra, group, place }: Source, asked: Asked): boolean {
    if (extra !== undefined && !this.request.extras.map(normalizeName).includes(extra)) return false;
    return (group === undefined || group === asked.group) && this.holds(marker, place);
  }

  private async takeFrom({ origin, place }: Source, requirement: Requirement, isNested: boolean): Promise<void> {
    switch (origin.kind) {
      case 'path':
        return this.takePath(origin.path, requirement, place);
      case 'url':
        this.requirements.add(formatRequirement({ ...requirement, url: origin.url }));
        return;
      case 'index':
        this.pin(requirement.name, origin.index, isNested, place);
        if (!isNested) this.requirements.add(formatRequirement(requirement));
    }
  }

  private pin(name: string, index: string, isNested: boolean, place: Place): void {
    const known = mergeOptions(this.options).indexes.map((item) => item.name);
    // Poetry's own name for the index that everybody has.
    if (index.toLowerCase() === 'pypi' && !known.includes(index)) return;
    if (this.request.indexNames?.includes(index)) return;
    if (!known.includes(index)) throw unknownIndex(name, index, known, place);
    const before = this.pins.get(name);
    if (!before || (before.isNested && !isNested)) this.pins.set(name, { index, isNested });
  }

  private async takePath(location: string, requirement: Requirement, place: Place): Promise<void> {
    const { name, extras } = requirement;
    const absolute = path.resolve(this.request.project.root, location);
    const found = await stat(absolute).catch(() => undefined);
    if (found?.isFile()) {
      const before = this.files.get(name)?.extras ?? [];
      this.files.set(name, { name, path: location, extras: union(before, extras), place });
      return;
    }
    if (!found?.isDirectory()) throw notThere(name, location, place);
    await this.takeFolder({ name, path: location, extras, place, version: undefined, kind: 'directory' });
  }

  /** Its dependencies are looked at too: what they take from folders and repositories is no more on an index. */
  private async takeFolder(folder: OpenFolder): Promise<void> {
    const { root, normalizedName } = this.request.project;
    const { name, place } = folder;
    if (name === normalizedName) return;
    const before = this.folders.get(name);
    const extras = union(before?.extras ?? [], folder.extras);
    if (before && extras.length === before.extras.length) return;
    const absolute = path.resolve(root, folder.path);
    const { pyproject, metadata } = await readFolderMetadata(absolute);
    if (!metadata) throw notAProject(name, folder.path, place);
    // The name in a setup.py may be computed.
    if (metadata.file !== SETUP_PY && normalizeName(metadata.name) !== name) throw otherName(name, normalizeName(metadata.name), folder.path, place);
    this.folders.set(name, { ...folder, extras, version: metadata.version });
    const file = path.posix.join(folder.path, PYPROJECT);
    const inWorkspace = [...(this.members?.values() ?? [])].includes(folder.path);
    const sources = this.sourcesOf(pyproject, file, inWorkspace);
    if (metadata.dependencies === undefined) await this.takeAllFolders(sources);
    const requires = requirementsFor(metadata.name, staticRequires({ dependencies: metadata.dependencies, extras: metadata.extras }), extras);
    for (const text of requires) await this.take({ text, place: { file: path.posix.join(folder.path, metadata.file) }, group: undefined }, sources, true);
  }

  /** Where dependencies are only known when built, every name with a source is taken from it. */
  async takeAllFolders(sources: Sources): Promise<void> {
    for (const [name, list] of sources) {
      for (const { origin, marker, extra, group, place } of list) {
        if (origin.kind !== 'path' || extra !== undefined || group !== undefined || !this.holds(marker, place)) continue;
        await this.takePath(origin.path, { name, extras: [], specifiers: [], specifierText: '', url: undefined, marker: undefined }, place);
      }
    }
  }

  async takeLine(line: RequirementLine): Promise<void> {
    if (!this.holds(line.marker, line.place)) return;
    if (line.kind === 'requirement') {
      this.requirements.add(textOfLine(line));
      return;
    }
    await this.takePath(line.path, { name: line.name, extras: line.extras, specifiers: [], specifierText: '', url: undefined, marker: undefined }, line.place);
  }

  constrain(line: RequirementLine): void {
    if (line.kind === 'requirement' && this.holds(line.marker, line.place)) this.constraints.add(textOfLine(line));
  }
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort();
}

/** `file:///${PROJECT_ROOT}/lib` (PDM) and `{root:uri}/lib` (Hatch) are relative to the project. */
function pathOfUrl(url: string): string | undefined {
  const own = /^(?:file:\/\/\/?\$\{PROJECT_ROOT\}|\{root:uri\}|\{root:parent:uri\})\/?([^#]*)/.exec(url);
  if (own) return path.posix.normalize(path.posix.join(url.startsWith('{root:parent') ? '..' : '.', own[1] ?? '')).replace(/(.)\/$/, '$1');
  const local = /^file:(?:\/\/(?:localhost)?(?=\/))?([^#]*)/i.exec(url)?.[1];
  if (local === undefined) return undefined;
  try {
    return decodeURIComponent(local);
  } catch {
    return local;
  }
}

function lineIn({ text }: Pyproject, key: readonly string[]): { readonly line?: number } {
  const line = lineOf(text, key);
  return line === undefined ? {} : { line };
}

function needsLock(key: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: 'sources-need-lock',
    message: `${place.file} has tool.uv.${key}, and there is no uv.lock`,
    where: place,
    why: 'Only uv can resolve that',
    fix: 'Make the lock: uv lock',
  });
}

function unknownIndex(name: string, index: string, known: readonly string[], place: Place): UserError {
  const nearest = nearestName(index, known);
  return new UserError({
    kind: 'project',
    code: 'sources-invalid',
    message: `${place.file} takes ${name} from the index ${index}, which it does not declare`,
    where: place,
    why: known.length > 0 ? `Its indexes are ${known.join(', ')}` : 'It declares no index',
    fix: nearest === undefined ? 'Declare it, with its url' : `Did you mean ${nearest}?`,
  });
}

function notThere(name: string, location: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: 'sources-invalid',
    message: `${place.file} takes ${name} from ${location}, which is not there`,
    where: place,
    fix: 'Check the path, or fetch what belongs there (a Git submodule)',
  });
}

function notAProject(name: string, location: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: 'sources-invalid',
    message: `${place.file} takes ${name} from ${location}, and there is no Python project in it`,
    where: place,
    fix: 'It needs a pyproject.toml with [project], a setup.cfg or a setup.py',
  });
}

function otherName(name: string, found: string, location: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: 'sources-invalid',
    message: `${place.file} takes ${name} from ${location}, where the project is called ${found}`,
    where: place,
    fix: `Write ${found} in the place of ${name}, or choose another folder`,
  });
}
