/** Containers: made, listed, stopped, removed, and their logs. */
import { UserError } from '../../errors.js';
import type { ContainerSpec, ContainerSummary } from '../engine.js';
import { number, object, objects, text, textMap } from '../json.js';
import type { Json } from '../json.js';
import { EngineRefusal, isMissing } from '../problems.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { carrying, labelFilter } from './filters.js';
import type { LabelFilter } from './filters.js';
import { createProblem, startProblem } from './start-problem.js';
import { upInStatus } from './up-in-status.js';

/** A new volume is filled from the image at creation, which may take a while. */
const CREATE_MS = 300_000;
const REMOVE_MS = 30_000;

/** Takes no signal: given up half-way, a container could be left whose id nobody knows. */
export async function createContainer(api: EngineApi, spec: ContainerSpec, body: Json): Promise<string> {
  const query = { name: spec.name };
  try {
    const answer = await api.json({ method: 'POST', path: '/containers/create', query, body, what: `create a container of ${spec.image}`, timeout: CREATE_MS });
    return text(object(answer)['Id']);
  } catch (error) {
    throw createProblem(spec, error);
  }
}

export async function startCreated(api: EngineApi, spec: ContainerSpec, id: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await api.send({ method: 'POST', path: `/containers/${name(id)}/start`, what: `start a container of ${spec.image}`, signal });
  } catch (error) {
    throw startProblem(spec, error);
  }
}

export async function findContainers(
  api: EngineApi,
  labels: LabelFilter,
  signal: AbortSignal | undefined,
  ids?: readonly string[],
): Promise<readonly ContainerSummary[]> {
  const query = { all: true, filters: labelFilter(api.dialect, labels, ids) };
  const answer = await api.json({ method: 'GET', path: '/containers/json', query, what: 'list its containers', signal });
  const found = carrying(
    objects(answer).map((item) => summaryOfList(api, item)),
    labels,
  );
  return api.dialect.listsHealth ? found : Promise.all(found.map((container) => withHealth(api, container, signal)));
}

interface InspectOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number;
}

export async function inspectContainer(api: EngineApi, id: string, options: InspectOptions = {}): Promise<ContainerSummary | undefined> {
  const answer = await inspectRaw(api, id, options);
  const summary = answer && summaryOfInspect(api, answer);
  if (!summary || !api.dialect.checksHealthWhenAsked || summary.state !== 'running' || summary.health !== 'starting') return summary;
  return checkHealth(api, summary, options);
}

