/** A started release: one container of the newest release, on a port of this machine, with a volume for its data. */
import type { ContainerSpec, ContainerSummary, Engine, ImageDetails, ImageSummary, PublishedPort, TerminalStreams } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import type { Labels } from '../engine/labels.js';
import type { OnLine } from '../core.js';
import { CancelledError, UserError, throwIfAborted } from '../errors.js';
import { APP_HOME, DATA_DIR } from '../images/base.js';
import { readProcesses, runWords } from '../images/processes.js';
import { PORT } from '../images/release.js';
import { releaseImageName } from '../pipeline/stages/release.js';
import type { LocalFacts } from '../pipeline/facts.js';
import type { StartResult } from '../request.js';

/** How long a started release may take until its health check answers. */
const HEALTHY_WITHIN_MS = 120_000;
/** Between health checks of a container that a person waits for. One that answered is not asked again for some seconds (images/healthcheck.py): requests fill a log. */
const CHECK_EVERY_MS = 1_000;

export async function findRelease(engine: Engine, facts: LocalFacts, signal: AbortSignal): Promise<ImageDetails> {
  const latest = `${releaseImageName(facts)}:latest`;
  const image = await engine.inspectImage(latest, signal);
  if (image) return image;
  throw new UserError({
    kind: 'project',
    code: 'no-release',
    message: `There is no release of ${facts.project.name} on this engine: ${latest} does not exist`,
    fix: 'Make one: pypackage all',
  });
}

export function serviceLabels(facts: LocalFacts): Labels {
  return { [LABEL.kind]: 'service', [LABEL.project]: facts.projectId, [LABEL.target]: facts.target };
}

export function findServices(engine: Engine, facts: LocalFacts, signal: AbortSignal): Promise<readonly ContainerSummary[]> {
  return engine.findContainers(serviceLabels(facts), signal);
}

/** Whose containers they are. */
type Owner = Pick<LocalFacts, 'projectId' | 'target'>;

function names(facts: Owner): { readonly service: string; readonly data: string } {
  return { service: `pypackage-${facts.projectId}-${facts.target}-web`, data: `pypackage-${facts.projectId}-${facts.target}-data` };
}

/** What every container of a release gets: no writable root, memory for temporary files, the data volume. */
async function releaseSpec(engine: Engine, facts: Owner, image: ImageSummary, labels: Labels): Promise<ContainerSpec> {
  const { data } = names(facts);
  await engine.ensureVolume(data, { [LABEL.kind]: 'data', [LABEL.project]: facts.projectId, [LABEL.target]: facts.target });
  return {
    image: image.id,
    labels,
    readOnly: true,
    mounts: [
      { type: 'tmpfs', target: '/tmp' },
      { type: 'tmpfs', target: APP_HOME },
      { type: 'volume', source: data, target: DATA_DIR },
    ],
  };
}

export interface StartRequest {
  /** Wanted port of the host; taken by another, a free one serves. */
  readonly port: number | undefined;
  readonly onLine: OnLine;
  readonly signal: AbortSignal;
}

export async function startRelease(engine: Engine, facts: LocalFacts, { port, onLine, signal }: StartRequest): Promise<StartResult> {
  const image = await findRelease(engine, facts, signal);
  if (image.ports.length === 0) {
    throw new UserError({
      kind: 'project',
      code: 'serves-nothing',
      message: `${facts.project.name} serves nothing: its command is ${image.command.join(' ')}`,
      fix: 'Run it: pypackage run',
    });
  }
  const { service } = names(facts);
  const existing = await findServices(engine, facts, signal);
  const current = existing.find((container) => container.state === 'running' && container.imageId === image.id);
  if (current && (port === undefined || current.ports.some((published) => published.host === port))) {
    return { ...resultOf(current, image, engine), alreadyRunning: true };
  }
  // An older release, or one that ended: its data is in the volume.
  for (const container of existing) await engine.removeContainer(container.id);
  throwIfAborted(signal);
  const spec = { ...(await releaseSpec(engine, facts, image, serviceLabels(facts))), name: service, healthIntervalMs: CHECK_EVERY_MS };
  const id = await startOnPort(engine, spec, port, signal).catch(async (error: unknown) => {
    // The name and the data allow one at a time, so the older one is gone by now: a start that cannot be is no reason to lose it.
    const before = existing.find((container) => container.state === 'running');
    const host = before?.ports.find((published) => published.container === PORT)?.host;
    if (before && host !== undefined)
      await engine.startContainer({ ...spec, image: before.imageId, ports: [{ container: PORT, host }] }).catch(() => undefined);
    throw error;
  });
  try {
    const container = await waitUntilHealthy(engine, id, onLine, signal);
    return { ...resultOf(container, image, engine), alreadyRunning: false };
  } catch (error) {
    await engine.removeContainer(id).catch(() => undefined);
    throw error;
  }
}

async function startOnPort(engine: Engine, spec: ContainerSpec, wanted: number | undefined, signal: AbortSignal): Promise<string> {
  const on = (host: number): Promise<string> => engine.startContainer({ ...spec, ports: [{ container: PORT, host }] }, signal);
  try {
    return await on(wanted ?? PORT);
  } catch (error) {
    if (wanted !== undefined || !(error instanceof UserError) || error.code !== 'port-in-use') throw error;
    return on(0);
  }
}

