/** Where an engine may listen, in the order in which we ask. Nothing is dialled here. */
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
  return { usual: usualPlaces(env) };
}

/** @param source of the wish for this context; undefined when it is Docker's own current one. */
async function byContext(name: string, source: string | undefined, env: Env): Promise<Found> {
  if (name === 'default') return { usual: usualPlaces(env) }; // the context that Docker makes up: what would be used without contexts
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
    case 'tcp':
    case 'https':
      return {
        endpoint,
        address: { kind: 'tcp', host: parsed.host, port: parsed.port, tls: tls ?? (await tlsFromEnv(parsed.scheme === 'https' || parsed.port === 2376, env)) },
      };
  }
}

/** https://docs.docker.com/reference/cli/docker/#environment-variables : any value but the empty one asks for TLS. */
async function tlsFromEnv(implied: boolean, env: Env): Promise<TlsFiles | undefined> {
  if (!env['DOCKER_TLS_VERIFY'] && !env['DOCKER_TLS'] && !implied) return undefined;
  const verify = Boolean(env['DOCKER_TLS_VERIFY']) || !env['DOCKER_TLS'];
  const files = await readTlsFiles(env['DOCKER_CERT_PATH'] || dockerConfigDir(env), verify);
  return files ?? { ca: undefined, cert: undefined, key: undefined, verify };
}

function usualPlaces(env: Env): readonly Candidate[] {
  if (process.platform === 'win32')
    return [pipe('docker_engine', 'default pipe'), pipe('dockerDesktopLinuxEngine', 'Docker Desktop'), pipe('podman-machine-default', 'Podman')];
  const home = homeOf(env);
  const runtime = env['XDG_RUNTIME_DIR'];
  return [
    socket('/var/run/docker.sock', 'default socket'),
    ...(runtime ? [socket(join(runtime, 'docker.sock'), 'rootless Docker')] : []),
    socket(join(home, '.docker/run/docker.sock'), 'Docker Desktop'),
    socket(join(home, '.docker/desktop/docker.sock'), 'Docker Desktop'),
    socket(join(home, '.colima/default/docker.sock'), 'Colima'),
    socket(join(home, '.rd/docker.sock'), 'Rancher Desktop'),
    ...(runtime ? [socket(join(runtime, 'podman/podman.sock'), 'rootless Podman')] : []),
    socket('/run/podman/podman.sock', 'Podman'),
  ];
}

function socket(path: string, source: string): Candidate {
  return { endpoint: { url: `unix://${path}`, source }, address: { kind: 'socket', path } };
}

function pipe(name: string, source: string): Candidate {
  return { endpoint: { url: `npipe:////./pipe/${name}`, source }, address: { kind: 'socket', path: `//./pipe/${name}` } };
}
