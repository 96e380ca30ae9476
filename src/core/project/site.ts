/** Projects that are no packages: Django sites, ASGI and WSGI applications, scripts with a requirements file. They ship as their sources. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findApplication, findScript } from './applications.js';
import { detectDjango } from './django.js';
import type { Metadata } from './metadata.js';
import { normalizeName } from './names.js';
import type { DjangoFacts, SiteFacts } from './project.js';
import type { Pyproject } from './pyproject.js';
import { findRequirementsFile, readRequirements } from './requirements-files.js';
import { SETUP_CFG, SETUP_PY } from './setuptools.js';
import { isTable } from './toml.js';

/** Whether something builds a wheel of it, as far as its files say. */
export async function isPackaged(root: string, names: ReadonlySet<string>, pyproject: Pyproject | undefined, metadata: Metadata): Promise<boolean> {
  if (isSaidToBeNone(pyproject)) return false;
  if (isTable(pyproject?.table['build-system']) || names.has(SETUP_PY) || (names.has(SETUP_CFG) && metadata.file === SETUP_CFG)) return true;
  // https://docs.astral.sh/uv/concepts/projects/config/#build-systems
  return toolTable(pyproject, 'uv')?.['package'] === true || hasScripts(pyproject) || hasModuleOfItsName(root, metadata.name);
}

/** `tool.uv.package = false`, `tool.poetry.package-mode = false`. */
export function isSaidToBeNone(pyproject: Pyproject | undefined): boolean {
  return toolTable(pyproject, 'uv')?.['package'] === false || toolTable(pyproject, 'poetry')?.['package-mode'] === false;
}

function hasScripts(pyproject: Pyproject | undefined): boolean {
  const project = pyproject?.table['project'];
  return isTable(project) && ['scripts', 'gui-scripts', 'entry-points'].some((key) => project[key] !== undefined);
}

/** `polls/`, `polls.py` or any package below `src/`: what setuptools finds by itself, and means. */
async function hasModuleOfItsName(root: string, name: string): Promise<boolean> {
  const module = normalizeName(name).replaceAll('-', '_');
  const list = async (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);
  const [own = [], below = []] = await Promise.all([root, path.join(root, 'src')].map(list));
  if (own.includes(`${module}.py`)) return true;
  const folders = [...(own.includes(module) ? [path.join(root, module)] : []), ...below.map((entry) => path.join(root, 'src', entry))];
  const contents = await Promise.all(folders.map(list));
  return contents.some((entries) => entries.includes('__init__.py'));
}

/** In the name of a folder: it becomes part of a Dockerfile and of a command. */
const UNSAFE = /["'\\$`\p{Cc}]/u;

export interface FoundSite {
  readonly site: SiteFacts;
  readonly django: DjangoFacts | undefined;
}

/** @param metadata of a pyproject.toml that builds nothing */
export async function detectSite(root: string, names: ReadonlySet<string>, metadata: Metadata | undefined): Promise<FoundSite | undefined> {
  const requirementsFile = metadata?.dependencies?.length ? undefined : await findRequirementsFile(root, names);
  const requirements = requirementsFile === undefined ? [] : await readRequirements(root, requirementsFile);
  const needs = { requirementsFile, requirements };
  const django = await detectDjango(root, [...(metadata?.dependencies ?? []), ...requirements]);
  if (django && (django.managePy !== undefined || metadata || requirementsFile !== undefined)) {
    const folder = django.managePy === undefined ? '' : path.posix.dirname(django.managePy).replace(/^\.$/, '');
    if (UNSAFE.test(folder)) return undefined;
    const uploads = django.mediaRoot === undefined ? [] : [path.posix.join(folder, django.mediaRoot)];
    return { site: { base: folder, workingDir: folder, application: undefined, script: undefined, uploads, ...needs }, django };
  }
  if (!metadata && requirementsFile === undefined) return undefined;
  const found = await findApplication(root);
  const script = found ? undefined : await findScript(root);
  if (!found && script === undefined) return undefined;
  return { site: { base: found?.base ?? '', workingDir: '', application: found?.application, script, uploads: [], ...needs }, django: undefined };
}

function toolTable(pyproject: Pyproject | undefined, name: string): Readonly<Record<string, unknown>> | undefined {
  const tool = pyproject?.table['tool'];
  const table = isTable(tool) ? tool[name] : undefined;
  return isTable(table) ? table : undefined;
}

/** Requirements that are written out in a suggestion. */
const FEW = 10;

/** A pyproject.toml with which it would be a package, line by line. */
export function packageSuggestion(name: string, module: string, requirements: readonly string[]): readonly string[] {
  const listed = requirements.length <= FEW ? JSON.stringify(requirements) : '[]  # what it needs';
  return [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    `name = "${name}"`,
    'version = "0.1.0"',
    `dependencies = ${listed}`,
    '[tool.setuptools.packages.find]',
    `include = ["${module}*"]  # and your other packages`,
  ];
}
