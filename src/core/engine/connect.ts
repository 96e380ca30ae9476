/** From what the user and the machine say to an engine that answers, or to an error that says what to do. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CancelledError, UserError, throwIfAborted } from '../errors.js';
import { dockerCredentials } from './credentials.js';
import type { Env } from './docker-config.js';
import { findEndpoints } from './endpoints.js';
import type { Candidate, EngineChoice } from './endpoints.js';
import type { Engine } from './engine.js';
import { startHint } from './problems.js';

/** dockerode is loaded and something is dialled only from here on. */
export async function connectEngine(choice: EngineChoice, signal?: AbortSignal): Promise<Engine> {
  throwIfAborted(signal);
  const found = await findEndpoints(choice);
  // Never silently another one than was asked for.
  if ('chosen' in found) return open(found.chosen, choice.env, signal);
  return firstThatAnswers(found.usual, choice.env, signal);
}

export interface Answer {
  readonly url: string;
  readonly source: string;
  /** `Docker 28.5`, or in a few words why not. */
  readonly answer: string;
}

/** Every place that `connectEngine` would ask, with what it answers. */
export async function doctorEndpoints(choice: EngineChoice, signal?: AbortSignal): Promise<readonly Answer[]> {
  const found = await findEndpoints(choice);
  const candidates = 'chosen' in found ? [found.chosen] : found.usual;
  return Promise.all(
    candidates.map(async (candidate) => {
      const { url, source } = candidate.endpoint;
      return { url, source, answer: await answerOf(candidate, choice.env, signal) };
    }),
  );
}

async function answerOf(candidate: Candidate, env: Env, signal: AbortSignal | undefined): Promise<string> {
  try {
    const engine = await open(candidate, env, signal);
    engine.close();
    return `${engine.info.product} ${engine.info.version}`;
  } catch (error) {
    if (error instanceof UserError) return ANSWERS[error.code] ?? error.message;
    throw error;
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  'engine-no-socket': 'no such socket',
  'engine-not-running': 'not running',
  'engine-no-permission': 'no permission',
  'engine-unreachable': 'no answer',
  'engine-not-an-engine': 'not a container engine',
  'engine-tls': 'TLS problem',
};

async function open(candidate: Candidate, env: Env, signal: AbortSignal | undefined): Promise<Engine> {
  const { DockerEngine } = await import('./dockerode/docker-engine.js');
  return DockerEngine.connect({ ...candidate, credentials: dockerCredentials(env), signal });
}

/** An engine that builds is taken before one that does not, and a refused permission is not passed over for the latter. */
export async function firstThatAnswers(candidates: readonly Candidate[], env: Env, signal: AbortSignal | undefined): Promise<Engine> {
  const problems: { readonly candidate: Candidate; readonly problem: UserError }[] = [];
  let second: Engine | undefined;
  for (const candidate of candidates) {
    try {
      const engine = await open(candidate, env, signal);
      if (engine.info.buildkit) {
        second?.close();
        return engine;
      }
      if (second) engine.close();
      second ??= engine;
    } catch (error) {
      if (error instanceof CancelledError) second?.close();
      if (!(error instanceof UserError)) throw error;
      problems.push({ candidate, problem: error });
    }
  }
  // What is there but does not let us in says more than what is absent.
  const telling =
    problems.find(({ problem }) => problem.code === 'engine-no-permission') ?? problems.find(({ problem }) => problem.code !== 'engine-no-socket');
  if (second && telling?.problem.code !== 'engine-no-permission') return second;
  second?.close();
  throw telling?.problem ?? (await nothingThere(problems, env));
}

async function nothingThere(problems: readonly { readonly candidate: Candidate; readonly problem: UserError }[], env: Env): Promise<UserError> {
  const program = await installedProgram(env);
  const why = `Nothing listens at ${problems.map(({ candidate }) => candidate.endpoint.url.replace('unix://', '')).join(', ')}`;
  if (program !== undefined) {
    return new UserError({
      kind: 'engine',
      code: 'engine-not-running',
      message: `No container engine is running, though ${program} is installed`,
      why,
      fix: startHint(),
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

async function installedProgram(env: Env): Promise<string | undefined> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const program of ['dockerd', 'docker', 'podman']) {
    for (const folder of folders) {
      const there = await access(join(folder, program + suffix), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (there) return program === 'podman' ? 'Podman' : 'Docker';
    }
  }
  return undefined;
}
