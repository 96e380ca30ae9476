/** Reads what the project's files say of its dependencies: its lock, its groups, where named ones come from. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { throwIfAborted } from '../errors.js';
import { checkGroups, readGroups } from '../locks/groups.js';
import { readNamedSources } from '../locks/uv-sources.js';
import { PYPROJECT } from '../project/pyproject.js';
import type { Pyproject } from '../project/pyproject.js';
import { readSources } from '../project/sources.js';
import { decodeUtf8, parseToml } from '../project/toml.js';
import type { LocalFacts } from './facts.js';
import { scratchFolder } from './wanted.js';
import type { DependencySources } from './wanted.js';

/** @throws UserError of the readers, with file and line */
export async function readDependencySources({ project, groups, config }: LocalFacts, signal: AbortSignal): Promise<DependencySources> {
  const { root } = project;
  const [pyproject, named] = await Promise.all([readPyproject(root), readNamedSources(root)]);
  const folders = await Promise.all(named.folders.map(async (folder) => ({ folder, tree: await readSources(resolve(root, folder.path), { signal }) })));
  throwIfAborted(signal);
  const direct = new Map([
    ...[...named.direct].map(([name, { reference }]) => [name, reference] as const),
    ...folders.map(({ folder: { name } }) => [name, `file://${scratchFolder(name)}`] as const),
  ]);
  return {
    lock: undefined,
    further: [...requirementsOfGroups(project.name, pyproject, groups), ...config.requirements],
    // Wherever the name turns up, also among what folders and repositories ask for, it means this and nothing on an index.
    constraints: [...direct].map(([name, reference]) => {
      const marker = named.direct.get(name)?.marker;
      return `${name} @ ${reference}${marker === undefined ? '' : ` ; ${marker}`}`;
    }),
    folders,
    direct: new Map([...direct].filter(([name]) => named.direct.get(name)?.marker === undefined)),
  };
}

function requirementsOfGroups(name: string, pyproject: Pyproject | undefined, groups: readonly string[]): readonly string[] {
  if (groups.length === 0) return [];
  const declared = readGroups(pyproject);
  return checkGroups(name, declared, groups).flatMap((group) => (declared.groups.get(group) ?? []).map(({ text }) => text));
}

async function readPyproject(root: string): Promise<Pyproject | undefined> {
  const content = await readFile(join(root, PYPROJECT)).catch(() => undefined);
  if (!content) return undefined;
  const source = { file: PYPROJECT, code: 'pyproject-invalid' };
  const text = decodeUtf8(content, source);
  return { text, table: parseToml(text, source) };
}
