/** Where an engine may listen, in the order in which we ask. Nothing is dialled here. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { looksLikeUrl, parseEngineUrl } from './addresses.js';
import type { EngineAddress } from './addresses.js';
import { dockerConfigDir, homeOf, readContext, readDockerConfig, readTlsFiles } from './docker-config.js';
import type { Env, TlsFiles } from './docker-config.js';
import type { Endpoint } from './engine.js';
import { text } from './json.js';

export interface Candidate {
  readonly endpoint: Endpoint;
  readonly address: EngineAddress;
  /** What is expected at one of the usual places; it may be another, as with podman-docker. */
  readonly product?: 'Docker' | 'Podman';
}

export interface EngineChoice {
  /** Engine URL or context name, with where it came from. */
  readonly engine?: { readonly value: string; readonly source: string } | undefined;
  readonly env: Env;
}

/** Somebody chose one: it is that or an error. Or nobody did: the usual places, the first that answers. */
export type Found = { readonly chosen: Candidate } | { readonly usual: readonly Candidate[] };

export async function findEndpoints(choice: EngineChoice): Promise<Found> {
  const { engine, env } = choice;
  if (engine && engine.value !== '') {
    if (looksLikeUrl(engine.value)) return { chosen: await byUrl(engine.value, engine.source, env) };
    return byContext(engine.value, engine.source, env);
  }
  const host = env['DOCKER_HOST'];
  if (host) return { chosen: await byUrl(host, 'DOCKER_HOST', env) };
  const named = env['DOCKER_CONTEXT'];
  if (named) return byContext(named, 'DOCKER_CONTEXT', env);
  const current = text((await readDockerConfig(env))['currentContext']);
  if (current) return byContext(current, undefined, env);
  return { usual: await usualPlaces(env) };
}

/** @param source of the wish for this context; undefined when Docker's own configuration has it. */
export async function byContext(name: string, source: string | undefined, env: Env): Promise<Found> {
  if (name === 'default') return { usual: await usualPlaces(env) }; // the context that Docker makes up: what would be used without contexts
  const context = await readContext(name, env);
  const origin = source ?? "Docker's current context";
  if (!context || context.host === '') {
    throw new UserError({
      kind: 'engine',
      code: 'engine-context-missing',
      message: `There is no Docker context "${name}" (${origin})`,
      why: `Contexts are looked for in ${join(dockerConfigDir(env), 'contexts')}`,
      fix: 'See what there is: docker context ls',
    });
  }
  const endpointSource = source === undefined ? `context "${name}"` : `context "${name}" (${source})`;
  return { chosen: await candidate(context.host, endpointSource, env, context.tls) };
}

function byUrl(url: string, source: string, env: Env): Promise<Candidate> {
  return candidate(url, source, env, undefined);
}

async function candidate(url: string, source: string, env: Env, tls: TlsFiles | undefined): Promise<Candidate> {
  const parsed = parseEngineUrl(url, source);
  const endpoint = { url: parsed.text, source };
  switch (parsed.scheme) {
    case 'unix':
      return { endpoint, address: { kind: 'socket', path: parsed.path } };
    case 'npipe':
      return { endpoint, address: { kind: 'socket', path: parsed.path.replaceAll('\\', '/') } };
    case 'ssh':
      return { endpoint, address: { kind: 'ssh', destination: parsed.destination } };
    case 'tcp':
    case 'https':
      return {
        endpoint,
        address: { kind: 'tcp', host: parsed.host, port: parsed.port, tls: tls ?? (await tlsFromEnv(parsed.scheme === 'https' || parsed.port === 2376, env)) },
      };
    default:
      return parsed satisfies never;
  }
}

/** https://docs.docker.com/reference/cli/docker/#environment-variables : any value but the empty one asks for TLS. */
async function tlsFromEnv(implied: boolean, env: Env): Promise<TlsFiles | undefined> {
  if (!env['DOCKER_TLS_VERIFY'] && !env['DOCKER_TLS'] && !implied) return undefined;
  const verify = Boolean(env['DOCKER_TLS_VERIFY']) || !env['DOCKER_TLS'];
  const files = await readTlsFiles(env['DOCKER_CERT_PATH'] || dockerConfigDir(env), verify);
  return files ?? { ca: undefined, cert: undefined, key: undefined, verify };
}

/** In the order in which they are asked. Most are not there; only Colima's other profiles are looked for before. */
export async function usualPlaces(env: Env, platform: NodeJS.Platform = process.platform): Promise<readonly Candidate[]> {
  if (platform === 'win32')
    return [pipe('docker_engine', 'default pipe'), pipe('dockerDesktopLinuxEngine', 'Docker Desktop'), pipe('podman-machine-default', 'Podman', 'Podman')];
  const home = homeOf(env);
  const runtime = runtimeDir(env);
  const inRuntime = (path: string, source: string, product: 'Docker' | 'Podman'): readonly Candidate[] =>
    runtime === undefined ? [] : [socket(join(runtime, path), source, product)];
  return [
    socket('/var/run/docker.sock', 'default socket'),
    ...inRuntime('docker.sock', 'rootless Docker', 'Docker'),
    socket('/run/podman/podman.sock', 'Podman', 'Podman'),
    ...inRuntime('podman/podman.sock', 'rootless Podman', 'Podman'),
    socket(join(home, '.docker/run/docker.sock'), 'Docker Desktop'),
    socket(join(home, '.docker/desktop/docker.sock'), 'Docker Desktop'),
    ...(await colimaPlaces(env)),
    socket(join(home, '.rd/docker.sock'), 'Rancher Desktop'),
  ];
}

/** Where a login session has none in its environment (cron, sudo, an editor over ssh), systemd still names it by the user's number. */
function runtimeDir(env: Env): string | undefined {
  const uid = process.getuid?.();
  return env['XDG_RUNTIME_DIR'] || (uid === undefined ? undefined : `/run/user/${uid}`);
}

/** https://github.com/abiosoft/colima/blob/main/docs/FAQ.md : one folder a profile, in one of these homes. */
async function colimaPlaces(env: Env): Promise<readonly Candidate[]> {
  const own = env['COLIMA_HOME'];
  const homes = own ? [own] : [join(homeOf(env), '.colima'), join(env['XDG_CONFIG_HOME'] || join(homeOf(env), '.config'), 'colima')];
  const places = await Promise.all(
    homes.map(async (home, at) => {
      const profiles = (await readdir(home, { withFileTypes: true }).catch(() => []))
        .filter((entry) => entry.isDirectory() && entry.name !== 'default' && existsSync(join(home, entry.name, 'docker.sock')))
        .map(({ name }) => name)
        .toSorted();
      const standard = join(home, 'default/docker.sock');
      return [
        ...(at === 0 || existsSync(standard) ? [socket(standard, 'Colima')] : []),
        ...profiles.map((profile) => socket(join(home, profile, 'docker.sock'), `Colima, profile ${profile}`)),
      ];
    }),
  );
  return places.flat();
}

function socket(path: string, source: string, product: 'Docker' | 'Podman' = 'Docker'): Candidate {
  return { endpoint: { url: `unix://${path}`, source }, address: { kind: 'socket', path }, product };
}

function pipe(name: string, source: string, product: 'Docker' | 'Podman' = 'Docker'): Candidate {
  return { endpoint: { url: `npipe:////./pipe/${name}`, source }, address: { kind: 'socket', path: `//./pipe/${name}` }, product };
}
