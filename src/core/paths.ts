/** Where our own files live on the host: caches that may vanish at any time (XDG base directory specification). */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(env['HOME'] ?? homedir(), '.cache'), 'pypackage');
}
