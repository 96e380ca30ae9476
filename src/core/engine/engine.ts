/** The port to a container engine: what the rest of the core sees of Docker or Podman. No type of dockerode appears here. */
import type { Readable } from 'node:stream';
import type { Paced } from '../pace.js';
import type { UserError } from '../errors.js';
import type { Labels } from './labels.js';
import type { Lease, LeaseRequest } from './lease.js';
import type { PackedFile } from './tar.js';

export interface EngineInfo {
  /** `Docker`, `Podman`, or what else the engine calls itself. */
  readonly product: string;
  readonly version: string;
  readonly apiVersion: string;
  /** `linux/amd64`: operating system and architecture in Go's words, as images name them. */
  readonly platform: string;
  /** Whether it offers a BuildKit session. */
  readonly buildkit: boolean;
  /** Whether our images can be built on it: over a session, or by Podman's own build API. */
  readonly canBuild: boolean;
  readonly endpoint: Endpoint;
}

/** Where an engine listens and how we came to ask there. */
export interface Endpoint {
  /** `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://me@host`, `npipe:////./pipe/docker_engine`. Never with a password. */
  readonly url: string;
  /** Why this one: `default socket`, `DOCKER_HOST`, `--engine`, `context "work"`. */
  readonly source: string;
  /** Present where it is reached over ssh. */
  readonly tunnel?: {
    /** Where ports that the engine publishes are reached. */
    readonly host: string;
    /** What the tunnel ended of; undefined while it lives. A dead one does not come back. */
    readonly ended: () => UserError | undefined;
  };
}

export interface ImageSummary {
  readonly id: string;
  /** `name:tag` references; empty for an untagged image. */
  readonly tags: readonly string[];
  readonly labels: Labels;
  /** Bytes, as the engine counts. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

export interface ImageDetails extends ImageSummary {
  /** `name@sha256:…`; empty for an image that never came from a registry. */
  readonly repoDigests: readonly string[];
  /** Digests of the uncompressed layers, lowest first (OCI image spec, RootFS.diff_ids). */
  readonly layers: readonly string[];
  readonly platform: string;
  readonly env: readonly string[];
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  /** `8000/tcp`. */
  readonly ports: readonly string[];
}

/** An instruction that an image was made with. */
export interface ImageLayer {
  /** `RUN /bin/sh -c …`, as the engine tells it. */
  readonly createdBy: string;
  /** Bytes; 0 for one that changes no file. */
  readonly size: number;
}

/** What a line ended with. Nothing: it is a piece of a line that is longer than 64 KiB, or the last one, which has no end. */
export type LineEnd = '\n' | '\r\n' | '\r' | '';

/** Progress of a build: one instruction of the Dockerfile is one step. */
export type BuildProgress =
  | { readonly type: 'step'; readonly id: string; readonly name: string; readonly state: 'started' | 'cached' | 'done' | 'failed'; readonly ms?: number }
  | { readonly type: 'log'; readonly id: string; readonly stream: 'stdout' | 'stderr'; readonly text: string; readonly end: LineEnd }
  | { readonly type: 'progress'; readonly id: string; readonly label: string; readonly current: number; readonly total: number };

export interface BuildRequest {
  readonly dockerfile: string;
  /** For errors: `Dockerfile.release`. */
  readonly dockerfileName: string;
  /** Files of the build context, from memory. Default: none. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly tags: readonly string[];
  readonly labels?: Labels;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Mounted with `--mount=type=secret,id=…`; they reach no layer, label or history. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>;
  readonly noCache?: boolean;
  /** Of what is made in between and is gone at the end: containers that run a step, where the engine's own build does not. */
  readonly stepLabels?: Labels;
  readonly onProgress?: Paced<[progress: BuildProgress]>;
  readonly signal?: AbortSignal;
}

export interface BuildOutcome {
  readonly imageId: string;
}

