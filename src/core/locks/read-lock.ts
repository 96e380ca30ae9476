/** Which lock is the project's, whether it is still true, and what one variant needs of it. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { UserError, type Place } from '../errors.js';
import { checkExtras } from '../project/extras.js';
import type { Project } from '../project/project.js';
import { PYPROJECT, type Pyproject } from '../project/pyproject.js';
import { lineOf, lineOfString, parseToml } from '../project/toml.js';
import { requirementsFor } from '../wheels/requirements.js';
import { pdmHashes, poetryHashes } from './content-hash.js';
import { readIfThere } from './folder-metadata.js';
import { checkGroups, readGroups, type DependencyGroups } from './groups.js';
import { areHashed, readHashedRequirements } from './hashed-requirements.js';
import type { LockEnvironment, LockedPackage, PipOptions, ProjectLock } from './locked.js';
import { staticRequires } from './open-requirements.js';
import { parsePdmLock, readPdmLock } from './pdm-lock.js';
import { parsePoetryLock, readPoetryLock } from './poetry-lock.js';
import { readPoetryTables } from './poetry-table.js';
import { relockCommand, staleLock } from './problems.js';
import { readPylock } from './pylock.js';
import { wantedOf, type Wanted } from './reading.js';
import { readRequirementsFiles } from './requirements-file.js';
import { PKG_INFO, readSources } from './sources.js';
import { checkLocked, type AskedRequirement } from './stale.js';
import { parseUvLock, readUvLock } from './uv-lock.js';
import { checkUvLock } from './uv-stale.js';
import { findWorkspace, workspaceMembers } from './workspace.js';
import { readPylockTool } from './write-pylock.js';

export interface LockRequest {
  readonly project: Pick<Project, 'root' | 'name' | 'normalizedName' | 'metadataFile' | 'dependencies' | 'extras' | 'extrasPlace' | 'requiresPython'>;
  readonly environment: LockEnvironment;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  readonly target: string;
  /** PEP 508, of the configuration: a lock must hold them too. */
  readonly requirements?: readonly string[];
  /** Relative: of a site that is no package. Those with hashes are a lock. */
  readonly requirementsFiles?: readonly string[];
  /** For `${NAME}` in requirements files. */
  readonly variables?: ReadonlyMap<string, string>;
}

/** A lock that is there, not yet read. */
interface Candidate {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly format: ProjectLock['format'];
  /** Throws what is wrong with it, being stale left aside. */
  readonly read: () => readonly LockedPackage[];
  /** Throws when it is stale. */
  readonly check: (packages: readonly LockedPackage[]) => void;
  readonly rest: () => Pick<ProjectLock, 'builds' | 'digest' | 'options'>;
}

/**
 * undefined where the project has no lock: then `readOpenRequirements` says what has to be resolved.
 * @throws UserError `lock-invalid`, `lock-stale`, `locks-contradict`, `lock-other-python`, `lock-other-platform`, `lock-hash-missing`,
 * `unknown-extra`, `unknown-group`, and what requirements files and groups may throw
 */
export async function readProjectLock(request: LockRequest): Promise<ProjectLock | undefined> {
  const [first, ...others] = await findLocks(request);
  if (!first) return undefined;
  const packages = first.read();
  checkAgreement(first, packages, others);
  first.check(packages);
  checkConfigured(request, first, packages);
  return { file: first.file, format: first.format, packages, ...first.rest() };
}

