/** From what the user and the machine say to an engine that answers, or to an error that says what to do. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CancelledError, UserError, throwIfAborted } from '../errors.js';
import type { Redactor } from '../redactor.js';
import { around, type Around, fixInside, seenInside, whyInside } from './around.js';
import { dockerCredentials } from './credentials.js';
import type { Env } from './docker-config.js';
import { findEndpoints } from './endpoints.js';
import type { Candidate, EngineChoice } from './endpoints.js';
import type { Engine, EngineInfo } from './engine.js';
import { startHint } from './problems.js';

/** dockerode is loaded and something is dialled only from here on. */
export async function connectEngine(choice: EngineChoice, signal?: AbortSignal, redactor?: Redactor): Promise<Engine> {
  throwIfAborted(signal);
  const found = await findEndpoints(choice);
  // Never silently another one than was asked for.
  if ('chosen' in found) return open(found.chosen, choice.env, signal, redactor);
  return firstThatAnswers(found.usual, choice.env, (candidate) => open(candidate, choice.env, signal, redactor));
}

/** One place, and no other. */
export async function open(candidate: Candidate, env: Env, signal: AbortSignal | undefined, redactor?: Redactor): Promise<Engine> {
  const { endpoint, address } = candidate;
  const credentials = dockerCredentials(env, redactor);
  if (address.kind === 'ssh') {
    const { connectOverSsh } = await import('./ssh-tunnel.js');
    const { DockerEngine } = await import('./dockerode/docker-engine.js');
    return connectOverSsh({ endpoint, destination: address.destination, env, signal }, (through) => DockerEngine.connect({ ...through, credentials, signal }));
  }
  const { DockerEngine } = await import('./dockerode/docker-engine.js');
  try {
    return await DockerEngine.connect({ endpoint, address, credentials, signal });
  } catch (error) {
    throw error instanceof UserError && address.kind === 'socket' ? seenInside(error, await around(env)) : error;
  }
}

/**
 * The first that answers; one that cannot build only where no other does. A refused permission is not passed over for
 * an engine of another product: what was built with the one is not there with the other.
 */
export async function firstThatAnswers(
  candidates: readonly Candidate[],
  env: Env,
  ask: (candidate: Candidate) => Promise<Engine>,
  whereWeAre: () => Promise<Around | undefined> = () => around(env),
): Promise<Engine> {
  const problems: Problem[] = [];
  let second: Engine | undefined;
  for (const candidate of candidates) {
    try {
      const engine = await ask(candidate);
      const refused = problems.find(({ candidate: { product }, problem }) => isRefused(problem) && product !== engine.info.product);
      if (refused) {
        engine.close();
        throw new PassedOver(refused.problem, engine.info);
      }
      if (engine.info.canBuild) {
        second?.close();
        return engine;
      }
      if (second) engine.close();
      second ??= engine;
    } catch (error) {
      if (error instanceof CancelledError || error instanceof PassedOver) second?.close();
      if (error instanceof PassedOver || !(error instanceof UserError)) throw error;
      problems.push({ candidate, problem: error });
    }
  }
  // What is there but does not let us in says more than what is absent.
  const telling = problems.find(({ problem }) => isRefused(problem)) ?? problems.find(({ problem }) => problem.code !== 'engine-no-socket');
  if (second && !(telling && isRefused(telling.problem))) return second;
  second?.close();
  throw telling?.problem ?? (await nothingThere(problems, env, await whereWeAre()));
}

interface Problem {
  readonly candidate: Candidate;
  readonly problem: UserError;
}

function isRefused({ code }: UserError): boolean {
  return code === 'engine-no-permission';
}

class PassedOver extends UserError {
  constructor(refused: UserError, { product, version, endpoint }: EngineInfo) {
    const why = `${product} ${version} answers at ${endpoint.url} (${endpoint.source}), but is not taken in its place unasked`;
    super({
      kind: 'engine',
      code: refused.code,
      message: refused.message,
      why: refused.why === undefined ? why : `${refused.why}; ${why}`,
      fix: `${refused.fix === undefined ? '' : `${refused.fix}. `}Or take ${product}: --engine ${endpoint.url}`,
      cause: refused,
    });
  }
}

async function nothingThere(problems: readonly Problem[], env: Env, place: Around | undefined): Promise<UserError> {
  const program = await installedProgram(env);
  const why = `Nothing listens at ${problems.map(({ candidate }) => candidate.endpoint.url.replace('unix://', '')).join(', ')}`;
  // A client alone says nothing of an engine here: it is there for the one outside.
  if (place !== undefined && (program === undefined || program === 'docker')) {
    return new UserError({
      kind: 'engine',
      code: 'engine-outside',
      message: `No container engine answers in ${place.replace(/^a /, 'this ')}`,
      why: `${whyInside(place)}. ${why}`,
      fix: fixInside(place),
    });
  }
  if (program !== undefined) {
    const product = program === 'podman' ? 'Podman' : 'Docker';
    return new UserError({
      kind: 'engine',
      code: 'engine-not-running',
      message: `No container engine is running, though ${product} is installed`,
      why,
      fix: product === 'Podman' ? 'Start its service: systemctl --user start podman.socket' : startHint(),
    });
  }
  return new UserError({
    kind: 'engine',
    code: 'engine-not-installed',
    message: 'No container engine was found on this machine',
    why,
    fix: 'Install Docker 20.10 or later: https://docs.docker.com/engine/install/ (Debian and Ubuntu: sudo apt install docker.io), or name an engine elsewhere with --engine',
  });
}

async function installedProgram(env: Env): Promise<'dockerd' | 'docker' | 'podman' | undefined> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const program of ['dockerd', 'docker', 'podman'] as const) {
    for (const folder of folders) {
      const there = await access(join(folder, program + suffix), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (there) return program;
    }
  }
  return undefined;
}
