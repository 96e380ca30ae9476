/** uv's settings that concern indexes: https://docs.astral.sh/uv/reference/settings/ and https://docs.astral.sh/uv/concepts/indexes/ */
import path from 'node:path';
import { messageOf } from '../errors.js';
import { isTable, parseToml } from '../project/toml.js';
import type { TomlTable } from '../project/toml.js';
import { configFolder, hostOf, sharedFolders, shownFile, textOf } from './host.js';
import type { Env, Host } from './host.js';
import { isOn } from './pip-settings.js';

/** As somebody wrote it down; it may hold a login. */
export interface NamedIndex {
  readonly name: string | undefined;
  readonly url: string;
  readonly isDefault: boolean;
  readonly isExplicit: boolean;
  readonly source: string;
}

export interface UvSettings {
  /** The first of each name counts. */
  readonly indexes: readonly NamedIndex[];
  readonly keyringProvider: string | undefined;
  readonly isOffline: boolean;
}

/** Variables that hold addresses, which may hold passwords. */
export const UV_INDEX_VARIABLES: readonly string[] = ['UV_INDEX', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_EXTRA_INDEX_URL'];

/** Of the environment, of the user and of the machine, in this order. */
export async function readUvSettings(host: Host): Promise<UvSettings> {
  const { env } = host;
  const found = [variables(env)];
  for (const file of uvFiles(host)) {
    const text = await textOf(host, file);
    const source = shownFile(host, file);
    if (text === undefined) continue;
    try {
      found.push(settingsIn(parseToml(text, { file: source, code: 'uv-settings-invalid' }), source));
    } catch (error) {
      host.notes.push(`${messageOf(error)}; it is not used`);
    }
  }
  return {
    indexes: found.flatMap(({ indexes }) => indexes),
    keyringProvider: found.map(({ keyringProvider }) => keyringProvider).find((provider) => provider !== undefined),
    isOffline: isOn(env['UV_OFFLINE']),
  };
}

/** Of the indexes that the user names. */
export async function readIndexNames(env: Env): Promise<readonly string[]> {
  const { indexes } = await readUvSettings(hostOf(env));
  return indexes.flatMap(({ name }) => name ?? []);
}

type Settings = Pick<UvSettings, 'indexes' | 'keyringProvider'>;

function variables(env: Env): Settings {
  const several = (name: string): readonly string[] => (env[name] ?? '').split(/\s+/).filter(Boolean);
  const of = (name: string, isDefault: boolean): readonly NamedIndex[] =>
    several(name).map((word) => ({ ...named(word), isDefault, isExplicit: false, source: name }));
  return {
    indexes: [...of('UV_INDEX', false), ...of('UV_EXTRA_INDEX_URL', false), ...of('UV_DEFAULT_INDEX', true), ...of('UV_INDEX_URL', true)],
    keyringProvider: env['UV_KEYRING_PROVIDER'] || undefined,
  };
}

/** `name=https://…`, or an address alone. */
function named(word: string): Pick<NamedIndex, 'name' | 'url'> {
  const [, name, url] = /^([A-Za-z0-9][\w.-]*)=(.+)$/.exec(word) ?? [];
  return name === undefined || url === undefined ? { name: undefined, url: word } : { name, url };
}

/** `[tool.uv]`, or the whole of a uv.toml. What has another form than uv's is left out: uv itself says what is wrong with it. */
export function settingsIn(table: TomlTable, source: string): Settings {
  const { index, 'extra-index-url': extra, 'index-url': main, 'keyring-provider': provider } = table;
  const tables: readonly unknown[] = Array.isArray(index) ? index : [];
  const indexes = tables.flatMap((item): readonly NamedIndex[] => {
    if (!isTable(item) || typeof item['url'] !== 'string' || item['format'] === 'flat') return [];
    const { name, url } = item;
    return [{ name: typeof name === 'string' ? name : undefined, url, isDefault: item['default'] === true, isExplicit: item['explicit'] === true, source }];
  });
  const plain = (value: unknown, isDefault: boolean): readonly NamedIndex[] =>
    (Array.isArray(value) ? value : [value]).flatMap((url: unknown) =>
      typeof url === 'string' ? [{ name: undefined, url, isDefault, isExplicit: false, source }] : [],
    );
  return {
    indexes: [...indexes, ...plain(extra, false), ...plain(main, true)],
    keyringProvider: typeof provider === 'string' ? provider : undefined,
  };
}

/** The strongest first. */
function uvFiles(host: Host): readonly string[] {
  const { env } = host;
  if (isOn(env['UV_NO_CONFIG'])) return [];
  if (env['UV_CONFIG_FILE']) return [env['UV_CONFIG_FILE']];
  return [configFolder(host), ...sharedFolders(host).toReversed()].map((folder) => path.join(folder, 'uv', 'uv.toml'));
}
