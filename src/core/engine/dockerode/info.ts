/** Who answers: one request, without a version in its path, which every engine understands. */
import type { EngineInfo } from '../engine.js';
import { isObject, objects, text } from '../json.js';
import { EngineRefusal, notAnEngine, tlsProblem } from '../problems.js';
import type { EngineApi } from './api.js';

const ANSWER_MS = 10_000;

export async function engineInfo(api: EngineApi, signal: AbortSignal | undefined): Promise<EngineInfo> {
  const answer = await api.json({ method: 'GET', path: '/version', what: 'tell its version', timeout: ANSWER_MS, signal }).catch((error: unknown) => {
    if (!(error instanceof EngineRefusal)) throw error;
    if (/HTTP request to an HTTPS server/i.test(error.reason)) throw tlsProblem(new Error('it speaks TLS, and was spoken to without'), api.endpoint);
    throw notAnEngine(api.endpoint, error.reason);
  });
  if (!isObject(answer) || text(answer['ApiVersion']) === '') throw notAnEngine(api.endpoint, JSON.stringify(answer ?? ''));
  const apiVersion = text(answer['ApiVersion']);
  const os = text(answer['Os']);
  const podman = objects(answer['Components']).some((component) => /podman/i.test(text(component['Name'])));
  return {
    product: podman ? 'Podman' : 'Docker',
    version: text(answer['Version']),
    apiVersion,
    platform: `${os}/${text(answer['Arch'])}`,
    // Docker 20.10 is API 1.41. Its `Builder-Version` header tells the default builder, not whether BuildKit is there.
    buildkit: !podman && os === 'linux' && atLeast(apiVersion, 1, 41),
    endpoint: api.endpoint,
  };
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
