/** Who answers, and what it can do: asked, not guessed. The requests carry no version in their paths, which every engine understands. */
import type { EngineInfo } from '../engine.js';
import { UserError } from '../../errors.js';
import { isObject, objects, text } from '../json.js';
import type { Json } from '../json.js';
import { EngineRefusal, notAnEngine, sourceOf, tlsProblem } from '../problems.js';
import type { EngineApi } from './api.js';

const ANSWER_MS = 10_000;

/** What this code was written for and tested with. An engine that knows none of these versions is refused. */
const OLDEST_API = '1.41'; // Docker 20.10, and all of Podman's
const NEWEST_API = '1.51'; // Docker 28.5
/** The first whose builds take secrets and cache mounts. */
const OLDEST_PODMAN = 4;

export interface Introduction {
  readonly info: EngineInfo;
  /** The version to speak: the newest that both know. */
  readonly spoken: string;
  readonly isPodman: boolean;
}

export async function introduce(api: EngineApi, signal: AbortSignal | undefined): Promise<Introduction> {
  const [answer, hasSession] = await Promise.all([version(api, signal), offersSession(api, signal)]);
  if (!isObject(answer) || text(answer['ApiVersion']) === '') throw notAnEngine(api.endpoint, JSON.stringify(answer ?? ''));
  const apiVersion = text(answer['ApiVersion']);
  const os = text(answer['Os']);
  const podman = objects(answer['Components']).find((component) => /podman/i.test(text(component['Name'])));
  const buildkit = hasSession && os === 'linux';
  const info: EngineInfo = {
    product: podman ? 'Podman' : 'Docker',
    version: text(answer['Version']),
    apiVersion,
    platform: `${os}/${text(answer['Arch'])}`,
    buildkit,
    canBuild: buildkit || (podman !== undefined && Number.parseInt(text(podman['Version']), 10) >= OLDEST_PODMAN),
    endpoint: api.endpoint,
  };
  return { info, spoken: negotiate(info, answer), isPodman: podman !== undefined };
}

function version(api: EngineApi, signal: AbortSignal | undefined): Promise<unknown> {
  return api.json({ method: 'GET', path: '/version', what: 'tell its version', timeout: ANSWER_MS, signal }).catch((error: unknown) => {
    if (!(error instanceof EngineRefusal)) throw error;
    if (/HTTP request to an HTTPS server/i.test(error.reason)) throw tlsProblem(new Error('it speaks TLS, and was spoken to without'), api.endpoint);
    throw notAnEngine(api.endpoint, error.reason);
  });
}

/**
 * A session is opened by upgrading the connection; asked for without, an engine that has them says what is missing (400), and one that has
 * none does not know the path (404). moby/buildkit session/manager.go; `Builder-Version` in an answer tells only the default builder.
 */
async function offersSession(api: EngineApi, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await api.send({ method: 'POST', path: '/session', what: 'tell whether it builds with BuildKit', timeout: ANSWER_MS, signal });
    return true;
  } catch (error) {
    // What goes wrong with the connection shows in the other request, in better words.
    return error instanceof EngineRefusal && error.status !== 404;
  }
}

/** @throws UserError `engine-too-old`, `engine-too-new` when no version is known to both */
function negotiate({ product, version: engine, apiVersion, endpoint }: EngineInfo, answer: Json): string {
  const about = { kind: 'engine' as const, why: `${sourceOf(endpoint)}; it speaks version ${apiVersion} of the API` };
  if (compare(apiVersion, OLDEST_API) < 0) {
    throw new UserError({
      ...about,
      code: 'engine-too-old',
      message: `${product} ${engine} at ${endpoint.url} is too old`,
      fix: 'Install Docker 20.10 or later, or Podman 4.0 or later, or name another engine',
    });
  }
  const oldest = text(answer['MinAPIVersion']);
  if (oldest !== '' && compare(oldest, NEWEST_API) > 0) {
    throw new UserError({
      ...about,
      code: 'engine-too-new',
      message: `${product} ${engine} at ${endpoint.url} is too new for this version of PyPackage`,
      why: `${about.why}, and none before ${oldest}`,
      fix: 'Update PyPackage, or lower DOCKER_MIN_API_VERSION of the engine',
    });
  }
  return compare(apiVersion, NEWEST_API) > 0 ? NEWEST_API : apiVersion;
}

/** Below zero when `a` comes first. */
function compare(a: string, b: string): number {
  const [a1 = 0, a2 = 0] = a.split('.').map(Number);
  const [b1 = 0, b2 = 0] = b.split('.').map(Number);
  return a1 - b1 || a2 - b2;
}