async function waitUntilHealthy(engine: Engine, id: string, onLine: StartRequest['onLine'], signal: AbortSignal): Promise<ContainerSummary> {
  const following = new AbortController();
  const tail: string[] = [];
  const logs = engine
    .containerLogs(id, {
      follow: true,
      onLine: (stream, line) => {
        tail.push(line);
        if (tail.length > 20) tail.shift();
        return onLine(stream, line);
      },
      signal: AbortSignal.any([following.signal, signal]),
    })
    .catch(() => undefined);
  try {
    const deadline = performance.now() + HEALTHY_WITHIN_MS;
    for (;;) {
      throwIfAborted(signal);
      const container = await engine.inspectContainer(id, signal);
      if (container?.state === 'running' && (container.health === 'healthy' || container.health === 'none')) return container;
      if (!container || container.state === 'exited' || container.state === 'dead') throw ended(container, tail);
      if (performance.now() > deadline) throw neverHealthy(container, tail);
      await pause(150, signal);
    }
  } finally {
    following.abort();
    await logs;
  }
}

/** How much of what it wrote last is a reason. */
const LAST_LINES = 5;

function ended(container: ContainerSummary | undefined, tail: readonly string[]): UserError {
  const telling = tellingLine(tail);
  return new UserError({
    kind: 'stage',
    code: 'start-ended',
    message: `The release ended right after its start with exit code ${container?.exitCode ?? 'unknown'}${telling === undefined ? '' : `: ${telling}`}`,
    ...wroteLast(tail),
    fix: 'What it wrote says why; a shell in the same image: pypackage run sh',
  });
}

function neverHealthy(container: ContainerSummary, tail: readonly string[]): UserError {
  return new UserError({
    kind: 'stage',
    code: 'start-unhealthy',
    message: `The release does not answer: its health check is ${container.health} after ${HEALTHY_WITHIN_MS / 1000} s`,
    ...wroteLast(tail),
    fix: 'What it wrote says more; a shell in the same image: pypackage run sh',
  });
}

/** The exception, where one ended it: servers go on to tell how they end. */
function tellingLine(tail: readonly string[]): string | undefined {
  const lines = tail.map((line) => line.trim()).filter((line) => line !== '');
  return lines.findLast((line) => /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Improperly\w+)(?:: |$)/.test(line)) ?? lines.at(-1);
}

function wroteLast(tail: readonly string[]): { readonly why?: string } {
  const lines = tail.map((line) => line.trimEnd()).filter((line) => line !== '');
  return lines.length === 0 ? {} : { why: `It wrote last:\n${lines.slice(-LAST_LINES).join('\n')}` };
}

function resultOf(container: ContainerSummary, image: ImageSummary, engine: Engine): Omit<StartResult, 'alreadyRunning'> {
  const url = urlOf(container, engine);
  return { id: container.id, name: container.name, image: image.tags[0] ?? image.id, url };
}

/** Where this machine reaches what the container serves. */
export function urlOf(container: ContainerSummary, engine: Engine): string | undefined {
  const published = container.ports.find((port) => port.container === PORT && port.host > 0);
  return published && `http://${engineHost(engine)}:${published.host}`;
}

/** The same, or where it has no such port the first that it publishes. */
export function anyUrlOf(container: ContainerSummary, engine: Engine): string | undefined {
  const first = container.ports.find((port) => port.host > 0);
  return urlOf(container, engine) ?? (first && `http://${engineHost(engine)}:${first.host}`);
}

function engineHost({ info }: Engine): string {
  if (info.endpoint.tunnel) return info.endpoint.tunnel.host;
  const { protocol, hostname } = new URL(info.endpoint.url);
  return /^(tcp|https):$/.test(protocol) && hostname !== '' && hostname !== 'localhost' ? hostname : '127.0.0.1';
}

export async function stopRelease(engine: Engine, facts: LocalFacts, signal: AbortSignal): Promise<readonly string[]> {
  const found = await findServices(engine, facts, signal);
  await Promise.all(
    found.map(async (container) => {
      await engine.stopContainer(container.id);
      await engine.removeContainer(container.id);
    }),
  );
  return found.filter((container) => container.state === 'running').map((container) => container.name);
}

export async function followLogs(
  engine: Engine,
  facts: LocalFacts,
  { follow, tail, onLine, signal }: { follow: boolean; tail: number | undefined; onLine: StartRequest['onLine']; signal: AbortSignal },
): Promise<void> {
  const [container] = await findServices(engine, facts, signal);
  if (!container) {
    throw new UserError({ kind: 'project', code: 'not-started', message: `No release of ${facts.project.name} is started`, fix: 'Start it: pypackage start' });
  }
  await engine.containerLogs(container.id, { follow, ...(tail !== undefined && { tail }), onLine, signal });
}

interface CommandOnTerminal extends TerminalStreams {
  /** Empty: the image's own. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: none, since a second server would clash with the started one. */
  readonly ports?: readonly PublishedPort[];
  readonly signal: AbortSignal;
}

export async function runInRelease(engine: Engine, facts: LocalFacts, request: CommandOnTerminal): Promise<number> {
  return runInImage(engine, facts, await findRelease(engine, facts, request.signal), request);
}

/** In a container of its own of any release of the target, beside the data of the one that is started. */
export async function runInImage(engine: Engine, facts: Owner, image: ImageDetails, { command, ...terminal }: CommandOnTerminal): Promise<number> {
  const labels = { [LABEL.kind]: 'job', [LABEL.project]: facts.projectId, [LABEL.target]: facts.target };
  const words = runWords(command, readProcesses(image.labels[LABEL.processes]));
  return engine.runInteractive({ ...(await releaseSpec(engine, facts, image, labels)), ...(words.length > 0 && { command: words }), ...terminal });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new CancelledError());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