/** A step of a Dockerfile failed; thrown by `build` as the cause-carrying error, so that a stage can say more. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
  constructor(
    message: string,
    readonly details: {
      readonly dockerfileName: string;
      /** 1-based line of the Dockerfile. */
      readonly line?: number;
      readonly step?: string;
      readonly exitCode?: number;
      readonly logTail: readonly string[];
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
  }
}

export interface Mount {
  readonly type: 'volume' | 'tmpfs';
  /** Volume's name; not used for tmpfs. */
  readonly source?: string;
  readonly target: string;
}

/** Published for this machine only (127.0.0.1); by an engine on another machine, for whoever reaches that. */
export interface PublishedPort {
  readonly container: number;
  /** 0: any free port. */
  readonly host: number;
}

export interface ContainerSpec {
  readonly image: string;
  readonly name?: string;
  /** Default: the image's. Empty: none, so that `command` is what runs. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly labels: Labels;
  readonly user?: string;
  readonly workingDir?: string;
  readonly mounts?: readonly Mount[];
  readonly ports?: readonly PublishedPort[];
  readonly readOnly?: boolean;
  /** Overrides the interval of the image's health check; its test stays. */
  readonly healthIntervalMs?: number;
  /** Default: the engine's default bridge. */
  readonly network?: string;
}

/** Where a job finds its secrets: a folder in memory, there for as long as the job runs. */
export const SECRETS_FOLDER = '/dev/shm/pypackage';

/** One job: a container that is created, filled, run to its end, read and removed. */
export interface JobRequest extends ContainerSpec {
  /** A tar that is unpacked at `/` before the start. Owners and modes are taken from it. */
  readonly input?: () => Readable;
  /**
   * Put into `SECRETS_FOLDER`, under which their paths are. They come over the job's standard input, which is at its end for the command, into
   * memory. Asks for `entrypoint`, and `sh` and `tar` in the image. Default: none.
   */
  readonly secrets?: readonly PackedFile[];
  /** Lines longer than 64 KiB come in pieces. */
  readonly onOutput?: Paced<[stream: 'stdout' | 'stderr', line: string, end: LineEnd]>;
  /** Paths whose tar is handed out after a successful end, before the container is removed. */
  readonly outputs?: readonly string[];
  /** Called once for each of `outputs`; the stream must be consumed. Paths in the tar begin with the last part of the asked path. */
  readonly onArchive?: (path: string, tar: Readable) => Promise<void>;
  /** Whether the container of a job that got to its end may be removed behind the caller's back; `settled` waits for it. Default: false. */
  readonly removeBehind?: boolean;
  /** Whether outputs are read even when the exit code is not 0. Default: false. */
  readonly outputsOnFailure?: boolean;
  readonly signal?: AbortSignal;
}

export interface JobResult {
  readonly exitCode: number;
}

/** What a command reads from and writes to: a process's own streams, or what stands for a terminal elsewhere. */
export interface TerminalStreams {
  readonly tty: boolean;
  readonly stdin: NodeJS.ReadableStream & { setRawMode?(raw: boolean): void; isTTY?: boolean };
  /** `resize` is emitted when its columns and rows have changed. */
  readonly stdout: NodeJS.WritableStream & { readonly columns?: number | undefined; readonly rows?: number | undefined };
  readonly stderr: NodeJS.WritableStream;
}

/** A job on somebody's own terminal. */
export interface InteractiveRequest extends ContainerSpec, TerminalStreams {
  readonly signal?: AbortSignal;
}

/** A command beside what runs in a container. */
export interface ExecRequest extends TerminalStreams {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Labels;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** Of its health check; `none` where there is none. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode: number | undefined;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** When it was started last, in the engine's own words; only where it was asked for by itself. */
  readonly startedAt?: string;
  /** For how long it has been running, in ms, as exactly as the list tells it; only where it was listed. */
  readonly upFor?: { readonly least: number; readonly below: number };
  readonly ports: readonly { readonly container: number; readonly host: number; readonly address: string }[];
}

