/** Logins that the user keeps in a keyring, asked for by its command line as pip and uv do: https://pypi.org/project/keyring/ */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Env, Host } from './host.js';
import type { Login } from './netrc.js';

/** A keyring that is locked may ask a person, who may not be there. */
const LIMIT_MS = 20_000;

/** Those providers of pip and uv that ask a keyring. */
export function asksKeyring(provider: string | undefined): boolean {
  return provider === 'subprocess' || provider === 'import' || provider === 'auto';
}

/**
 * Asks for the index's own address, then for its host.
 * @param user undefined where nobody said it: then the keyring may know
 */
export async function askKeyring(host: Host, url: string, user: string | undefined): Promise<Login | undefined> {
  for (const service of [url, new URL(url).host]) {
    const found = user === undefined ? await credentials(host, service) : await passwordOf(host, service, user);
    if (found) return { ...found, source: 'keyring' };
  }
  return undefined;
}

async function passwordOf(host: Host, service: string, user: string): Promise<{ user: string; password: string } | undefined> {
  const said = await keyring(host, ['get', service, user]);
  const password = said?.replace(/\r?\n$/, '');
  return password ? { user, password } : undefined;
}

/** keyring 25.2 and later. */
async function credentials(host: Host, service: string): Promise<{ user: string; password: string } | undefined> {
  const said = await keyring(host, ['--mode', 'creds', '--output', 'json', 'get', service]);
  if (said === undefined) return undefined;
  try {
    const found: unknown = JSON.parse(said);
    if (typeof found !== 'object' || found === null || !('username' in found) || !('password' in found)) return undefined;
    const { username, password } = found;
    return typeof username === 'string' && typeof password === 'string' ? { user: username, password } : undefined;
  } catch {
    return undefined;
  }
}

/** undefined where it has no such entry, is not installed, or does not answer. */
async function keyring({ env, notes }: Host, words: readonly string[]): Promise<string | undefined> {
  const options = { env: variables(env), timeout: LIMIT_MS, windowsHide: true };
  try {
    return (await promisify(execFile)('keyring', [...words], options)).stdout;
  } catch (error) {
    const about = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT' ? 'it is not installed' : undefined;
    const isLate = typeof error === 'object' && error !== null && 'killed' in error && error.killed === true;
    const why = about ?? (isLate ? `it did not answer within ${LIMIT_MS / 1000} s` : undefined);
    if (why !== undefined && !notes.some((note) => note.startsWith('keyring'))) notes.push(`keyring was not asked for logins of package indexes: ${why}`);
    return undefined;
  }
}

function variables(env: Env): Record<string, string> {
  const named = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(named), PYTHONIOENCODING: 'utf-8' };
}
