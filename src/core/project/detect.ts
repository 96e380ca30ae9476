/** Reads a project's folder. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { poetryRequirement } from '../locks/groups.js';
import { readPoetryTables } from '../locks/poetry-table.js';
import { UserError } from '../errors.js';
import { findApplication } from './applications.js';
import { detectDjango } from './django.js';
import { findProjects } from './find-projects.js';
import { detectFrontEnd } from './front-end.js';
import { DEFAULT_BUILD_SYSTEM, type Metadata } from './metadata.js';
import { normalizeName } from './names.js';
import { readProcfile } from './procfile.js';
import type { Project } from './project.js';
import { PYPROJECT, readBuildSystem, readFlitTable, readPoetryTable, readProjectTable, type Pyproject } from './pyproject.js';
import { choosePython } from './python.js';
import { readLockBounds, readVersionFile } from './python-files.js';
import { detectRust } from './rust.js';
import { nameFromFolder, readSetupCfg, readSetupPy, SETUP_CFG, SETUP_PY } from './setuptools.js';
import { detectSite, isPackaged, isSaidToBeNone, type FoundSite } from './site.js';
import { decodeUtf8, parseToml } from './toml.js';

/** Of projects that a message names. */
const LISTED = 8;

/**
 * @param folder absolute; `root` of the result is its real path
 * @throws UserError with codes `project-missing`, `project-unreadable`, `no-project`, `site-without-requirements`,
 * `pyproject-invalid`, `metadata-invalid`, `python-contradiction`, `python-unsatisfiable`, `python-unsupported`
 */
export async function detectProject(folder: string): Promise<Project> {
  const root = await findFolder(folder);
  const entries = await readdir(root).catch((cause: unknown) => {
    throw unreadable(root, cause);
  });
  const names = new Set(entries);
  const load = async (name: string): Promise<Buffer | undefined> => (names.has(name) ? readProjectFile(root, name) : undefined);
  const [pyprojectBytes, setupCfg, setupPy] = await Promise.all([PYPROJECT, SETUP_CFG, SETUP_PY].map(load));
  const pyproject = pyprojectBytes && openPyproject(pyprojectBytes);
  const metadata = readMetadata(root, pyproject, setupCfg?.toString('utf8'), setupPy?.toString('utf8'));
  const isPackage = metadata !== undefined && (await isPackaged(root, names, pyproject, metadata));
  const found = isPackage ? undefined : await detectSite(root, names, metadata);
  const head = await readHead(root, names, metadata?.requiresPython);
  if (found) return { ...siteProject(root, head, found, metadata, pyproject), frontEnd: await detectFrontEnd(root, pyproject, found.django) };
  if (!metadata || isSaidToBeNone(pyproject)) throw await noMetadata(root, pyproject);
  const dependencies = metadata.dependencies;
  const django = await detectDjango(root, dependencies);
  return {
    ...head,
    kind: 'package',
    site: undefined,
    root,
    name: metadata.name,
    normalizedName: normalizeName(metadata.name),
    version: metadata.version,
    metadataFile: metadata.file,
    buildSystem: metadata.buildSystem,
    dependencies,
    extras: metadata.extras,
    extrasPlace: metadata.extrasPlace,
    django,
    application: django ? undefined : (await findApplication(root, 'packages'))?.application,
    rust: await detectRust(root, metadata.buildSystem.requires, pyproject?.table, setupPy?.toString('utf8')),
    frontEnd: await detectFrontEnd(root, pyproject, django),
  };
}

type Head = Pick<Project, 'requiresPython' | 'pythonBounds' | 'python' | 'processes' | 'lockFiles'>;

async function readHead(root: string, names: ReadonlySet<string>, requiresPython: Metadata['requiresPython']): Promise<Head> {
  const [lockBounds, versionFile, processes] = await Promise.all([readLockBounds(root, names), readVersionFile(root), readProcfile(root)]);
  const bounds = [...(requiresPython ? [{ ...requiresPython, says: `requires-python ${requiresPython.text}` }] : []), ...lockBounds];
  return {
    requiresPython: requiresPython?.text,
    pythonBounds: bounds,
    python: choosePython(versionFile, bounds),
    processes,
    lockFiles: [...names]
      .filter((name) => /^(?:pylock(?:\.[^.]+)?\.toml|uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|requirements.*\.txt)$/.test(name))
      .sort(),
  };
}

/** A package's wheel would say them. */
function requirementsOfPoetry(pyproject: Pyproject | undefined): readonly string[] {
  const tables = pyproject && readPoetryTables(pyproject, PYPROJECT);
  return (tables?.dependencies ?? []).filter(({ optional }) => !optional).map((dependency) => poetryRequirement(dependency).text);
}

