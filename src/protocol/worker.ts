/**
 * Messages between the extension host and the worker thread that holds the core. Every call gets exactly one `reply` or
 * `failure`, also a cancelled one; what happens in between comes in batches that the host acknowledges.
 */
import * as z from 'zod/mini';
import type { ErrorReport } from '../core/errors.js';
import type { ProjectSummary, RunOutcome } from '../core/core.js';
import type { EngineListing } from '../core/engine/listing.js';
import type { FoundProject } from '../core/project/find-projects.js';
import type { ImageComparison } from '../core/objects/compare-images.js';
import type { ImageContents, InstalledPackage } from '../core/objects/image-contents.js';
import type { TagChoice } from '../core/objects/name-images.js';
import type { ObjectChange } from '../core/objects/object-rows.js';
import type { ExecInContainer, RunImage } from '../core/environments/shell.js';
import { type ActedOn, type ActOnContainer, CONTAINER_ACTIONS } from '../core/objects/container-actions.js';
import { INSPECTED, type InspectObject } from '../core/objects/inspect-object.js';
import type { LookAtContainers, LookedAtContainer } from '../core/objects/look-at-containers.js';
import type { Owner } from '../core/objects/ownership.js';
import type { RemovalChoice, RemovalPreview, Removed } from '../core/objects/remove-images.js';
import { STAGES, type RunEvent } from '../core/pipeline/events.js';
import type { DeletedWheels, WheelContents, WheelsDocument, WheelVerdict } from '../core/wheels/wheel-documents.js';
import type { DoctorDocument, EngineAnswer, FixResult, LastRun, Request, RunRequest, StartResult, StatusDocument } from '../core/request.js';
import {
  doctorDocument,
  engineAnswer,
  engineListing,
  errorReport,
  fixResult,
  imageComparison,
  imageContents,
  installedPackages,
  foundProjects,
  lastRun,
  lookedAtContainer,
  objectChange,
  owner,
  projectSummary,
  removalPreview,
  removedImages,
  runEvent,
  runOutcome,
  startResult,
  statusDocument,
} from './documents.js';
import { deletedWheels, wheelContents, wheelsDocument, wheelVerdict } from './wheel-documents.js';
import { type Recipe, RECIPES } from './recipes.js';

/** The worker adds the environment itself: it has a copy of the host's, and secrets in it need not travel. */
export type WorkerRequest = Omit<Request, 'env'>;
/** Which engine is meant, where no project is. */
export type WorkerChoice = Pick<Request, 'engine'>;
export type WorkerRunRequest = Omit<RunRequest, 'env'>;

