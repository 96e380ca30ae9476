/**
 * Registry credentials as Docker's own command line keeps them: `auths`, `credsStore` and `credHelpers` of config.json.
 * https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { isObject, object, text } from './json.js';
import { readDockerConfig } from './docker-config.js';
import type { Redactor } from '../redactor.js';
import type { Env } from './docker-config.js';

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'token'; readonly identityToken: string };

/** Asked with the registry's host, as the engine names it; undefined means anonymous. */
export type CredentialsSource = (host: string) => Promise<Credentials | undefined>;

/** What Docker Hub's credentials are filed under, whatever host the engine asks for. */
const HUB = 'https://index.docker.io/v1/';
const HUB_HOSTS = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
const HELPER_MS = 30_000;

/** Looks things up when asked, and only for the registry asked for. A helper that fails counts as knowing nothing: the registry then says what is missing. */
/** @param redactor learns what is handed out */
export function dockerCredentials(env: Env, redactor?: Redactor): CredentialsSource {
  const find = finderOf(env);
  return async (host) => {
    const found = await find(host);
    if (found?.kind === 'token') redactor?.add(found.identityToken);
    else if (found) redactor?.addPair(found.username, found.password);
    return found;
  };
}

function finderOf(env: Env): CredentialsSource {
  return async (host) => {
    const config = await readDockerConfig(env);
    const keys = HUB_HOSTS.has(host)
      ? [HUB, 'docker.io', 'index.docker.io']
      : [host, `https://${host}`, `https://${host}/`, `https://${host}/v1/`, `https://${host}/v2/`];
    const helpers = object(config['credHelpers']);
    for (const key of keys) {
      const helper = text(helpers[key]);
      if (helper) return askHelper(helper, key, env);
    }
    const store = text(config['credsStore']);
    if (store) {
      const found = await askHelper(store, keys[0] ?? host, env);
      if (found) return found;
    }
    const auths = object(config['auths']);
    for (const key of keys) {
      const found = fileCredentials(auths[key]);
      if (found) return found;
    }
    return undefined;
  };
}

function fileCredentials(entry: unknown): Credentials | undefined {
  if (!isObject(entry)) return undefined;
  const identityToken = text(entry['identitytoken']);
  if (identityToken) return { kind: 'token', identityToken };
  const pair = Buffer.from(text(entry['auth']), 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const username = colon > 0 ? pair.slice(0, colon) : text(entry['username']);
  // Docker pads old entries with NUL.
  const password = colon > 0 ? pair.slice(colon + 1).replace(/\0+$/, '') : text(entry['password']);
  return username ? { kind: 'password', username, password } : undefined;
}

/** https://github.com/docker/docker-credential-helpers : the registry on standard input, JSON on standard output. */
function askHelper(helper: string, key: string, env: Env): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    // Not in the project's folder: on Windows a program of that name lying there would be run.
    const options = { cwd: homedir(), env: { ...env }, timeout: HELPER_MS, windowsHide: true };
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout) => resolve(error ? undefined : helperAnswer(stdout)));
    child.stdin?.on('error', () => undefined); // it may end without reading
    child.stdin?.end(key);
  });
}

function helperAnswer(stdout: string): Credentials | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    return undefined;
  }
  const username = text(object(answer)['Username']);
  const secret = text(object(answer)['Secret']);
  if (username === '' || secret === '') return undefined;
  return username === '<token>' ? { kind: 'token', identityToken: secret } : { kind: 'password', username, password: secret };
}
