/** Where our own files live on the host: caches that may vanish at any time, and what is worth keeping (XDG base directory specification). */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(env['HOME'] ?? homedir(), '.cache'), 'pypackage');
}

/** Logs and records of runs. A relative path in the variable is to be ignored, the specification says. */
export function stateFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_STATE_HOME'];
  return join(base?.startsWith('/') === true ? base : join(env['HOME'] ?? homedir(), '.local', 'state'), 'pypackage');
}