/** What can be asked, and what comes back. */
export interface Calls {
  readonly describe: { readonly params: { readonly folder: string }; readonly value: ProjectSummary };
  readonly projects: { readonly params: { readonly folder: string }; readonly value: readonly FoundProject[] };
  readonly owner: { readonly params: WorkerRequest; readonly value: Owner };
  readonly run: { readonly params: WorkerRunRequest; readonly value: RunOutcome };
  readonly status: { readonly params: WorkerRequest; readonly value: StatusDocument };
  readonly lastRun: { readonly params: WorkerRequest; readonly value: LastRun | undefined };
  readonly doctor: { readonly params: WorkerRequest; readonly value: DoctorDocument };
  readonly engines: { readonly params: WorkerChoice; readonly value: EngineListing };
  readonly askEngine: { readonly params: WorkerChoice; readonly value: EngineAnswer };
  readonly dockerfile: { readonly params: WorkerRequest & { readonly image: Recipe }; readonly value: string };
  readonly start: { readonly params: WorkerRequest & { readonly port?: number }; readonly value: StartResult };
  readonly stop: { readonly params: WorkerRequest; readonly value: readonly string[] };
  /** Its lines are those of the log, and notes. It is answered only with a failure, mostly that it was cancelled. */
  readonly followLogs: { readonly params: WorkerRequest & { readonly tail?: number }; readonly value: null };
  /** Takes input and sizes, and sends bytes. The exit code comes back. */
  readonly shell: { readonly params: WorkerRequest & TerminalSize; readonly value: number };
  readonly redact: { readonly params: { readonly text: string }; readonly value: string };
  readonly fix: { readonly params: WorkerRequest; readonly value: FixResult };
  /** Sends changes. It is answered only with a failure, mostly that it was cancelled. */
  readonly watchObjects: { readonly params: WorkerChoice & { readonly all?: boolean }; readonly value: null };
  readonly wheels: { readonly params: WorkerRequest; readonly value: WheelsDocument };
  readonly readWheel: { readonly params: { readonly file: string; readonly hash: boolean }; readonly value: WheelContents };
  readonly verifyWheel: { readonly params: { readonly folder: string; readonly file: string }; readonly value: WheelVerdict };
  readonly deleteWheels: { readonly params: WorkerRequest & { readonly files: readonly string[] }; readonly value: DeletedWheels };
  readonly imageContents: { readonly params: WorkerChoice & { readonly image: string }; readonly value: ImageContents };
  readonly imagePackages: { readonly params: WorkerChoice & { readonly image: string }; readonly value: readonly InstalledPackage[] };
  readonly compareImages: { readonly params: WorkerChoice & { readonly before: string; readonly after: string }; readonly value: ImageComparison };
  readonly previewRemoval: { readonly params: WorkerChoice & { readonly images: readonly RemovalChoice[] }; readonly value: RemovalPreview };
  readonly removeImages: {
    readonly params: WorkerChoice & { readonly images: readonly RemovalChoice[]; readonly force?: boolean };
    readonly value: readonly Removed[];
  };
  readonly tagImage: { readonly params: WorkerChoice & TagChoice; readonly value: string };
  /** Its lines are notes: how far it is. */
  readonly pushImage: { readonly params: WorkerChoice & { readonly reference: string; readonly foreign?: boolean }; readonly value: null };
  readonly lookAtContainers: { readonly params: WorkerChoice & LookAtContainers; readonly value: readonly LookedAtContainer[] };
  readonly containerAction: { readonly params: WorkerChoice & ActOnContainer; readonly value: ActedOn };
  /** Its lines are those of the log, and notes. It is answered when the container is gone for good. */
  readonly followContainer: { readonly params: WorkerChoice & { readonly container: string; readonly tail?: number }; readonly value: null };
  /** These take input and sizes, and send bytes. The exit code comes back. */
  readonly execInContainer: { readonly params: WorkerChoice & ExecInContainer & TerminalSize; readonly value: number };
  readonly runImage: { readonly params: WorkerChoice & RunImage & TerminalSize; readonly value: number };
  readonly inspectObject: { readonly params: WorkerChoice & InspectObject; readonly value: string };
}
export type Method = keyof Calls;
export type Call = { readonly [M in Method]: { readonly method: M; readonly params: Calls[M]['params'] } }[Method];
export type ValueOf<C extends Call> = Calls[C['method']]['value'];

/** Those with a terminal. */
export type TerminalCall = Extract<Call, { readonly params: TerminalSize }>;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface OutputLine {
  /** `note` is a sentence of ours. */
  readonly stream: 'stdout' | 'stderr' | 'note';
  readonly text: string;
}

export type HostMessage =
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  /** `ends`: nobody asked for it, but the window goes (FRONT_END_ENDS). */
  | { readonly type: 'cancel'; readonly id: number; readonly ends?: true }
  /** The batch of this call was drawn: the next one may come. */
  | { readonly type: 'ack'; readonly id: number }
  /** What was typed, for a call that has a terminal. */
  | { readonly type: 'input'; readonly id: number; readonly data: string }
  | ({ readonly type: 'resize'; readonly id: number } & TerminalSize)
  /** End when all calls have been answered. */
  | { readonly type: 'close' };

export type WorkerMessage =
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly error: ErrorReport }
  | { readonly type: 'events'; readonly id: number; readonly events: readonly RunEvent[] }
  | { readonly type: 'changes'; readonly id: number; readonly changes: readonly ObjectChange[] }
  | { readonly type: 'lines'; readonly id: number; readonly lines: readonly OutputLine[] }
  /** Of a terminal: a character may be cut at its end. */
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array };

const located = z.object({ value: z.string(), source: z.string() });
const request = {
  folder: z.string(),
  target: z.exactOptional(z.string()),
  config: z.exactOptional(z.string()),
  buildCommand: z.exactOptional(z.array(z.string())),
  baseImage: z.exactOptional(z.object({ reference: z.string(), source: z.string() })),
  namespace: z.exactOptional(z.string()),
  extras: z.exactOptional(z.array(z.string())),
  groups: z.exactOptional(z.array(z.string())),
  engine: z.exactOptional(located),
  pull: z.exactOptional(z.boolean()),
  offline: z.exactOptional(z.boolean()),
  wait: z.exactOptional(z.boolean()),
  logDir: z.string(),
};

