/** Logins that Poetry was given, by the name of a source: https://python-poetry.org/docs/repositories/#configuring-credentials */
import path from 'node:path';
import { isTable, parseToml } from '../project/toml.js';
import { configFolder, shownFile, textOf } from './host.js';
import type { Host } from './host.js';
import type { Login } from './netrc.js';

/** By the part that a name is in a variable: `INTERNAL_PYPI`. */
export async function readPoetryLogins(host: Host): Promise<ReadonlyMap<string, Login>> {
  const logins = new Map(await loginsOfFile(host));
  for (const variable of Object.keys(host.env)) {
    const part = /^POETRY_HTTP_BASIC_(.+)_USERNAME$/.exec(variable)?.[1];
    if (part === undefined) continue;
    const passwordVariable = `POETRY_HTTP_BASIC_${part}_PASSWORD`;
    logins.set(part, { user: host.env[variable] ?? '', password: host.env[passwordVariable] ?? '', source: passwordVariable });
  }
  return logins;
}

async function loginsOfFile(host: Host): Promise<readonly (readonly [string, Login])[]> {
  const file = path.join(authFolder(host), 'auth.toml');
  const text = await textOf(host, file);
  if (text === undefined) return [];
  try {
    const basic = parseToml(text, { file, code: 'poetry-logins-invalid' })['http-basic'];
    return Object.entries(isTable(basic) ? basic : {}).flatMap(([name, entry]) => {
      if (!isTable(entry) || typeof entry['username'] !== 'string') return [];
      const password = typeof entry['password'] === 'string' ? entry['password'] : '';
      return [[name.toUpperCase().replace(/[^A-Z0-9]/g, '_'), { user: entry['username'], password, source: shownFile(host, file) }] as const];
    });
  } catch {
    return []; // Poetry says what is wrong with it
  }
}

function authFolder(host: Host): string {
  const named = host.env['POETRY_CONFIG_DIR'];
  if (named) return named;
  return host.platform === 'darwin' ? path.join(host.home, 'Library', 'Application Support', 'pypoetry') : path.join(configFolder(host), 'pypoetry');
}