export async function inspectRaw(api: EngineApi, id: string, options: InspectOptions = {}): Promise<Json | undefined> {
  try {
    return object(await api.json({ method: 'GET', path: `/containers/${name(id)}/json`, what: `inspect the container ${id}`, ...options }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** https://docs.podman.io/en/latest/_static/api.html#tag/containers/operation/ContainerHealthcheckLibpod */
async function checkHealth(api: EngineApi, container: ContainerSummary, options: InspectOptions): Promise<ContainerSummary> {
  const { id } = container;
  try {
    // It answers how this one check went, which is not yet how the container is: there are retries, and a time to start.
    await api.json({ method: 'GET', path: `/libpod/containers/${name(id)}/healthcheck`, what: `check the health of ${id}`, ...options });
    const answer = await inspectRaw(api, id, options);
    return answer ? summaryOfInspect(api, answer) : container;
  } catch (error) {
    if (error instanceof EngineRefusal) return container; // it has just ended
    throw error;
  }
}

/** Whether its two outputs come as one stream without frames; undefined when there is no such container. */
export async function hasTerminal(api: EngineApi, id: string, signal: AbortSignal | undefined): Promise<boolean | undefined> {
  const answer = await inspectRaw(api, id, { signal });
  return answer && object(answer['Config'])['Tty'] === true;
}

export async function startAgain(api: EngineApi, id: string): Promise<void> {
  try {
    await api.send({ method: 'POST', path: `/containers/${name(id)}/start`, what: `start the container ${id}` });
  } catch (error) {
    throw startProblem({}, error);
  }
}

export async function restartContainer(api: EngineApi, id: string, seconds: number): Promise<void> {
  try {
    await api.send({ method: 'POST', path: `/containers/${name(id)}/restart`, query: { t: seconds }, what: `restart the container ${id}` });
  } catch (error) {
    throw startProblem({}, error);
  }
}

export async function stopContainer(api: EngineApi, id: string, seconds: number): Promise<void> {
  try {
    await api.send({ method: 'POST', path: `/containers/${name(id)}/stop`, query: { t: seconds }, what: `stop the container ${id}` });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export async function removeContainer(api: EngineApi, id: string, force = true): Promise<void> {
  const query = { force, v: true };
  if (force && !api.dialect.killsWhatItRemoves) await killNow(api, id);
  try {
    await api.send({ method: 'DELETE', path: `/containers/${name(id)}`, query, what: `remove the container ${id}`, timeout: REMOVE_MS });
  } catch (error) {
    if (isMissing(error)) return;
    // Somebody else is at it: done once it is gone.
    if (!(error instanceof EngineRefusal && error.status === 409 && /in progress/.test(error.reason))) throw error;
    await api
      .send({ method: 'POST', path: `/containers/${name(id)}/wait`, query: { condition: 'removed' }, what: 'wait', timeout: REMOVE_MS })
      .catch((gone: unknown) => {
        if (!isMissing(gone)) throw gone;
      });
  }
}

async function killNow(api: EngineApi, id: string): Promise<void> {
  try {
    await api.send({ method: 'POST', path: `/containers/${name(id)}/kill`, what: `kill the container ${id}`, timeout: REMOVE_MS });
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error; // it does not run
  }
}

/** At the end of a job: what it did counts, and a container that cannot be removed now is swept by the next run, by its labels. */
export async function removeAtEnd(api: EngineApi, id: string): Promise<void> {
  await removeContainer(api, id).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
  });
}

/** One that runs is asked for once more, where the list does not tell its health. */
async function withHealth(api: EngineApi, container: ContainerSummary, signal: AbortSignal | undefined): Promise<ContainerSummary> {
  if (container.state !== 'running') return container;
  return (await inspectContainer(api, container.id, { signal })) ?? container;
}

function summaryOfList({ dialect }: EngineApi, item: Json): ContainerSummary {
  const status = text(item['Status']);
  const exited = /^Exited \((\d+)\)/.exec(status)?.[1];
  const upFor = upInStatus(status);
  return {
    id: text(item['Id']),
    name: bareName(Array.isArray(item['Names']) ? item['Names'][0] : undefined),
    image: dialect.shownTag(text(item['Image'])),
    imageId: text(item['ImageID']),
    labels: textMap(item['Labels']),
    state: stateOf(item['State']),
    health: healthInStatus(status),
    exitCode: exited === undefined ? undefined : Number(exited),
    created: number(item['Created']) * 1000,
    ...(upFor && { upFor }),
    ports: objects(item['Ports'])
      .filter((port) => number(port['PublicPort']) > 0 && text(port['Type']) === 'tcp')
      .map((port) => ({ container: number(port['PrivatePort']), host: number(port['PublicPort']), address: text(port['IP']) })),
  };
}

function summaryOfInspect({ dialect }: EngineApi, item: Json): ContainerSummary {
  const state = object(item['State']);
  const config = object(item['Config']);
  const status = stateOf(state['Status']);
  return {
    id: text(item['Id']),
    name: bareName(item['Name']),
    image: dialect.shownTag(text(config['Image'])),
    imageId: text(item['Image']),
    labels: textMap(config['Labels']),
    state: status,
    health: healthOf(text(object(state['Health'])['Status'])),
    exitCode: status === 'exited' || status === 'dead' ? number(state['ExitCode']) : undefined,
    created: Date.parse(text(item['Created'])) || 0,
    startedAt: text(state['StartedAt']),
    // Podman keeps them when it has ended.
    ports: Object.entries(status === 'running' || status === 'paused' ? object(object(item['NetworkSettings'])['Ports']) : {}).flatMap(([port, bindings]) =>
      objects(bindings).map((binding) => ({ container: Number.parseInt(port, 10), host: Number(text(binding['HostPort'])), address: text(binding['HostIp']) })),
    ),
  };
}

function bareName(value: unknown): string {
  return text(value).replace(/^\//, '');
}

const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;

/** Podman has further words for a container on its way (`configured`, `stopping`): nothing of it runs for us. */
function stateOf(value: unknown): ContainerSummary['state'] {
  return STATES.find((state) => state === value) ?? 'created';
}

/** The list tells health in the words of `docker ps` only. */
function healthInStatus(status: string): ContainerSummary['health'] {
  if (status.includes('(healthy)')) return 'healthy';
  if (status.includes('(unhealthy)')) return 'unhealthy';
  return status.includes('(health: starting)') ? 'starting' : 'none';
}

function healthOf(status: string): ContainerSummary['health'] {
  return status === 'healthy' || status === 'unhealthy' || status === 'starting' ? status : 'none';
}
