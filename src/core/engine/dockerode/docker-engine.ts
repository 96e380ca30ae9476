/** The engine port over dockerode: which function answers what. */
import type { Readable } from 'node:stream';
import { UserError, throwIfAborted } from '../../errors.js';
import type { DialAddress } from '../addresses.js';
import type { CredentialsSource } from '../credentials.js';
import type * as Port from '../engine.js';
import type { Labels } from '../labels.js';
import type { Lease, LeaseRequest } from '../lease.js';
import { EngineApi } from './api.js';
import { containerBody } from './container-body.js';
import * as containers from './containers.js';
import type { LabelFilter } from './filters.js';
import * as images from './images.js';
import { DOCKER } from './dialect.js';
import type { Link } from './event-stream.js';
import { introduce } from './info.js';
import { execInteractive } from './exec.js';
import { runInteractive } from './interactive.js';
import { readFromImage, runJob } from './job.js';
import { takeLease } from './lease.js';
import { containerLogs } from './logs.js';
import type { LogOptions } from './logs.js';
import { openConnection } from './modem.js';
import type { Connection } from './modem.js';
import { buildOnPodman } from './podman-build.js';
import { PODMAN } from './podman.js';
import { pushImage } from './push.js';
import * as volumes from './volumes.js';
import { watch } from './watch.js';
import { TIMINGS } from './watchdog.js';
import type { Timings } from './watchdog.js';

export interface ConnectOptions {
  readonly endpoint: Port.Endpoint;
  readonly address: DialAddress;
  readonly credentials: CredentialsSource;
  /** Ends what leads to it, after the last connection. */
  readonly onClose?: () => void;
  /** For tests: how soon a silent engine is noticed. */
  readonly timings?: Timings;
  readonly signal?: AbortSignal | undefined;
}

const SOON_MS = 2_000;
const GONE: ReadonlySet<string> = new Set(['engine-not-running', 'engine-no-socket', 'engine-connection-lost']);

export class DockerEngine implements Port.Engine {
  /** Those that go on when the engine is closed, over what leads there. */
  private watches = 0;
  private isClosed = false;

  private constructor(
    readonly info: Port.EngineInfo,
    private readonly api: EngineApi,
    private readonly connection: Connection,
    /** Makes connections of their own. */
    private readonly dial: () => Link,
    private readonly credentials: CredentialsSource,
    /** Where ports are published: for this machine only, unless the engine is another one, where that would reach nobody. */
    private readonly publishAddress: string,
    /** Ends what leads there: a tunnel. */
    private readonly onClose: (() => void) | undefined,
  ) {}

  /** Asks the engine once who it is; rejects with a UserError that says what is wrong. */
  static async connect(options: ConnectOptions): Promise<DockerEngine> {
    const { address, endpoint, credentials, timings = TIMINGS, signal } = options;
    const connection = openConnection(address);
    try {
      const { info, spoken, isPodman } = await introduce(new EngineApi(connection.modem, endpoint, { timings }), signal);
      const over = ({ modem }: Connection): EngineApi => new EngineApi(modem, endpoint, { version: spoken, dialect: isPodman ? PODMAN : DOCKER, timings });
      const dial = (): Link => {
        const own = openConnection(address);
        return { api: over(own), close: () => own.close() };
      };
      const local = endpoint.tunnel === undefined && (address.kind === 'socket' || ['localhost', '127.0.0.1', '::1'].includes(address.host));
      return new DockerEngine(info, over(connection), connection, dial, credentials, local ? '127.0.0.1' : '0.0.0.0', options.onClose);
    } catch (error) {
      connection.close();
      options.onClose?.();
      throw error;
    }
  }

  findImages(labels: LabelFilter, signal?: AbortSignal): Promise<readonly Port.ImageSummary[]> {
    return images.findImages(this.api, labels, signal);
  }

  inspectImage(reference: string, signal?: AbortSignal): Promise<Port.ImageDetails | undefined> {
    return images.inspectImage(this.api, reference, signal);
  }

  imageLayers(image: string, signal?: AbortSignal): Promise<readonly Port.ImageLayer[]> {
    return images.imageLayers(this.api, image, signal);
  }

  pushImage(reference: string, onProgress: (text: string) => void, signal: AbortSignal): Promise<void> {
    return pushImage(this.api, reference, this.credentials, onProgress, signal);
  }

  pullImage(reference: string, onProgress?: (label: string, current: number, total: number) => void, signal?: AbortSignal): Promise<void> {
    return images.pullImage(this.api, reference, this.credentials, onProgress, signal);
  }

  tagImage(image: string, reference: string): Promise<void> {
    return images.tagImage(this.api, image, reference);
  }

  removeImage(reference: string, options?: { readonly force?: boolean }): Promise<void> {
    return images.removeImage(this.api, reference, options?.force ?? false);
  }

