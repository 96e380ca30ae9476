/** The engine's API past all code of ours: what a test finds here does not depend on what it tests. */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { dial, ENGINE_URL, socketPath } from './raw-connection.js';

/** Path of the engine's socket on this machine; empty for an engine that is elsewhere. */
export const ENGINE_SOCKET = socketPath() ?? '';

export function open(method: string, path: string, body?: Readable | string, url = ENGINE_URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
    const sent = request({ createConnection: () => dial(url), method, path, headers }, resolve).on('error', reject);
    if (body === undefined || typeof body === 'string') sent.end(body);
    else body.on('error', reject).pipe(sent);
  });
}

/** @throws when the engine refuses */
export async function call(method: string, path: string, body?: Readable | string): Promise<string> {
  const answer = await open(method, path, body);
  const said = await text(answer);
  if ((answer.statusCode ?? 500) >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${said}`);
  return said;
}

/** What is gone already, or is on its way, is as good as removed. */
export async function discard(path: string): Promise<void> {
  const answer = await open('DELETE', path);
  const said = await text(answer);
  if (![200, 204, 404].includes(answer.statusCode ?? 500) && !said.includes('in progress')) throw new Error(`DELETE ${path}: ${answer.statusCode} ${said}`);
}

export async function ask<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  return schema.parse(JSON.parse(await call('GET', path)));
}

const labels = z.nullish(z.record(z.string(), z.string())).transform((found) => found ?? {});
/** Podman names the registry, too. */
const tags = z
  .nullish(z.array(z.string()))
  .transform((found) =>
    (found ?? []).filter((tag) => tag !== '<none>:<none>').map((tag) => tag.replace(/^(docker\.io\/library\/|docker\.io\/|localhost\/)/, '')),
  );

const imageList = z.array(z.object({ Id: z.string(), RepoTags: tags, Labels: labels }));
const imageDetails = z.object({
  Id: z.string(),
  RepoTags: tags,
  RootFS: z.object({ Layers: z.array(z.string()) }),
  Config: z.object({
    User: z.string(),
    Env: z.nullish(z.array(z.string())),
    Cmd: z.nullish(z.array(z.string())),
    Entrypoint: z.nullish(z.array(z.string())),
    Labels: labels,
    StopSignal: z.nullish(z.string()),
    ExposedPorts: z.nullish(z.record(z.string(), z.unknown())),
    Healthcheck: z.nullish(z.object({ Test: z.array(z.string()) })),
  }),
});
const containerList = z.array(z.object({ Id: z.string(), Names: z.array(z.string()), Image: z.string(), Labels: labels, State: z.string() }));

export type RawImage = z.infer<typeof imageDetails>;

export function listImages(): Promise<z.infer<typeof imageList>> {
  return ask(imageList, '/images/json');
}

export function listContainers(): Promise<z.infer<typeof containerList>> {
  return ask(containerList, '/containers/json?all=1');
}

/** Containers that carry all these labels. */
export async function containersWith(wanted: Readonly<Record<string, string>>): Promise<z.infer<typeof containerList>> {
  return (await listContainers()).filter(({ Labels }) => Object.entries(wanted).every(([name, value]) => Labels[name] === value));
}

/** Waits until nothing of the run is left; a lease is given back in the background. */
export async function isSwept(run: string, ms = 10_000): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    if ((await containersWith({ 'io.pypackage.run': run })).length === 0) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  return false;
}

export function inspectImage(reference: string): Promise<RawImage> {
  return ask(imageDetails, `/images/${reference}/json`);
}

export async function hasImage(reference: string): Promise<boolean> {
  const answer = await open('GET', `/images/${reference}/json`);
  answer.resume();
  return answer.statusCode === 200;
}

export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const eventLine = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.nullish(z.record(z.string(), z.string())) }),
});

/** What the engine did while the work ran, as its own event stream tells it. Other work on the engine is in it, too. */
export async function engineEventsDuring(work: () => Promise<void>): Promise<readonly EngineEvent[]> {
  const since = (Date.now() / 1000).toFixed(3);
  await work();
  const until = (Date.now() / 1000 + 0.3).toFixed(3);
  const past = await call('GET', `/events?since=${since}&until=${until}`);
  return past
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => eventLine.parse(JSON.parse(line)))
    .map(({ Type, Action, Actor }) => ({ type: Type, action: Action, id: Actor.ID, attributes: Actor.Attributes ?? {} }));
}

const created = z.object({ Id: z.string() });

/** What a command in a fresh container of the image writes; past our own way to run one. */
export async function output(image: string, command: readonly string[], options: { readonly entrypoint?: readonly string[] } = {}): Promise<string> {
  const body = {
    Image: image,
    Cmd: command,
    ...(options.entrypoint && { Entrypoint: options.entrypoint }),
    Tty: true, // one stream without frames
    Labels: { 'io.pypackage.test': 'output' },
    HostConfig: { ReadonlyRootfs: true, NetworkMode: 'none' },
  };
  const { Id } = created.parse(JSON.parse(await call('POST', '/containers/create', JSON.stringify(body))));
  try {
    await call('POST', `/containers/${Id}/start`);
    const { StatusCode } = z.object({ StatusCode: z.number() }).parse(JSON.parse(await call('POST', `/containers/${Id}/wait`)));
    const written = await call('GET', `/containers/${Id}/logs?stdout=1&stderr=1`);
    if (StatusCode !== 0) throw new Error(`${command.join(' ')} ended with ${StatusCode}: ${written}`);
    return written.replaceAll('\r\n', '\n');
  } finally {
    await discard(`/containers/${Id}?force=1&v=1`);
  }
}

const serviceDetails = z.object({
  HostConfig: z.object({ ReadonlyRootfs: z.boolean() }),
  Mounts: z.array(z.object({ Type: z.string(), Destination: z.string() })),
  Config: z.object({ User: z.string() }),
  State: z.object({ Health: z.object({ Status: z.string() }) }),
  NetworkSettings: z.object({ Ports: z.record(z.string(), z.nullish(z.array(z.object({ HostIp: z.string(), HostPort: z.string() })))) }),
});

/** A started container. */
export function inspectService(id: string): Promise<z.infer<typeof serviceDetails>> {
  return ask(serviceDetails, `/containers/${id}/json`);
}
