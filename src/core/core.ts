/**
 * The core as front ends see it. One object for one process: it keeps what is worth keeping between calls (the engine's
 * connection, stat caches), and nothing happens before the first call.
 */
import type { Paced } from './pace.js';
import type { RunEvent } from './pipeline/events.js';
import type { TerminalStreams } from './engine/engine.js';
import type { EngineChoice } from './engine/endpoints.js';
import type { FoundProject } from './project/find-projects.js';
import type { ImageComparison } from './objects/compare-images.js';
import type { ImageContents, InstalledPackage } from './objects/image-contents.js';
import type { TagChoice } from './objects/name-images.js';
import type { ExecInContainer, RunImage } from './environments/shell.js';
import type { ActedOn, ActOnContainer } from './objects/container-actions.js';
import type { InspectObject } from './objects/inspect-object.js';
import type { LookAtContainers, LookedAtContainer } from './objects/look-at-containers.js';
import type { ObjectChange } from './objects/object-rows.js';
import type { Owner } from './objects/ownership.js';
import type { RemovalChoice, RemovalPreview, Removed } from './objects/remove-images.js';
import type { EngineListing } from './engine/listing.js';
import type { DeletedWheels, WheelContents, WheelsDocument, WheelVerdict } from './wheels/wheel-documents.js';
import type { CleanItem, DoctorDocument, EngineAnswer, FixResult, LastRun, Request, RunRequest, StartResult, StatusDocument } from './request.js';

export interface RunOutcome {
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** The exit code that the command line ends with. */
  readonly exitCode: number;
  readonly changed: boolean;
}

export interface ProjectSummary {
  readonly root: string;
  readonly name: string;
  readonly version?: string;
  readonly target: string;
  readonly python: string;
  readonly django: boolean;
  readonly kind: 'package' | 'site';
  /** Relative. */
  readonly lockFiles: readonly string[];
}

export type OnLine = Paced<[stream: 'stdout' | 'stderr', line: string]>;