  importImage(tar: Readable, reference: string, labels: Labels, signal?: AbortSignal): Promise<string> {
    return images.importImage(this.api, tar, reference, labels, signal);
  }

  async build(request: Port.BuildRequest): Promise<Port.BuildOutcome> {
    if (!this.info.canBuild) throw cannotBuild(this.info);
    if (!this.info.buildkit) return buildOnPodman(this.api, request, this.credentials);
    // With it comes HTTP/2, which nothing else needs.
    const { build } = await import('./buildkit/build.js');
    return build(this.api, request, this.credentials);
  }

  readFromImage(image: string, path: string, onArchive: (tar: Readable) => Promise<void>, labels: Labels, signal?: AbortSignal): Promise<void> {
    return readFromImage(this.api, image, path, onArchive, labels, signal);
  }

  runJob(request: Port.JobRequest): Promise<Port.JobResult> {
    return runJob(this.api, request, this.publishAddress);
  }

  runInteractive(request: Port.InteractiveRequest): Promise<number> {
    return runInteractive(this.api, request, this.publishAddress);
  }

  execInteractive(container: string, request: Port.ExecRequest): Promise<number> {
    return execInteractive(this.api, container, request);
  }

  async startContainer(spec: Port.ContainerSpec, signal?: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    const id = await containers.createContainer(this.api, spec, containerBody(spec, { address: this.publishAddress }));
    try {
      await containers.startCreated(this.api, spec, id, signal);
      return id;
    } catch (error) {
      await containers.removeAtEnd(this.api, id);
      throw error;
    }
  }

  findContainers(labels: LabelFilter, signal?: AbortSignal, ids?: readonly string[]): Promise<readonly Port.ContainerSummary[]> {
    return containers.findContainers(this.api, labels, signal, ids);
  }

  inspectContainer(id: string, signal?: AbortSignal): Promise<Port.ContainerSummary | undefined> {
    return containers.inspectContainer(this.api, id, { signal });
  }

  containerSize(id: string, signal?: AbortSignal): Promise<number | undefined> {
    return containers.containerSize(this.api, id, signal);
  }

  startAgain(id: string): Promise<void> {
    return containers.startAgain(this.api, id);
  }

  stopContainer(id: string, seconds = 10): Promise<void> {
    return containers.stopContainer(this.api, id, seconds);
  }

  restartContainer(id: string, seconds = 10): Promise<void> {
    return containers.restartContainer(this.api, id, seconds);
  }

  removeContainer(id: string, options?: { readonly force?: boolean }): Promise<void> {
    return containers.removeContainer(this.api, id, options?.force ?? true);
  }

  inspectRaw(kind: 'container' | 'image', id: string, signal?: AbortSignal): Promise<unknown> {
    return kind === 'container' ? containers.inspectRaw(this.api, id, { signal }) : images.inspectRaw(this.api, id, signal);
  }

  containerLogs(id: string, options: LogOptions): Promise<void> {
    return containerLogs(this.api, id, options);
  }

  takeLease(request: LeaseRequest): Promise<Lease | Port.ContainerSummary> {
    return takeLease(this.api, request);
  }

  ensureVolume(name: string, labels: Labels): Promise<void> {
    return volumes.ensureVolume(this.api, name, labels);
  }

  findVolumes(labels: LabelFilter): Promise<readonly Port.VolumeSummary[]> {
    return volumes.findVolumes(this.api, labels);
  }

  removeVolume(name: string): Promise<void> {
    return volumes.removeVolume(this.api, name);
  }

  async watch(request: Port.WatchRequest): Promise<void> {
    this.watches += 1;
    try {
      await watch(this.dial, request);
    } finally {
      this.watches -= 1;
      if (this.isClosed && this.watches === 0) this.onClose?.();
    }
  }

  async whyGone(): Promise<UserError | undefined> {
    const link = this.dial();
    try {
      await link.api.send({ method: 'GET', path: '/_ping', what: 'give a sign of life', timeout: SOON_MS });
      return undefined;
    } catch (error) {
      return error instanceof UserError && GONE.has(error.code) ? error : undefined;
    } finally {
      link.close();
    }
  }

  settled(): Promise<void> {
    return this.api.settled();
  }

  close(): void {
    this.connection.close();
    this.isClosed = true;
    if (this.watches === 0) this.onClose?.();
  }
}

function cannotBuild(info: Port.EngineInfo): UserError {
  const isPodman = info.product === 'Podman';
  return new UserError({
    kind: 'engine',
    code: 'engine-no-buildkit',
    message: `${info.product} ${info.version} cannot build this: ${isPodman ? 'it is too old' : 'it offers no BuildKit session'}`,
    why: `Docker 20.10 or later for Linux containers is needed, or Podman 4.0 or later; this is API ${info.apiVersion} for ${info.platform}`,
    fix: isPodman ? 'Install Podman 4.0 or later' : 'Install Docker 20.10 or later, or switch it to Linux containers',
  });
}