/** How far a log was read. */
export interface LogPlace {
  /** Of its last line, by the engine's clock and as exactly as the engine tells it: Podman in full seconds. */
  readonly time: string;
  /** Lines of that very time, the last one among them. */
  readonly lines: number;
}

export interface VolumeSummary {
  readonly name: string;
  readonly labels: Labels;
}

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
}

export type ObjectKind = 'container' | 'image' | 'volume' | 'network';

/** All that was asked for; a list of a kind that was not is empty. */
export interface EngineSnapshot {
  readonly containers: readonly ContainerSummary[];
  readonly images: readonly ImageSummary[];
  readonly volumes: readonly VolumeSummary[];
  readonly networks: readonly NetworkSummary[];
}

/** Something that happened to an object on the engine. */
export interface EngineEvent {
  readonly kind: ObjectKind;
  /**
   * In Docker's words, whatever the engine's: `create`, `start`, `die`, `destroy`, `tag`, `untag`, `delete`, `health_status`, `connect` …
   * Podman tells the `delete` of an image for each of its names.
   */
  readonly action: string;
  /** Of `health_status`: `healthy` or `unhealthy`, where the engine says it. */
  readonly detail?: string;
  /** A volume's is its name, that of an image which was pulled or pushed its reference. */
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  /** Milliseconds since 1970, by the engine's clock: it may differ from ours, and jump. */
  readonly time: number;
}

export type WatchState = { readonly connected: true } | { readonly connected: false; readonly problem: UserError };

export interface WatchRequest {
  /** What carries all these labels (`null`: the label with any value). Default: everything on the engine. */
  readonly labels?: Readonly<Record<string, string | null>>;
  /** Default: all four. */
  readonly kinds?: readonly ObjectKind[];
  /**
   * What there is: at first, again after every gap, and whenever a look found something that no event had told (BuildKit tells nothing of an image
   * without a name, Podman nothing of networks). It holds whatever events told before it, and perhaps already what the next ones will tell.
   */
  readonly onSnapshot: (snapshot: EngineSnapshot) => void;
  /**
   * In the engine's order, each once, also those from a gap as far as the engine still knows them. Where `labels` are asked for, what was gone before it
   * could be asked for its own is not told: engines tell a volume's and a network's never.
   */
  readonly onEvent: (event: EngineEvent) => void;
  /** At every change, and when it is disconnected for another reason. */
  readonly onState: (state: WatchState) => void;
  readonly signal: AbortSignal;
}

/**
 * One engine. Every method rejects with a UserError of kind `engine` when the engine cannot be reached or refuses, with
 * CancelledError when its signal was aborted, and with BuildFailure when a build's own step failed.
 */
export interface Engine {
  readonly info: EngineInfo;