const size = { columns: z.int().check(z.positive()), rows: z.int().check(z.positive()) };

const engine = { engine: z.exactOptional(located) };
const choice = z.object(engine);

const removals = z.array(z.object({ image: z.string(), foreign: z.exactOptional(z.boolean()), names: z.exactOptional(z.array(z.string())) }));

const call = z.discriminatedUnion('method', [
  z.object({ method: z.literal('describe'), params: z.object({ folder: z.string() }) }),
  z.object({ method: z.literal('projects'), params: z.object({ folder: z.string() }) }),
  z.object({ method: z.literal('owner'), params: z.object(request) }),
  z.object({
    method: z.literal('run'),
    params: z.object({
      ...request,
      stages: z.array(z.enum(STAGES)),
      verb: z.enum(['all', 'image', 'wheels', 'release', 'lock']),
      upgrade: z.exactOptional(z.union([z.literal('all'), z.array(z.string())])),
      force: z.exactOptional(z.boolean()),
    }),
  }),
  z.object({ method: z.literal('status'), params: z.object(request) }),
  z.object({ method: z.literal('lastRun'), params: z.object(request) }),
  z.object({ method: z.literal('doctor'), params: z.object(request) }),
  z.object({ method: z.literal('engines'), params: choice }),
  z.object({ method: z.literal('askEngine'), params: choice }),
  z.object({ method: z.literal('dockerfile'), params: z.object({ ...request, image: z.enum(RECIPES) }) }),
  z.object({ method: z.literal('start'), params: z.object({ ...request, port: z.exactOptional(z.number()) }) }),
  z.object({ method: z.literal('stop'), params: z.object(request) }),
  z.object({ method: z.literal('followLogs'), params: z.object({ ...request, tail: z.exactOptional(z.number()) }) }),
  z.object({ method: z.literal('shell'), params: z.object({ ...request, ...size }) }),
  z.object({ method: z.literal('wheels'), params: z.object(request) }),
  z.object({ method: z.literal('readWheel'), params: z.object({ file: z.string(), hash: z.boolean() }) }),
  z.object({ method: z.literal('verifyWheel'), params: z.object({ folder: z.string(), file: z.string() }) }),
  z.object({ method: z.literal('deleteWheels'), params: z.object({ ...request, files: z.array(z.string()) }) }),
  z.object({ method: z.literal('redact'), params: z.object({ text: z.string() }) }),
  z.object({ method: z.literal('fix'), params: z.object(request) }),
  z.object({ method: z.enum(['imageContents', 'imagePackages']), params: z.object({ ...engine, image: z.string() }) }),
  z.object({ method: z.literal('compareImages'), params: z.object({ ...engine, before: z.string(), after: z.string() }) }),
  z.object({ method: z.literal('previewRemoval'), params: z.object({ ...engine, images: removals }) }),
  z.object({
    method: z.literal('removeImages'),
    params: z.object({ ...engine, images: removals, force: z.exactOptional(z.boolean()) }),
  }),
  z.object({
    method: z.literal('tagImage'),
    params: z.object({
      ...engine,
      image: z.string(),
      reference: z.string(),
      foreign: z.exactOptional(z.boolean()),
      replace: z.exactOptional(z.boolean()),
    }),
  }),
  z.object({
    method: z.literal('pushImage'),
    params: z.object({ ...engine, reference: z.string(), foreign: z.exactOptional(z.boolean()) }),
  }),
  z.object({ method: z.literal('watchObjects'), params: z.object({ ...engine, all: z.exactOptional(z.boolean()) }) }),
  z.object({
    method: z.literal('lookAtContainers'),
    params: z.object({ ...engine, containers: z.array(z.string()), sizes: z.exactOptional(z.boolean()) }),
  }),
  z.object({
    method: z.literal('containerAction'),
    params: z.object({ ...engine, action: z.enum(CONTAINER_ACTIONS), container: z.string(), force: z.exactOptional(z.boolean()) }),
  }),
  z.object({ method: z.literal('followContainer'), params: z.object({ ...engine, container: z.string(), tail: z.exactOptional(z.number()) }) }),
  z.object({ method: z.literal('execInContainer'), params: z.object({ ...engine, container: z.string(), command: z.exactOptional(z.string()), ...size }) }),
  z.object({
    method: z.literal('runImage'),
    params: z.object({
      ...engine,
      image: z.string(),
      what: z.union([z.enum(['shell', 'own']), z.object({ command: z.string() })]),
      foreign: z.exactOptional(z.boolean()),
      ...size,
    }),
  }),
  z.object({ method: z.literal('inspectObject'), params: z.object({ ...engine, kind: z.enum(INSPECTED), id: z.string() }) }),
]);

const hostMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: z.number(), call }),
  z.object({ type: z.literal('cancel'), id: z.number(), ends: z.exactOptional(z.literal(true)) }),
  z.object({ type: z.literal('ack'), id: z.number() }),
  z.object({ type: z.literal('input'), id: z.number(), data: z.string() }),
  z.object({ type: z.literal('resize'), id: z.number(), ...size }),
  z.object({ type: z.literal('close') }),
]);

const workerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reply'), id: z.number(), value: z.unknown() }),
  z.object({ type: z.literal('failure'), id: z.number(), error: errorReport }),
  z.object({ type: z.literal('events'), id: z.number(), events: z.array(runEvent) }),
  z.object({ type: z.literal('changes'), id: z.number(), changes: z.array(objectChange) }),
  z.object({
    type: z.literal('lines'),
    id: z.number(),
    lines: z.array(z.object({ stream: z.enum(['stdout', 'stderr', 'note']), text: z.string() })),
  }),
  z.object({ type: z.literal('bytes'), id: z.number(), bytes: z.instanceof(Uint8Array) }),
]);

const values: { readonly [M in Method]: (value: unknown) => Calls[M]['value'] } = {
  describe: (value) => z.parse(projectSummary, value),
  projects: (value) => z.parse(foundProjects, value),
  owner: (value) => z.parse(owner, value),
  run: (value) => z.parse(runOutcome, value),
  status: (value) => z.parse(statusDocument, value),
  lastRun: (value) => z.parse(lastRun, value),
  doctor: (value) => z.parse(doctorDocument, value),
  engines: (value) => z.parse(engineListing, value),
  askEngine: (value) => z.parse(engineAnswer, value),
  dockerfile: (value) => z.parse(z.string(), value),
  start: (value) => z.parse(startResult, value),
  stop: (value) => z.parse(z.array(z.string()), value),
  followLogs: (value) => z.parse(z.null(), value),
  shell: (value) => z.parse(z.number(), value),
  redact: (value) => z.parse(z.string(), value),
  fix: (value) => z.parse(fixResult, value),
  watchObjects: (value) => z.parse(z.null(), value),
  wheels: (value) => z.parse(wheelsDocument, value),
  readWheel: (value) => z.parse(wheelContents, value),
  verifyWheel: (value) => z.parse(wheelVerdict, value),
  deleteWheels: (value) => z.parse(deletedWheels, value),
  imageContents: (value) => z.parse(imageContents, value),
  imagePackages: (value) => z.parse(installedPackages, value),
  compareImages: (value) => z.parse(imageComparison, value),
  previewRemoval: (value) => z.parse(removalPreview, value),
  removeImages: (value) => z.parse(removedImages, value),
  tagImage: (value) => z.parse(z.string(), value),
  pushImage: (value) => z.parse(z.null(), value),
  lookAtContainers: (value) => z.parse(z.array(lookedAtContainer), value),
  containerAction: (value) => z.parse(z.object({ id: z.string(), name: z.string() }), value),
  followContainer: (value) => z.parse(z.null(), value),
  execInContainer: (value) => z.parse(z.number(), value),
  runImage: (value) => z.parse(z.number(), value),
  inspectObject: (value) => z.parse(z.string(), value),
};

/** Each of these throws on what the protocol does not know: the two ends are of different versions, or one has a defect. */
export const parseHostMessage = (message: unknown): HostMessage => z.parse(hostMessage, message);
export const parseWorkerMessage = (message: unknown): WorkerMessage => z.parse(workerMessage, message);
export const parseValue = <M extends Method>(method: M, value: unknown): Calls[M]['value'] => values[method](value);