/** The order in which they count. */
async function findLocks(request: LockRequest): Promise<readonly Candidate[]> {
  const { root, name, normalizedName } = request.project;
  const names = new Set(await readdir(root));
  const text = names.has(PYPROJECT) ? await readIfThere(path.join(root, PYPROJECT)) : undefined;
  const pyproject = text === undefined ? undefined : { text, table: parseToml(text, { file: PYPROJECT, code: 'pyproject-invalid' }) };
  const candidates: Candidate[] = [];
  const groups = readGroups(pyproject);
  const wanted = (): Wanted => {
    const extras = request.project.extras ? checkExtras(request.project, request.extras) : request.extras;
    return wantedOf(request.environment, extras, checkGroups(name, groups, request.groups));
  };
  const asked = (): readonly AskedRequirement[] => askedFor(request, pyproject, groups);
  const load = async (file: string): Promise<string | undefined> => (names.has(file) ? readIfThere(path.join(root, file)) : undefined);
  const general = {
    check: (packages: readonly LockedPackage[], file: string, format: ProjectLock['format']) =>
      checkLocked({ file, format, packages }, asked(), request.environment),
  };
  const nothingMore = (): Pick<ProjectLock, 'builds'> => ({ builds: undefined });

  for (const file of pylockNames(request)) {
    const content = await load(file);
    if (content === undefined) continue;
    candidates.push({
      file,
      format: 'pylock',
      read: () => readPylock({ text: content, file, project: normalizedName }, wanted()),
      check: (packages) => general.check(packages, file, 'pylock'),
      rest: () => restOfPylock(content, file),
    });
  }
  const uv = await uvCandidate(request, names, pyproject, wanted);
  if (uv) candidates.push(uv);
  const poetry = await load('poetry.lock');
  if (poetry !== undefined) {
    const file = 'poetry.lock';
    const lock = once(() => parsePoetryLock({ text: poetry, file }));
    candidates.push({
      file,
      format: 'poetry',
      read: () => readPoetryLock(lock(), pyproject && readPoetryTables(pyproject, PYPROJECT), wanted()),
      check: (packages) => {
        const { contentHash, contentHashPlace } = lock();
        const hashes = pyproject ? poetryHashes(pyproject.table) : [];
        if (contentHash !== undefined && hashes.length > 0)
          checkHash(contentHash, hashes, contentHashPlace, 'poetry', () => general.check(packages, file, 'poetry'));
        else general.check(packages, file, 'poetry');
      },
      rest: nothingMore,
    });
  }
  const pdm = await load('pdm.lock');
  if (pdm !== undefined) {
    const file = 'pdm.lock';
    const lock = once(() => parsePdmLock({ text: pdm, file }));
    candidates.push({
      file,
      format: 'pdm',
      read: () =>
        readPdmLock(
          lock(),
          asked().map((item) => item.text),
          wanted(),
        ),
      check: (packages) => {
        const { contentHash, contentHashPlace } = lock();
        const hashes = pyproject ? pdmHashes(pyproject.table) : [];
        if (contentHash !== undefined && hashes.length > 0) {
          checkHash(contentHash.replace(/^sha256:/, ''), hashes, contentHashPlace, 'pdm', () => general.check(packages, file, 'pdm'));
        } else general.check(packages, file, 'pdm');
      },
      rest: nothingMore,
    });
  }
  const requirements = await requirementsCandidate(request, wanted, general.check);
  return requirements ? [...candidates, requirements] : candidates;
}

/** Of the variant, of the target, of the project. */
function pylockNames({ target, environment }: LockRequest): readonly string[] {
  return [`pylock.${variantName(target, environment)}.toml`, `pylock.${target}.toml`, 'pylock.toml'];
}

/** `app-py313-linux_x86_64` */
export function variantName(target: string, { python, machine }: LockEnvironment): string {
  return `${target}-py${python.split('.').slice(0, 2).join('')}-linux_${machine}`;
}

function restOfPylock(text: string, file: string): Pick<ProjectLock, 'builds' | 'digest'> {
  const tool = readPylockTool(text, file);
  return { builds: tool?.builds, ...(tool && { digest: tool.digest }) };
}