  /** Images that carry all these labels (`null`: the label with any value), newest first. */
  findImages(labels: Readonly<Record<string, string | null>>, signal?: AbortSignal): Promise<readonly ImageSummary[]>;
  /** undefined when there is no such image. */
  inspectImage(reference: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
  /** The newest first. */
  imageLayers(image: string, signal?: AbortSignal): Promise<readonly ImageLayer[]>;
  /**
   * Pushes one name with the credentials of Docker's own configuration.
   * @param onProgress a line for people
   */
  pushImage(reference: string, onProgress: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** Pulls with the credentials of Docker's own configuration. */
  pullImage(reference: string, onProgress?: (label: string, current: number, total: number) => void, signal?: AbortSignal): Promise<void>;
  /** `reference` is a full `name:tag`. An existing tag moves. */
  tagImage(image: string, reference: string): Promise<void>;
  /** Removes one tag, or the image when an id is given. A missing image is no error; one in use is, unless `force`. */
  removeImage(reference: string, options?: { readonly force?: boolean }): Promise<void>;
  /** An image without an operating system (`FROM scratch`) from a tar of files. Returns its id. */
  importImage(tar: Readable, reference: string, labels: Labels, signal?: AbortSignal): Promise<string>;
  build(request: BuildRequest): Promise<BuildOutcome>;
  /** The tar of a path inside an image; made through a container that is never started. */
  readFromImage(image: string, path: string, onArchive: (tar: Readable) => Promise<void>, labels: Labels, signal?: AbortSignal): Promise<void>;

  /** Runs a job to its end; the container is gone afterwards, also after a failure or a cancel. */
  runJob(request: JobRequest): Promise<JobResult>;
  /** As `docker run -i[t] --rm`: returns the command's exit code. */
  runInteractive(request: InteractiveRequest): Promise<number>;
  /**
   * As `docker exec -i[t]`, in a container with `sh`: returns the command's exit code. Cancelled, it is ended with all that it started, which an engine
   * would leave running.
   */
  execInteractive(container: string, request: ExecRequest): Promise<number>;
  /** Creates and starts a container that stays. Returns its id. A port of the host that is taken: UserError `port-in-use`, and nothing is left. */
  startContainer(spec: ContainerSpec, signal?: AbortSignal): Promise<string>;
  /** @param ids only these; default: all */
  findContainers(labels: Readonly<Record<string, string | null>>, signal?: AbortSignal, ids?: readonly string[]): Promise<readonly ContainerSummary[]>;
  inspectContainer(id: string, signal?: AbortSignal): Promise<ContainerSummary | undefined>;
  /** Bytes that it has written beside its image and its volumes; undefined when there is no such container. */
  containerSize(id: string, signal?: AbortSignal): Promise<number | undefined>;
  /** One that was stopped. Starting one that runs is no error. */
  startAgain(id: string): Promise<void>;
  /** TERM, then KILL after `seconds` (default 10). Stopping a stopped one is no error. */
  stopContainer(id: string, seconds?: number): Promise<void>;
  /** `stopContainer`, then a start; of one that was stopped only that. */
  restartContainer(id: string, seconds?: number): Promise<void>;
  /** Removes it with its anonymous volumes, also one that runs unless `force` is false: then the engine refuses. A missing one is no error. */
  removeContainer(id: string, options?: { readonly force?: boolean }): Promise<void>;
  /** All that the engine tells of one object, in its own form; undefined when there is none. */
  inspectRaw(kind: 'container' | 'image', id: string, signal?: AbortSignal): Promise<unknown>;
  containerLogs(
    id: string,
    options: {
      readonly follow: boolean;
      readonly tail?: number;
      /** How far it was handed on before: `onPlace` told it with the last line. Default: from the beginning. */
      readonly after?: LogPlace;
      /** The place of each line, before the line; for `after`. */
      readonly onPlace?: (place: LogPlace) => void;
      readonly onLine: Paced<[stream: 'stdout' | 'stderr', line: string]>;
      readonly signal?: AbortSignal;
    },
  ): Promise<void>;

  /** The lease, or who has it. It ends with this process at the latest. */
  takeLease(request: LeaseRequest): Promise<Lease | ContainerSummary>;

  /** Makes the volume when it is not there. */
  ensureVolume(name: string, labels: Labels): Promise<void>;
  findVolumes(labels: Readonly<Record<string, string | null>>): Promise<readonly VolumeSummary[]>;
  removeVolume(name: string): Promise<void>;

  /**
   * Lists, follows, and connects again for as long as it takes. Resolves once the signal is aborted, and rejects only with what a callback threw.
   */
  watch(request: WatchRequest): Promise<void>;

  /**
   * What a new connection meets when the engine is not there any more; undefined when it is, or takes its time to answer. An engine that is stopped
   * ends its containers first, which looks like failures of theirs.
   */
  whyGone(): Promise<UserError | undefined>;

  /** Waits for what goes on behind: containers of ended jobs that are still being removed. */
  settled(): Promise<void>;

  /** Drops idle connections, so that a process can end. */
  close(): void;
}
