/** The projects below a folder: the right ones among many pyproject.toml, setup.py and manage.py. Looks only at what decides, and never follows a link. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isVirtualEnvironment } from './exclusions.js';
import { NOT_PROJECTS } from './not-projects.js';
import { readFlitTable, readPoetryTable, readProjectTable, PYPROJECT, type Pyproject } from './pyproject.js';
import { nameFromFolder, readSetupCfg, readSetupPy, SETUP_CFG, SETUP_PY } from './setuptools.js';
import { detectSite, isPackaged, isSaidToBeNone } from './site.js';
import { isStringList, isTable, parseToml } from './toml.js';
import { DEFAULT_BUILD_SYSTEM, type Metadata } from './metadata.js';

export interface FoundProject {
  /** Relative, with `/`; empty: the folder itself. */
  readonly folder: string;
  readonly name: string;
  readonly kind: 'package' | 'site';
}

/** Folders below the one that is looked at. */
const MAX_DEPTH = 4;
/** Folders that are looked into at most. */
const MAX_FOLDERS = 3000;

interface Workspace {
  /** Relative to the folder that is looked at. */
  readonly root: string;
  readonly members: readonly RegExp[];
  readonly excluded: readonly RegExp[];
}

interface Pending {
  readonly folder: string;
  readonly depth: number;
  /** Below a project, only members of its workspace are projects of their own. */
  readonly inside: Workspace | undefined;
}

