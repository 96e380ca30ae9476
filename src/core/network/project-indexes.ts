/** Indexes that a project names for uv, Poetry and PDM, and which packages it takes from which. Files are read, nothing is executed. */
import path from 'node:path';
import { isTable, parseToml } from '../project/toml.js';
import type { TomlTable } from '../project/toml.js';
import type { IndexConfig } from '../config/target-config.js';
import { withoutCredentials } from '../project/revision.js';
import { hostOf, textOf } from './host.js';
import type { Host } from './host.js';
import { packagePattern } from './index-list.js';
import { settingsIn } from './uv-settings.js';
import type { NamedIndex } from './uv-settings.js';

export interface ProjectIndexes {
  readonly indexes: readonly NamedIndex[];
  /** Names of packages by the index that they are pinned to. */
  readonly pins: ReadonlyMap<string, readonly string[]>;
}

const PYPROJECT = 'pyproject.toml';

/** @param folder undefined where there is no project */
export async function readProjectIndexes(host: Host, folder: string | undefined): Promise<ProjectIndexes> {
  if (folder === undefined) return { indexes: [], pins: new Map() };
  const [pyproject, own] = await Promise.all([tableOf(host, path.join(folder, PYPROJECT)), tableOf(host, path.join(folder, 'uv.toml'))]);
  const tool = tableIn(pyproject, 'tool');
  const uv = tableIn(tool, 'uv');
  const poetry = tableIn(tool, 'poetry');
  const pins = new Pins();
  const workspace = await workspaceOf(host, folder);
  pinsOfUv({ ...tableIn(workspace, 'sources'), ...tableIn(uv, 'sources') }, pins);
  pinsOfPoetry(poetry, pins);
  // A uv.toml takes the place of all that pyproject.toml says to uv but for the sources.
  const ofUv = own ? settingsIn(own, 'uv.toml') : settingsIn(uv, PYPROJECT);
  const ofWorkspace = settingsIn(workspace, `${PYPROJECT} of the workspace`);
  return { indexes: [...ofUv.indexes, ...ofWorkspace.indexes, ...sourcesOfPoetry(poetry), ...sourcesOfPdm(tableIn(tool, 'pdm'), pins)], pins: pins.found };
}

/** `[tool.uv]` of the workspace that the folder lies in: what it says of indexes and sources is said to its members. */
async function workspaceOf(host: Host, folder: string): Promise<TomlTable> {
  for (let parent = path.dirname(folder); parent !== path.dirname(parent); parent = path.dirname(parent)) {
    const uv = tableIn(tableIn(await tableOf(host, path.join(parent, PYPROJECT)), 'tool'), 'uv');
    if (isTable(uv['workspace'])) return uv;
  }
  return {};
}

/**
 * What of a resolution depends on the indexes that the project names, in one order: another answer is another resolution. The user's own ones
 * are left out: a mirror is to give the same.
 */
export async function readIndexInputs(folder: string, config: readonly IndexConfig[]): Promise<readonly string[]> {
  const { indexes, pins } = await readProjectIndexes(hostOf({}), folder);
  const said = [
    ...indexes.map(({ name, url, isExplicit, isDefault }) => `index ${name ?? ''} ${url}${isExplicit ? ' explicit' : ''}${isDefault ? ' default' : ''}`),
    ...config.map(({ name, url, packages }) => `index ${name} ${url} ${packages.join(',')}`),
    ...[...pins].map(([index, packages]) => `pin ${index} ${packages.join(',')}`),
  ];
  return said.map(withoutCredentials).sort();
}

class Pins {
  readonly found = new Map<string, readonly string[]>();

  add(index: unknown, pattern: string): void {
    if (typeof index !== 'string') return;
    this.found.set(index, [...new Set([...(this.found.get(index) ?? []), packagePattern(pattern)])]);
  }
}

async function tableOf(host: Host, file: string): Promise<TomlTable | undefined> {
  const text = await textOf({ ...host, notes: [] }, file);
  if (text === undefined) return undefined;
  try {
    return parseToml(text, { file, code: 'pyproject-invalid' });
  } catch {
    return undefined; // whoever reads the project says what is wrong with it
  }
}

function tableIn(table: TomlTable | undefined, key: string): TomlTable {
  const value = table?.[key];
  return isTable(value) ? value : {};
}

function tablesIn(table: TomlTable, key: string): readonly TomlTable[] {
  const value = table[key];
  return Array.isArray(value) ? value.filter(isTable) : [];
}

/** `NAME = { index = "…" }`, or several of them with markers. https://docs.astral.sh/uv/concepts/projects/dependencies/#index */
function pinsOfUv(sources: TomlTable, pins: Pins): void {
  for (const [name, source] of Object.entries(sources)) {
    for (const item of Array.isArray(source) ? source : [source]) if (isTable(item)) pins.add(item['index'], name);
  }
}

/** https://python-poetry.org/docs/repositories/#package-sources */
function sourcesOfPoetry(poetry: TomlTable): readonly NamedIndex[] {
  let hasPrimary = false;
  return tablesIn(poetry, 'source').flatMap((item) => {
    const { name, url, priority } = item;
    if (typeof name !== 'string' || typeof url !== 'string') return [];
    const isPrimary = priority === undefined || priority === 'primary' || priority === 'default';
    const isDefault = isPrimary && !hasPrimary;
    hasPrimary ||= isPrimary;
    return [{ name, url, isDefault, isExplicit: priority === 'explicit', source: PYPROJECT }];
  });
}

function pinsOfPoetry(poetry: TomlTable, pins: Pins): void {
  const groups = Object.values(tableIn(poetry, 'group')).flatMap((group) => (isTable(group) ? [tableIn(group, 'dependencies')] : []));
  for (const dependencies of [tableIn(poetry, 'dependencies'), tableIn(poetry, 'dev-dependencies'), ...groups]) {
    for (const [name, wanted] of Object.entries(dependencies)) {
      for (const item of Array.isArray(wanted) ? wanted : [wanted]) if (isTable(item)) pins.add(item['source'], name);
    }
  }
}

/** https://pdm-project.org/latest/usage/config/#configure-the-package-indexes */
function sourcesOfPdm(pdm: TomlTable, pins: Pins): readonly NamedIndex[] {
  return tablesIn(pdm, 'source').flatMap((item) => {
    const { name, url, type, include_packages: included } = item;
    if (typeof url !== 'string' || type === 'find_links') return [];
    for (const pattern of Array.isArray(included) ? included : []) if (typeof pattern === 'string') pins.add(name, pattern);
    return [{ name: typeof name === 'string' ? name : undefined, url, isDefault: name === 'pypi', isExplicit: false, source: PYPROJECT }];
  });
}