function siteProject(
  root: string,
  head: Head,
  { site, django }: FoundSite,
  metadata: Metadata | undefined,
  pyproject: Pyproject | undefined,
): Omit<Project, 'frontEnd'> {
  const file = metadata?.file ?? site.requirementsFile ?? django?.managePy ?? '';
  const dependencies = [...(metadata?.dependencies ?? requirementsOfPoetry(pyproject)), ...site.requirements];
  if (django && dependencies.length === 0) {
    throw new UserError({
      kind: 'project',
      code: 'site-without-requirements',
      message: `${path.basename(root)} is a Django site, and nothing says what it needs`,
      where: { file: django.managePy ?? file },
      why: `It has neither a requirements.txt nor dependencies in a ${PYPROJECT}`,
      fix: 'Write a requirements.txt, with Django and a server such as gunicorn in it',
    });
  }
  const name = metadata?.name ?? nameFromFolder(path.basename(root));
  return {
    ...head,
    kind: 'site',
    site,
    root,
    name,
    normalizedName: normalizeName(name),
    version: metadata?.version,
    metadataFile: file,
    buildSystem: { ...DEFAULT_BUILD_SYSTEM, requires: [] },
    dependencies,
    extras: metadata?.extras ?? new Map(),
    extrasPlace: metadata?.extrasPlace ?? { file },
    django,
    application: undefined,
    rust: undefined,
  };
}

async function findFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (cause) {
    if (isCode(cause, 'EACCES')) throw unreadable(folder, cause);
    throw new UserError({
      kind: 'project',
      code: 'project-missing',
      message: `There is no folder ${folder}`,
      where: { file: folder },
      fix: 'Name the folder of a Python project with --project',
      cause,
    });
  }
  throw new UserError({
    kind: 'project',
    code: 'project-missing',
    message: `${folder} is a file, not a folder`,
    where: { file: folder },
    fix: `Name the folder that holds it: ${path.dirname(folder)}`,
  });
}

function unreadable(file: string, cause: unknown): UserError {
  const denied = isCode(cause, 'EACCES') || isCode(cause, 'EPERM');
  return new UserError({
    kind: 'project',
    code: 'project-unreadable',
    message: `${file} cannot be read`,
    where: { file },
    why: denied ? 'This user has no permission' : cause instanceof Error ? cause.message : String(cause),
    ...(denied && { fix: `Give yourself the right to read it: chmod u+rX "${file}"` }),
    cause,
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function readProjectFile(root: string, name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path.join(root, name));
  } catch (cause) {
    // A folder of that name (pyenv has a folder ~/.python-version-…), or a link to nowhere: not the file we look for.
    if (isCode(cause, 'EISDIR') || isCode(cause, 'ENOENT')) return undefined;
    throw unreadable(name, cause);
  }
}

function openPyproject(content: Buffer): Pyproject {
  const source = { file: PYPROJECT, code: 'pyproject-invalid' };
  const text = decodeUtf8(content, source);
  return { text, table: parseToml(text, source) };
}

function readMetadata(root: string, pyproject: Pyproject | undefined, setupCfg: string | undefined, setupPy: string | undefined): Metadata | undefined {
  const fromPyproject =
    pyproject && (readProjectTable(pyproject) ?? readPoetryTable(pyproject, nameFromFolder(path.basename(root))) ?? readFlitTable(pyproject));
  if (fromPyproject) return fromPyproject;
  const buildSystem = pyproject ? readBuildSystem(pyproject) : DEFAULT_BUILD_SYSTEM;
  const fromSetupCfg = setupCfg === undefined ? undefined : readSetupCfg(setupCfg, setupPy, buildSystem);
  return fromSetupCfg ?? (setupPy === undefined ? undefined : readSetupPy(setupPy, path.basename(root), buildSystem));
}

async function noMetadata(root: string, pyproject: Pyproject | undefined): Promise<UserError> {
  const hasPipfile = existsSync(path.join(root, 'Pipfile'));
  const projects = (await findProjects(root)).map(({ folder }) => `${folder}/`);
  const lookedFor = `It holds no ${PYPROJECT} with [project], ${SETUP_CFG} or ${SETUP_PY}, no manage.py, and no application beside a requirements.txt`;
  const why = !pyproject
    ? lookedFor
    : isSaidToBeNone(pyproject)
      ? `Its ${PYPROJECT} says that it is no package, and no application was found in it`
      : `Its ${PYPROJECT} has no [project] table, and there is no ${SETUP_CFG} or ${SETUP_PY} that names a project`;
  const listed = projects.slice(0, LISTED);
  const fix = hasPipfile
    ? 'A Pipfile is not read: write what it locks into requirements.txt with: pipenv requirements > requirements.txt'
    : projects.length === 0
      ? `Open the folder of a Python project, or add a ${PYPROJECT} with [project]`
      : `There ${projects.length === 1 ? 'is a project' : 'are projects'} in ${listed.join(', ')}${projects.length > LISTED ? ` and ${projects.length - LISTED} more` : ''}: choose one with --project ${listed[0] ?? ''}`;
  return new UserError({
    kind: 'project',
    code: 'no-project',
    message: `${root} is not a Python project`,
    where: { file: pyproject ? PYPROJECT : root },
    why,
    fix,
  });
}