/** Sorted by folder. Unreadable folders and files that cannot be understood count as what their names say. */
export async function findProjects(root: string): Promise<readonly FoundProject[]> {
  const found: FoundProject[] = [];
  let level: readonly Pending[] = [{ folder: '', depth: 0, inside: undefined }];
  let looked = 0;
  while (level.length > 0 && looked < MAX_FOLDERS) {
    const batch = level.slice(0, MAX_FOLDERS - looked);
    looked += batch.length;
    const looks = await Promise.all(batch.map((pending) => lookAt(root, pending)));
    found.push(...looks.flatMap(({ project }) => project ?? []));
    level = looks.flatMap(({ below }) => below);
  }
  return found.sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

interface Look {
  readonly project: FoundProject | undefined;
  readonly below: readonly Pending[];
}

async function lookAt(root: string, { folder, depth, inside }: Pending): Promise<Look> {
  const absolute = path.join(root, folder);
  if (folder !== '' && isVirtualEnvironment(absolute)) return { project: undefined, below: [] };
  const entries = await readdir(absolute, { withFileTypes: true }).catch(() => []);
  const names = new Set(entries.map((entry) => entry.name));
  const isCandidate = !inside || isMember(inside, folder);
  const { project, workspace } = await classify(absolute, folder, names, isCandidate);
  const next = workspace ?? (project && { root: folder, members: [], excluded: [] }) ?? inside;
  if (depth >= MAX_DEPTH) return { project, below: [] };
  // In a project without a workspace there is nothing else to be found.
  if (next && next.members.length === 0) return { project, below: [] };
  const below = entries
    .filter((entry) => entry.isDirectory() && !NOT_PROJECTS.test(entry.name))
    .map((entry) => ({ folder: path.posix.join(folder, entry.name), depth: depth + 1, inside: next }));
  return { project, below };
}

function isMember({ root, members, excluded }: Workspace, folder: string): boolean {
  const relative = root === '' ? folder : folder.slice(root.length + 1);
  return members.some((glob) => glob.test(relative)) && !excluded.some((glob) => glob.test(relative));
}

const MARKERS = [PYPROJECT, SETUP_CFG, SETUP_PY, 'manage.py', 'requirements.txt', 'requirements', 'requirements-prod.txt', 'requirements-base.txt'];

async function classify(
  absolute: string,
  folder: string,
  names: ReadonlySet<string>,
  isCandidate: boolean,
): Promise<{ readonly project: FoundProject | undefined; readonly workspace: Workspace | undefined }> {
  if (!MARKERS.some((name) => names.has(name))) return { project: undefined, workspace: undefined };
  const load = (name: string): Promise<string | undefined> =>
    names.has(name) ? readFile(path.join(absolute, name), 'utf8').catch(() => undefined) : Promise.resolve(undefined);
  const [text, setupCfg, setupPy] = await Promise.all([PYPROJECT, SETUP_CFG, SETUP_PY].map(load));
  const pyproject = text === undefined ? undefined : openPyproject(text);
  const workspace = pyproject && pyproject !== 'broken' ? workspaceOf(folder, pyproject) : undefined;
  if (!isCandidate) return { project: undefined, workspace: undefined };
  const name = nameFromFolder(path.basename(absolute));
  // What is wrong with it is said when it is packaged.
  if (pyproject === 'broken') return { project: { folder, name, kind: 'package' }, workspace };
  const metadata = metadataOf(pyproject, setupCfg, setupPy, name);
  if (metadata === 'broken') return { project: { folder, name, kind: 'package' }, workspace };
  if (metadata && (await isPackaged(absolute, names, pyproject, metadata))) return { project: { folder, name: metadata.name, kind: 'package' }, workspace };
  // A root that holds members and nothing else is a place, not a project: only what can be run of it is one.
  const site = await detectSite(absolute, names, metadata);
  const isOwnSite =
    site && (site.django?.managePy === undefined || !site.django.managePy.includes('/') || names.has('requirements.txt') || metadata !== undefined);
  if (isOwnSite) return { project: { folder, name: metadata?.name ?? name, kind: 'site' }, workspace };
  const isPackage = metadata !== undefined && !workspace && !isSaidToBeNone(pyproject);
  return { project: isPackage ? { folder, name: metadata.name, kind: 'package' } : undefined, workspace };
}

function openPyproject(text: string): Pyproject | 'broken' {
  try {
    return { text, table: parseToml(text, { file: PYPROJECT, code: 'pyproject-invalid' }) };
  } catch {
    return 'broken';
  }
}

function metadataOf(
  pyproject: Pyproject | undefined,
  setupCfg: string | undefined,
  setupPy: string | undefined,
  folderName: string,
): Metadata | undefined | 'broken' {
  try {
    const own = pyproject && (readProjectTable(pyproject) ?? readPoetryTable(pyproject) ?? readFlitTable(pyproject));
    const configured = own ?? (setupCfg === undefined ? undefined : readSetupCfg(setupCfg, setupPy, DEFAULT_BUILD_SYSTEM));
    return configured ?? (setupPy === undefined ? undefined : readSetupPy(setupPy, folderName, DEFAULT_BUILD_SYSTEM));
  } catch {
    return 'broken';
  }
}

/** https://docs.astral.sh/uv/concepts/projects/workspaces/, https://hatch.pypa.io/latest/how-to/environment/workspace/ */
function workspaceOf(folder: string, { table }: Pyproject): Workspace | undefined {
  const tool = isTable(table['tool']) ? table['tool'] : {};
  const uv = isTable(tool['uv']) && isTable(tool['uv']['workspace']) ? tool['uv']['workspace'] : undefined;
  const hatch = isTable(tool['hatch']) ? hatchMembers(tool['hatch']) : [];
  const listed = [...stringsOf(uv?.['members']), ...hatch];
  if (!uv && listed.length === 0) return undefined;
  return { root: folder, members: listed.map(globPattern), excluded: stringsOf(uv?.['exclude']).map(globPattern) };
}

function hatchMembers(hatch: Readonly<Record<string, unknown>>): readonly string[] {
  const environments = isTable(hatch['envs']) ? Object.values(hatch['envs']) : [];
  return [hatch, ...environments].flatMap((table) => {
    const workspace = isTable(table) && isTable(table['workspace']) ? table['workspace'] : undefined;
    const members: unknown = workspace?.['members'];
    return Array.isArray(members)
      ? members.flatMap((member: unknown) =>
          typeof member === 'string' ? member : isTable(member) && typeof member['path'] === 'string' ? member['path'] : [],
        )
      : [];
  });
}

function stringsOf(value: unknown): readonly string[] {
  return isStringList(value) ? value : [];
}

/** `packages/*`, `libs/**`, `./tool` */
function globPattern(glob: string): RegExp {
  const parts = glob
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .split(/(\*\*\/?|\*|\?)/);
  const text = parts.map((part) => {
    if (part.startsWith('**')) return part.endsWith('/') ? '(?:.*/)?' : '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${text.join('')}$`);
}