/** Every method may reject with UserError or CancelledError; `run` never rejects: it says all in its events. */
export interface Core {
  /** Reads the folder; contacts no engine. */
  describe(folder: string): Promise<ProjectSummary>;
  /** The projects in a folder and below; contacts no engine. */
  projects(folder: string): Promise<readonly FoundProject[]>;
  /** How what is made of the project is told from others' on an engine; contacts none. */
  owner(request: Request): Promise<Owner>;
  run(request: RunRequest, onEvent: Paced<[event: RunEvent]>, signal: AbortSignal): Promise<RunOutcome>;
  /** Makes nothing on the engine. */
  status(request: Request, signal: AbortSignal): Promise<StatusDocument>;
  /** What is remembered of the last run on this machine; undefined where nothing is. Contacts no engine. */
  lastRun(request: Request): Promise<LastRun | undefined>;
  doctor(request: Request, signal: AbortSignal): Promise<DoctorDocument>;
  /** Every engine that could be used, what each answers, and which one is; needs no project. */
  engines(choice: EngineChoice, signal: AbortSignal): Promise<EngineListing>;
  /** Asks the engine that is named. */
  askEngine(choice: EngineChoice, signal: AbortSignal): Promise<EngineAnswer>;
  /** The recipe that the next run would use. `base`, `builder`, `layer`, `release`. Contacts no engine where it can avoid it. */
  dockerfile(request: Request, image: 'base' | 'builder' | 'layer' | 'release', signal: AbortSignal): Promise<string>;
  /** Starts the last release, on the wanted port or a free one, and waits until it is healthy. */
  start(request: Request & { readonly port?: number }, onLine: OnLine, signal: AbortSignal): Promise<StartResult>;
  /** Names of what was stopped. */
  stop(request: Request, signal: AbortSignal): Promise<readonly string[]>;
  /** Adds to `pypackage.json` what the last failed run lacked. Contacts no engine. */
  fix(request: Request & { readonly dryRun?: boolean }, signal: AbortSignal): Promise<FixResult>;
  logs(request: Request & { readonly follow: boolean; readonly tail?: number }, onLine: OnLine, signal: AbortSignal): Promise<void>;
  /** The log of the started release, and of the next one after it has ended, until it is cancelled. `onNote` is told what happens to it. */
  followLogs(request: Request & { readonly tail?: number }, onLine: OnLine, onNote: (text: string) => void, signal: AbortSignal): Promise<void>;
  /** A command in a fresh release container, on the caller's own streams. Returns the command's exit code. */
  runCommand(request: Request & { readonly command: readonly string[] }, terminal: TerminalStreams, signal: AbortSignal): Promise<number>;
  /** A shell in the started release, or in a fresh container of the last one. It begins with a line that says which. Returns its exit code. */
  shell(request: Request, terminal: TerminalStreams, signal: AbortSignal): Promise<number>;
  /** What `clean` would remove. Leftovers of dead runs are swept at once and listed under `swept`. */
  previewClean(request: Request, signal: AbortSignal): Promise<{ readonly swept: readonly CleanItem[]; readonly items: readonly CleanItem[] }>;
  clean(request: Request, items: readonly CleanItem[], signal: AbortSignal): Promise<readonly CleanItem[]>;
  /** The text without what is known to be secret: what was read for the questions before, and what the environment holds. */
  redact(request: Pick<Request, 'env'> & { readonly text: string }): Promise<string>;
  /** What is on the engine, then what changes there; answered only with a cancel. An engine that is away is waited for. */
  watchObjects(request: ObjectsRequest, onChange: (change: ObjectChange) => void, signal: AbortSignal): Promise<never>;
  /** The wheels of the project's export. Contacts no engine and reads no wheel: it is for looking often. */
  wheels(request: Request): Promise<WheelsDocument>;
  /** What is in a wheel file, of a project or not. `hash`: all of it is read. */
  readWheel(request: { readonly file: string; readonly hash: boolean }, signal: AbortSignal): Promise<WheelContents>;
  /** Reads all of a wheel of an export, and compares it with the lock beside it and with its own RECORD. */
  verifyWheel(request: { readonly folder: string; readonly file: string }, signal: AbortSignal): Promise<WheelVerdict>;
  /** Only what lies in the project's own export; the next run exports it again. */
  deleteWheels(request: Request & { readonly files: readonly string[] }): Promise<DeletedWheels>;
  imageContents(request: ImageRequest, signal: AbortSignal): Promise<ImageContents>;
  /** What Python finds in an image of ours, by name. */
  imagePackages(request: ImageRequest, signal: AbortSignal): Promise<readonly InstalledPackage[]>;
  /** What is other in one image of ours than in another. */
  compareImages(request: EngineChoice & { readonly before: string; readonly after: string }, signal: AbortSignal): Promise<ImageComparison>;
  previewRemoval(request: EngineChoice & { readonly images: readonly RemovalChoice[] }, signal: AbortSignal): Promise<RemovalPreview>;
  /** What cannot go is told in the answer. `force`: also what stopped containers were made of. */
  removeImages(
    request: EngineChoice & { readonly images: readonly RemovalChoice[]; readonly force?: boolean },
    signal: AbortSignal,
  ): Promise<readonly Removed[]>;
  /** Returns the name with its tag. */
  tagImage(request: EngineChoice & TagChoice, signal: AbortSignal): Promise<string>;
  /** Pushes one name of an image. `onProgress` gets lines for people. */
  pushImage(
    request: EngineChoice & { readonly reference: string; readonly foreign?: boolean },
    onProgress: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Containers of ours by their ids or names; refuses any other. */
  lookAtContainers(request: EngineChoice & LookAtContainers, signal: AbortSignal): Promise<readonly LookedAtContainer[]>;
  /** Starts, stops, restarts or removes one container of ours; refuses any other. */
  containerAction(request: EngineChoice & ActOnContainer, signal: AbortSignal): Promise<ActedOn>;
  /** As `followLogs`, of one container of ours. Resolves once it is removed and nothing comes in its place. */
  followContainer(
    request: EngineChoice & { readonly container: string; readonly tail?: number },
    onLine: OnLine,
    onNote: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** A shell or a command in a container of ours that runs. Returns the exit code. */
  execInContainer(request: EngineChoice & ExecInContainer, terminal: TerminalStreams, signal: AbortSignal): Promise<number>;
  /** A shell or a command in a container of its own. Returns the exit code. */
  runImage(request: EngineChoice & RunImage, terminal: TerminalStreams, signal: AbortSignal): Promise<number>;
  /** The engine's own words about one object: JSON to be read. */
  inspectObject(request: EngineChoice & InspectObject, signal: AbortSignal): Promise<string>;
  close(): void;
}

/** An image by its id or a name. */
export interface ImageRequest extends EngineChoice {
  readonly image: string;
}

export interface ObjectsRequest extends EngineChoice {
  /** Also what is not ours. Default: false. */
  readonly all?: boolean;
}
