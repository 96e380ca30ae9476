// The few calls to the Docker Engine API that the scripts need before there is a node_modules.
// https://docs.docker.com/reference/api/engine/
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';

/** How node:http reaches an engine: `unix:///path`, `tcp://host:2375`, or TLS as the docker command line reads it from the environment. */
export function connection(url) {
  if (url.startsWith('unix://')) return { transport: http, options: { socketPath: url.slice('unix://'.length) } };
  const parts = /^(?:tcp|https?):\/\/([^/:]+|\[[^\]]+\])(?::(\d+))?/.exec(url);
  if (!parts) return undefined;
  const secure = Boolean(process.env.DOCKER_TLS_VERIFY) || parts[2] === '2376';
  const options = { host: parts[1].replace(/^\[|\]$/g, ''), port: Number(parts[2] ?? (secure ? 2376 : 2375)) };
  if (!secure) return { transport: http, options };
  const certificates = process.env.DOCKER_CERT_PATH ?? join(process.env.HOME ?? '', '.docker');
  const read = (name) => readFileSync(join(certificates, name));
  return { transport: https, options: { ...options, ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') } };
}

/** One request; the answer's body is left as a stream. `body` is a readable, or nothing. */
export function request(url, method, path, { body, signal, timeout } = {}) {
  const to = connection(url);
  if (!to) return Promise.reject(new Error(`${url} is no address these scripts can reach: use unix:// or tcp://`));
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/x-tar', 'transfer-encoding': 'chunked' } : { 'content-length': 0 };
    const asked = to.transport.request({ ...to.options, method, path, headers, signal }, resolve);
    asked.once('error', reject);
    if (timeout) asked.setTimeout(timeout, () => asked.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    if (body) {
      body.once('error', (error) => asked.destroy(error));
      body.pipe(asked);
    } else asked.end();
  });
}

export async function text(response) {
  let all = '';
  response.setEncoding('utf8');
  for await (const chunk of response) all += chunk;
  return all;
}

/** The answer as JSON, or undefined for 404. Other refusals are errors with the engine's own words. */
export async function json(url, method, path, options) {
  const response = await request(url, method, path, options);
  const body = await text(response);
  if (response.statusCode === 404) return undefined;
  if (response.statusCode >= 400) throw new Error(messageIn(body) ?? `HTTP ${response.statusCode}`);
  return body === '' ? undefined : JSON.parse(body);
}

/** undefined when the engine answers, else why it does not. */
export async function trouble(url) {
  try {
    const response = await request(url, 'GET', '/_ping', { timeout: 5000 });
    const body = await text(response);
    return response.statusCode === 200 ? undefined : (messageIn(body) ?? `HTTP ${response.statusCode}`);
  } catch (error) {
    if (error.code === 'ENOENT') return 'nothing there';
    if (error.code === 'ECONNREFUSED') return 'not running';
    if (error.code === 'EACCES') return 'no permission';
    return error.message;
  }
}

export function messageIn(body) {
  try {
    return JSON.parse(body).message;
  } catch {
    return body.trim() === '' ? undefined : body.trim();
  }
}

export async function describe(url) {
  const { Version, Platform, Components } = await json(url, 'GET', '/version');
  const product = Components?.some(({ Name }) => /podman/i.test(Name)) ? 'Podman' : 'Docker';
  return { product, version: Version, platform: Platform?.Name ?? '' };
}
