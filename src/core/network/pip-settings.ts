/** pip's own settings, by an allow-list: https://pip.pypa.io/en/stable/topics/configuration/ */
import path from 'node:path';
import { configFolder, sharedFolders, shownFile, textOf } from './host.js';
import type { Host } from './host.js';
import { readIni } from './ini.js';

/** Options with one value, and with several. Others may hold paths of the host, or say what pip is to do. */
const SINGLE = ['index-url', 'no-index', 'timeout', 'retries', 'proxy', 'cert', 'client-cert', 'keyring-provider'] as const;
const SEVERAL = ['extra-index-url', 'trusted-host', 'find-links'] as const;

export type PipOption = (typeof SINGLE)[number] | (typeof SEVERAL)[number];

export interface Setting {
  readonly values: readonly string[];
  /** `PIP_INDEX_URL`, `~/.config/pip/pip.conf`. */
  readonly source: string;
}

export type PipSettings = ReadonlyMap<PipOption, Setting>;

/** Of the commands that we have pip do; a later one wins over an earlier one. */
const SECTIONS = ['global', 'install', 'download', 'wheel', 'lock'];
const VARIABLES: Readonly<Record<PipOption, string>> = {
  'index-url': 'PIP_INDEX_URL',
  'no-index': 'PIP_NO_INDEX',
  timeout: 'PIP_DEFAULT_TIMEOUT',
  retries: 'PIP_RETRIES',
  proxy: 'PIP_PROXY',
  cert: 'PIP_CERT',
  'client-cert': 'PIP_CLIENT_CERT',
  'keyring-provider': 'PIP_KEYRING_PROVIDER',
  'extra-index-url': 'PIP_EXTRA_INDEX_URL',
  'trusted-host': 'PIP_TRUSTED_HOST',
  'find-links': 'PIP_FIND_LINKS',
};
const OPTIONS: readonly PipOption[] = [...SINGLE, ...SEVERAL];

export const PIP_VARIABLES: readonly string[] = Object.values(VARIABLES);

/** The environment wins over files; of files the later one in pip's order. */
export async function readPipSettings(host: Host): Promise<PipSettings> {
  const sections = new Map(SECTIONS.map((name) => [name, new Map<PipOption, Setting>()]));
  for (const file of pipFiles(host)) {
    const text = await textOf(host, file);
    if (text === undefined) continue;
    for (const { section, name, value } of readIni(text)) {
      const option = optionNamed(name);
      if (option) sections.get(section)?.set(option, { values: valuesOf(option, value), source: shownFile(host, file) });
    }
  }
  const settings = new Map([...sections.values()].flatMap((section) => [...section]));
  for (const option of OPTIONS) {
    const value = host.env[VARIABLES[option]];
    // pip takes an empty variable for one that is not set.
    if (value) settings.set(option, { values: valuesOf(option, value), source: VARIABLES[option] });
  }
  return settings;
}

/** The weakest first. `PIP_CONFIG_FILE` takes the place of the user's own; os.devnull of all. */
function pipFiles(host: Host): readonly string[] {
  const { env, home, platform } = host;
  const name = platform === 'win32' ? 'pip.ini' : 'pip.conf';
  const named = env['PIP_CONFIG_FILE'];
  if (named === '/dev/null' || named === 'nul') return [];
  const isUnix = platform !== 'win32' && platform !== 'darwin';
  const shared = sharedFolders(host).map((folder) => (isUnix && folder === host.shared ? path.join(folder, name) : path.join(folder, 'pip', name)));
  const own = [
    path.join(home, platform === 'win32' ? 'pip' : '.pip', name),
    ...(platform === 'darwin' ? [path.join(home, 'Library', 'Application Support', 'pip', name)] : []),
    path.join(configFolder(host), 'pip', name),
  ];
  const site = env['VIRTUAL_ENV'] ? [path.join(env['VIRTUAL_ENV'], name)] : [];
  return [...shared, ...(named ? [] : own), ...site, ...(named ? [named] : [])];
}

function optionNamed(name: string): PipOption | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-').replace(/^--/, '');
  return OPTIONS.find((option) => option === plain);
}

function valuesOf(option: PipOption, value: string): readonly string[] {
  const words = value.split(/\s+/).filter(Boolean);
  return SEVERAL.some((several) => several === option) ? words : [value.trim()].filter(Boolean);
}

/** As pip reads a switch. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(y|yes|t|true|on|1)$/i.test(value);
}
