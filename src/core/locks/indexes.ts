/** Package indexes that pyproject.toml names for uv, Poetry or PDM. Logins are none of theirs: those come from the user's own settings. */
import path from 'node:path';
import { normalizeName } from '../project/names.js';
import type { TomlTable } from '../project/toml.js';
import type { PipOptions, ProjectIndex } from './locked.js';
import { isUrl, tableOf, tablesOf, textOf, textsOf, withoutLogin } from './reading.js';

export const NO_OPTIONS: PipOptions = {
  indexes: [],
  noIndex: false,
  findLinks: [],
  noBinary: [],
  onlyBinary: [],
  preferBinary: false,
  pre: false,
  trustedHosts: [],
};

/** @param folder of the pyproject.toml, relative to the project's: `''`, `..` */
export function readIndexes(pyproject: TomlTable, folder: string): PipOptions {
  const tool = tableOf(pyproject, 'tool');
  return mergeOptions([
    uvOptions(tableOf(tool, 'uv'), folder),
    { ...NO_OPTIONS, indexes: poetryIndexes(tableOf(tool, 'poetry')) },
    pdmOptions(tableOf(tool, 'pdm'), folder),
  ]);
}

export function mergeOptions(all: readonly PipOptions[]): PipOptions {
  const indexes = new Map<string, ProjectIndex>();
  for (const index of all.flatMap((options) => options.indexes)) {
    const before = indexes.get(index.name);
    indexes.set(index.name, before ? { ...index, packages: [...new Set([...before.packages, ...index.packages])].sort() } : index);
  }
  const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
  return {
    indexes: [...indexes.values()],
    noIndex: all.some(({ noIndex }) => noIndex),
    findLinks: unique(all.flatMap(({ findLinks }) => findLinks)),
    noBinary: unique(all.flatMap(({ noBinary }) => noBinary)),
    onlyBinary: unique(all.flatMap(({ onlyBinary }) => onlyBinary)),
    preferBinary: all.some(({ preferBinary }) => preferBinary),
    pre: all.some(({ pre }) => pre),
    trustedHosts: unique(all.flatMap(({ trustedHosts }) => trustedHosts)),
  };
}

/** https://docs.astral.sh/uv/concepts/indexes/ */
function uvOptions(uv: TomlTable, folder: string): PipOptions {
  const indexes: ProjectIndex[] = tablesOf(uv, 'index').flatMap((table) => {
    const url = textOf(table, 'url');
    if (url === undefined) return [];
    return [
      {
        name: textOf(table, 'name') ?? hostOf(url),
        url: withoutLogin(url),
        packages: [],
        searched: table['explicit'] !== true,
        isDefault: table['default'] === true,
      },
    ];
  });
  const former = textOf(uv, 'index-url');
  const more = textsOf(uv, 'extra-index-url');
  const everyUrl = [...(former === undefined ? [] : [{ url: former, isDefault: true }]), ...more.map((url) => ({ url, isDefault: false }))];
  return {
    ...NO_OPTIONS,
    indexes: [...indexes, ...everyUrl.map(({ url, isDefault }) => ({ name: hostOf(url), url: withoutLogin(url), packages: [], searched: true, isDefault }))],
    noIndex: uv['no-index'] === true,
    findLinks: textsOf(uv, 'find-links').map((link) => (isUrl(link) ? withoutLogin(link) : path.posix.join(folder, link))),
    noBinary: [...(uv['no-binary'] === true ? [':all:'] : []), ...textsOf(uv, 'no-binary-package').map(normalizeName)],
    onlyBinary: [...(uv['no-build'] === true ? [':all:'] : []), ...textsOf(uv, 'no-build-package').map(normalizeName)],
    pre: textOf(uv, 'prerelease') === 'allow',
  };
}

/** https://python-poetry.org/docs/repositories/#project-configuration */
function poetryIndexes(poetry: TomlTable): readonly ProjectIndex[] {
  return tablesOf(poetry, 'source').flatMap((table) => {
    const url = textOf(table, 'url');
    const name = textOf(table, 'name');
    if (url === undefined || name === undefined) return [];
    const priority = textOf(table, 'priority') ?? 'primary';
    return [{ name, url: withoutLogin(url), packages: [], searched: priority !== 'explicit', isDefault: priority === 'primary' || priority === 'default' }];
  });
}

/** https://pdm-project.org/latest/usage/config/#configure-the-package-indexes */
function pdmOptions(pdm: TomlTable, folder: string): PipOptions {
  const sources = tablesOf(pdm, 'source').flatMap((table) => {
    const url = textOf(table, 'url');
    return url === undefined ? [] : [{ table, url }];
  });
  return {
    ...NO_OPTIONS,
    findLinks: sources
      .filter(({ table }) => textOf(table, 'type') === 'find_links')
      .map(({ url }) => (isUrl(url) ? withoutLogin(url) : path.posix.join(folder, url))),
    indexes: sources
      .filter(({ table }) => textOf(table, 'type') !== 'find_links')
      .map(({ table, url }) => {
        const packages = textsOf(table, 'include_packages').map((name) => (name.includes('*') ? name : normalizeName(name)));
        const name = textOf(table, 'name') ?? hostOf(url);
        return { name, url: withoutLogin(url), packages, searched: packages.length === 0, isDefault: name === 'pypi' };
      }),
    pre: tableOf(pdm, 'resolution')['allow-prereleases'] === true,
  };
}

function hostOf(url: string): string {
  return /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(url)?.[1] ?? url;
}
