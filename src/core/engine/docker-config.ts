/** Docker's own configuration: config.json and contexts. https://docs.docker.com/engine/manage-resources/contexts/ */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError, messageOf } from '../errors.js';
import { object, text } from './json.js';
import type { Json } from './json.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Certificates for an engine behind TLS. */
export interface TlsFiles {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  readonly verify: boolean;
}

export interface Context {
  readonly host: string;
  /** Present where the context has TLS files of its own. */
  readonly tls: TlsFiles | undefined;
}

export function homeOf(env: Env): string {
  return env['HOME'] || env['USERPROFILE'] || homedir();
}

export function dockerConfigDir(env: Env): string {
  return env['DOCKER_CONFIG'] || join(homeOf(env), '.docker');
}

/** Empty when there is none. */
export async function readDockerConfig(env: Env): Promise<Json> {
  const file = join(dockerConfigDir(env), 'config.json');
  const content = await readFile(file, 'utf8').catch(() => undefined); // absent, or not for this user: the same as none
  if (content === undefined) return {};
  try {
    return object(JSON.parse(content));
  } catch (cause) {
    throw new UserError({
      kind: 'engine',
      code: 'docker-config-invalid',
      message: `Docker's configuration is not valid JSON: ${messageOf(cause)}`,
      where: { file },
      fix: 'Repair the file, or point DOCKER_CONFIG to another folder',
      cause,
    });
  }
}

/** undefined when there is no context of that name. */
export async function readContext(name: string, env: Env): Promise<Context | undefined> {
  const dir = join(dockerConfigDir(env), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const content = await readFile(join(dir, 'meta', id, 'meta.json'), 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  let meta: unknown;
  try {
    meta = JSON.parse(content);
  } catch {
    return undefined;
  }
  const endpoint = object(object(object(meta)['Endpoints'])['docker']);
  const verify = endpoint['SkipTLSVerify'] !== true;
  return { host: text(endpoint['Host']), tls: await readTlsFiles(join(dir, 'tls', id, 'docker'), verify) };
}

/** Names of all contexts that are stored, sorted; `default` is not stored anywhere. */
export async function contextNames(env: Env): Promise<readonly string[]> {
  const dir = join(dockerConfigDir(env), 'contexts', 'meta');
  const entries = await readdir(dir).catch(() => []);
  const names = await Promise.all(
    entries.map(async (entry) => {
      const content = await readFile(join(dir, entry, 'meta.json'), 'utf8').catch(() => '');
      try {
        return text(object(JSON.parse(content))['Name']);
      } catch {
        return ''; // half written, or none of Docker's
      }
    }),
  );
  return names.filter((name) => name !== '').toSorted();
}

/** undefined when the folder holds none of the three files. */
export async function readTlsFiles(dir: string, verify: boolean): Promise<TlsFiles | undefined> {
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFile(join(dir, file)).catch(() => undefined)));
  return ca || cert || key ? { ca, cert, key, verify } : undefined;
}