async function uvCandidate(
  request: LockRequest,
  names: ReadonlySet<string>,
  pyproject: Pyproject | undefined,
  wanted: () => Wanted,
): Promise<Candidate | undefined> {
  const { project, environment } = request;
  const workspace = await findWorkspace(project.root);
  const folder = workspace?.root ?? project.root;
  const text = folder === project.root && !names.has('uv.lock') ? undefined : await readIfThere(path.join(folder, 'uv.lock'));
  if (text === undefined) return undefined;
  const file = relative(project.root, path.join(folder, 'uv.lock'));
  const members =
    workspace && new Map([...(await workspaceMembers(workspace))].map(([name, member]) => [name, relative(project.root, path.join(workspace.root, member))]));
  const lock = once(() => parseUvLock({ text, file, project: project.normalizedName, member: workspace?.member ?? '' }));
  return {
    file,
    format: 'uv',
    read: () => readUvLock(lock(), wanted()),
    check: () => {
      const above =
        workspace && workspace.member !== ''
          ? readSources({ pyproject: workspace.pyproject, file: relative(project.root, path.join(workspace.root, PYPROJECT)), members })
          : new Map();
      const own = pyproject ? readSources({ pyproject, file: PYPROJECT, members, isDistributed: existsSync(path.join(project.root, PKG_INFO)) }) : new Map();
      checkUvLock({ lock: lock(), project, pyproject, groups: readGroups(pyproject, new Set(['uv'])), sources: new Map([...above, ...own]), environment });
    },
    rest: () => ({ builds: undefined }),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function relative(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/') || '.';
}

async function requirementsCandidate(
  request: LockRequest,
  wanted: () => Wanted,
  check: (packages: readonly LockedPackage[], file: string, format: ProjectLock['format']) => void,
): Promise<Candidate | undefined> {
  const { project, requirementsFiles = [], variables } = request;
  const [file] = requirementsFiles;
  if (file === undefined) return undefined;
  const files = await readRequirementsFiles({ root: project.root, files: requirementsFiles, ...(variables && { variables }) });
  if (!areHashed(files)) return undefined;
  return {
    file,
    format: 'requirements',
    read: () => readHashedRequirements(files, wanted()),
    check: (packages) => check(packages, file, 'requirements'),
    rest: (): Pick<ProjectLock, 'builds' | 'options'> & { readonly options: PipOptions } => ({ builds: undefined, options: files.options }),
  };
}

/** What the project says statically that it needs, with the wanted extras and groups. */
function askedFor(request: LockRequest, pyproject: Pyproject | undefined, groups: DependencyGroups): readonly AskedRequirement[] {
  const { project, extras } = request;
  const own = requirementsFor(project.name, staticRequires(project), extras);
  const ofProject = own.map((text) => ({ text, place: placeOfRequirement(project.metadataFile, pyproject, text) }));
  const ofGroups = request.groups.flatMap((group) => checkGroups(project.name, groups, [group]).flatMap((name) => groups.requirementsOf(name)));
  return [...ofProject, ...ofGroups];
}

function placeOfRequirement(file: string, pyproject: Pyproject | undefined, text: string): Place {
  if (!pyproject || file !== PYPROJECT) return { file };
  // The marker of an extra was put to it, or taken away.
  const bare = text.replace(/\s*;.*$/s, '').trim();
  const lines = pyproject.text.split('\n');
  const from = (lineOf(pyproject.text, ['project']) ?? 1) - 1;
  const at = lines.findIndex((line, i) => i >= from && (line.includes(`"${bare}`) || line.includes(`'${bare}`)));
  const line = at < 0 ? lineOfString(pyproject.text, lineOf(pyproject.text, ['project', 'dependencies']), text) : at + 1;
  return { file, ...(line !== undefined && { line }) };
}

/** @param detail throws a better error where it finds what has changed */
function checkHash(locked: string, hashes: readonly string[], place: Place, format: 'poetry' | 'pdm', detail: () => void): void {
  if (hashes.includes(locked)) return;
  detail();
  throw staleLock(format, place.file, place, `${PYPROJECT} has changed since it was made`);
}

/** What the configuration asks for besides must be in the lock too: nothing is resolved beside one. */
function checkConfigured({ requirements = [], environment }: LockRequest, { file, format }: Candidate, packages: readonly LockedPackage[]): void {
  const asked = requirements.map((text) => ({ text, place: { file: 'pypackage.json' } }));
  checkLocked(
    { file, format, packages },
    asked,
    environment,
    `Add it to the dependencies of the project, or to a group, and lock again: ${relockCommand(format, file)}`,
  );
}

/** Of what is in both, the versions must be the same. */
function checkAgreement(first: Candidate, packages: readonly LockedPackage[], others: readonly Candidate[]): void {
  for (const other of others) {
    const theirs = new Map(readIfReadable(other).map((item) => [item.name, item]));
    const differing = packages.flatMap((item) => {
      const their = theirs.get(item.name);
      return their && item.version !== undefined && their.version !== undefined && item.version !== their.version ? [{ item, their }] : [];
    });
    const [difference] = differing;
    if (!difference) continue;
    const { item, their } = difference;
    const more = differing.length > 1 ? `, and ${differing.length - 1} more differ` : '';
    throw new UserError({
      kind: 'project',
      code: 'locks-contradict',
      message: `${first.file} and ${other.file} contradict each other: ${item.name} is ${item.version} in the one and ${their.version} in the other${more}`,
      where: item.place,
      why: `${other.file} says so in line ${their.place.line ?? '?'}; ${first.file} would count`,
      fix: `Remove the lock that is no more used, or make it anew: ${relockCommand(first.format, first.file)}, ${relockCommand(other.format, other.file)}`,
    });
  }
}

/** One that cannot be used anyhow contradicts nothing. */
function readIfReadable(candidate: Candidate): readonly LockedPackage[] {
  try {
    return candidate.read();
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
