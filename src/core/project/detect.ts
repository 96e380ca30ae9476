/** Reads a project's folder. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import { detectDjango } from './django.js';
import { detectFrontEnd } from './front-end.js';
import { DEFAULT_BUILD_SYSTEM, type Metadata } from './metadata.js';
import { normalizeName } from './names.js';
import type { Project } from './project.js';
import { PYPROJECT, readBuildSystem, readFlitTable, readPoetryTable, readProjectTable, type Pyproject } from './pyproject.js';
import { choosePython } from './python.js';
import { readLockBounds, readVersionFile } from './python-files.js';
import { detectRust } from './rust.js';
import { readSetupCfg, readSetupPy, SETUP_CFG, SETUP_PY } from './setuptools.js';
import { decodeUtf8, isTable, parseToml } from './toml.js';

/**
 * @param folder absolute; `root` of the result is its real path
 * @throws UserError with codes `project-missing`, `project-unreadable`, `no-project`, `project-not-a-package`,
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
  if (!metadata) throw await noMetadata(root, names, pyproject);
  const dependencies = metadata.dependencies;
  const { requiresPython } = metadata;
  const bounds = [...(requiresPython ? [{ ...requiresPython, says: `requires-python ${requiresPython.text}` }] : []), ...(await readLockBounds(root, names))];
  return {
    root,
    name: metadata.name,
    normalizedName: normalizeName(metadata.name),
    version: metadata.version,
    metadataFile: metadata.file,
    requiresPython: metadata.requiresPython?.text,
    pythonBounds: bounds,
    python: choosePython(await readVersionFile(root), bounds),
    buildSystem: metadata.buildSystem,
    dependencies,
    extras: metadata.extras,
    extrasPlace: metadata.extrasPlace,
    django: await detectDjango(root, dependencies),
    rust: await detectRust(root, metadata.buildSystem.requires, pyproject?.table, setupPy?.toString('utf8')),
    frontEnd: await detectFrontEnd(root, pyproject),
    lockFiles: entries.filter((name) => /^(?:pylock(?:\.[^.]+)?\.toml|uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|requirements.*\.txt)$/.test(name)).sort(),
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
  const fromPyproject = pyproject && (readProjectTable(pyproject) ?? readPoetryTable(pyproject) ?? readFlitTable(pyproject));
  if (fromPyproject) return fromPyproject;
  const buildSystem = pyproject ? readBuildSystem(pyproject) : DEFAULT_BUILD_SYSTEM;
  const fromSetupCfg = setupCfg === undefined ? undefined : readSetupCfg(setupCfg, setupPy, buildSystem);
  return fromSetupCfg ?? (setupPy === undefined ? undefined : readSetupPy(setupPy, path.basename(root), buildSystem));
}

async function noMetadata(root: string, names: ReadonlySet<string>, pyproject: Pyproject | undefined): Promise<UserError> {
  const django = await detectDjango(root, undefined);
  if (django?.managePy !== undefined && !django.managePy.includes('/')) return notAPackage(root, names, django.settingsModule?.split('.')[0]);
  const projects = await projectsBelow(root);
  const lookedFor = `It holds no ${PYPROJECT} with [project], ${SETUP_CFG} or ${SETUP_PY}`;
  const why = pyproject ? `Its ${PYPROJECT} has no [project] table, and there is no ${SETUP_CFG} or ${SETUP_PY} that names a project` : lookedFor;
  const [only] = projects;
  const fix =
    only === undefined
      ? `Open the folder of a Python project, or add a ${PYPROJECT} with [project]`
      : projects.length === 1
        ? `There is a project in ${only}: open that folder, or use --project ${only}.`
        : `There are projects in ${projects.slice(0, 5).join(', ')}${projects.length > 5 ? ` and ${projects.length - 5} more` : ''}: open one of them`;
  return new UserError({
    kind: 'project',
    code: 'no-project',
    message: `${root} is not a Python project`,
    where: { file: pyproject ? PYPROJECT : root },
    why,
    fix,
  });
}

function notAPackage(root: string, names: ReadonlySet<string>, site: string | undefined): UserError {
  const name = normalizeName(path.basename(root).replace(/[^A-Za-z0-9._-]+/g, '-')).replace(/^-+|-+$/g, '') || 'site';
  const requirements = names.has('requirements.txt') ? '["…"]  # the lines of requirements.txt' : '["django"]';
  const lines = [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '',
    '[project]',
    `name = "${name}"`,
    'version = "0.1.0"',
    `dependencies = ${requirements}`,
    '',
    '[tool.setuptools.packages.find]',
    `include = ["${site ?? name.replaceAll('-', '_')}*"]  # and your apps`,
  ];
  return new UserError({
    kind: 'project',
    code: 'project-not-a-package',
    message: `${path.basename(root)} is a Django site, but not a package`,
    where: { file: 'manage.py' },
    why: `It has a manage.py and no ${PYPROJECT} with [project]; sites without one are not packaged yet`,
    fix: `Add a ${PYPROJECT}:\n\n${lines.join('\n')}\n`,
  });
}

/** Folders one level below that hold a project, with a slash at the end. */
async function projectsBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^(?:\.|node_modules$)/.test(entry.name)).slice(0, 200);
  const found = await Promise.all(folders.map(async (entry) => ((await isProject(path.join(root, entry.name))) ? `${entry.name}/` : undefined)));
  return found.filter((name) => name !== undefined).sort();
}

async function isProject(folder: string): Promise<boolean> {
  const names = new Set(await readdir(folder).catch(() => []));
  if (names.has(SETUP_PY)) return true;
  if (names.has(SETUP_CFG) && /^\[metadata\]/m.test(await readFile(path.join(folder, SETUP_CFG), 'utf8').catch(() => ''))) return true;
  if (!names.has(PYPROJECT)) return false;
  const text = await readFile(path.join(folder, PYPROJECT), 'utf8').catch(() => '');
  try {
    const table = parseToml(text, { file: PYPROJECT, code: 'pyproject-invalid' });
    return isTable(table['project']) || (isTable(table['tool']) && isTable(table['tool']['poetry']));
  } catch {
    return true;
  }
}
