/** What a stage works with. Everything it makes carries the run's id, so that a dead run's leftovers can be told. */
import { Readable } from 'node:stream';
import type { BuildProgress, Engine, ImageSummary, JobRequest, LineEnd } from '../../engine/engine.js';
import { BuildFailure } from '../../engine/engine.js';
import { CONFIG_FILE } from '../../config/read-config.js';
import { LABEL } from '../../engine/labels.js';
import type { Kind, Labels } from '../../engine/labels.js';
import { packFiles } from '../../engine/tar.js';
import type { PackedFile } from '../../engine/tar.js';
import { UserError } from '../../errors.js';
import type { Recipe } from '../../images/dockerfile.js';
import { NETRC_SECRET, NO_NETWORK, buildSecrets, jobCommand, jobEnv, jobSecrets } from '../../network.js';
import type { Network } from '../../network.js';
import type { EventBody, StageName } from '../events.js';
import type { Facts } from '../facts.js';
import { NO_SPACE, engineDiskFull } from '../full-disk.js';
import { explainIndex } from './index-failures.js';
import { LogTail } from './log-tail.js';
import { frameIn, locateIn, placeOfRequirement, readRequirementsTexts } from './places.js';
import { explainAbsent, explainUnfit } from './release-failures.js';
import { readJobMessage } from './job-messages.js';
import type { JobMessage } from './job-messages.js';
import { isInternalStep, stepName } from './step-name.js';

export interface StageContext {
  readonly engine: Engine;
  readonly network: Network;
  readonly facts: Facts;
  readonly run: string;
  readonly cacheDir: string;
  /** Whether the registry is asked for a base image that is there. */
  readonly pull: boolean;
  /** A folder on the host for this run, gone when it ends. */
  readonly temporary: string;
  readonly emit: (body: EventBody) => void;
  /** For whoever emits as much as a container prints: undefined, or what to wait for before more is emitted. */
  readonly room: () => Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/** Labels of what can be shared: kind and fingerprint only, and facts that follow from the fingerprint. */
export function sharedLabels(kind: Kind, fingerprint: string, facts?: object): Labels {
  return { [LABEL.kind]: kind, [LABEL.fingerprint]: fingerprint, ...(facts && { [LABEL.facts]: JSON.stringify(facts) }) };
}

export function jobLabels({ facts, run }: StageContext): Labels {
  return { [LABEL.kind]: 'job', [LABEL.run]: run, [LABEL.project]: facts.projectId, [LABEL.target]: facts.target };
}

export interface ImageToBuild {
  readonly stage: StageName;
  readonly recipe: Recipe;
  readonly reference: string;
  readonly labels: Labels;
  /** What our scripts tell of it. A step that the engine has kept from before tells nothing. */
  readonly onMessage?: (message: JobMessage) => void;
}

/** Builds, tells every step and line, and adds the image to the inventory. */
export async function buildImage(context: StageContext, { stage, recipe, reference, labels, onMessage }: ImageToBuild): Promise<ImageSummary> {
  const { engine, emit, room, signal } = context;
  const asksNetwork = recipe.text.includes(NETRC_SECRET);
  if (asksNetwork && context.network.offline) throw noNetworkFor(recipe.name);
  const network = asksNetwork ? await context.network.complete() : NO_NETWORK;
  try {
    const { imageId } = await engine.build({
      dockerfile: recipe.text,
      dockerfileName: recipe.name,
      files: recipe.files,
      tags: [reference],
      labels,
      secrets: buildSecrets(network),
      stepLabels: jobLabels(context),
      onProgress: (progress) => {
        const told = progress.type === 'log' && onMessage ? readJobMessage(progress.text) : undefined;
        if (told) onMessage?.(told);
        else if (progress.type !== 'step' || !isInternalStep(progress.name)) emit(eventOf(stage, progress));
        return room();
      },
      signal,
    });
    return await keep(context, stage, imageId, reference);
  } catch (error) {
    throw error instanceof BuildFailure ? await explainBuild(error, context, network) : error;
  }
}

function noNetworkFor(recipe: string): UserError {
  return new UserError({
    kind: 'stage',
    code: 'offline-image',
    message: `${recipe} has to be built, which needs a network`,
    where: { file: recipe },
    why: 'It installs packages of the distribution and tools of Python, and this run is not to ask anybody',
    fix: 'Run once without --offline, or bring the image from another engine with docker save and docker load',
  });
}

/** Adds what was made to the inventory and tells it. */
export async function keep(context: StageContext, stage: StageName, image: string, reference: string): Promise<ImageSummary> {
  const details = await context.engine.inspectImage(image);
  if (!details) throw new Error(`${reference} is not on the engine although it was just made`);
  const made: ImageSummary = { ...details, tags: [...new Set([...details.tags, reference])] };
  context.facts.inventory.add(made);
  context.emit({ type: 'artifact', stage, kind: 'image', name: reference, digest: details.id, size: details.size });
  return made;
}

/**
 * A reference by which a build can name the image: always one of this target, given to an image that another project made.
 * With a borrowed name the image would go when that project is cleaned, even while this run builds on it.
 */
export async function referenceOf(context: StageContext, image: ImageSummary, wanted: string): Promise<string> {
  if (!image.tags.includes(wanted)) {
    await context.engine.tagImage(image.id, wanted);
    context.facts.inventory.add({ ...image, tags: [...image.tags, wanted] });
  }
  return wanted;
}

function eventOf(stage: StageName, progress: BuildProgress): EventBody {
  switch (progress.type) {
    case 'step':
      return {
        type: 'step',
        stage,
        id: progress.id,
        name: stepName(progress.name),
        state: progress.state,
        ...(progress.ms !== undefined && { ms: progress.ms }),
      };
    case 'log':
      // Scripts of ours in a recipe say so what was decided.
      if (stage === 'release' && progress.text.startsWith('note: '))
        return { type: 'log', stage, step: progress.id, stream: 'note', text: progress.text.slice(6) };
      return { type: 'log', stage, step: progress.id, stream: progress.stream, text: progress.text, ...unlessNewline(progress.end) };
    case 'progress':
      return { type: 'progress', stage, label: progress.label, current: progress.current, total: progress.total, unit: 'bytes' };
  }
}

const unlessNewline = (end: LineEnd): { readonly end?: Exclude<LineEnd, '\n'> } => (end === '\n' ? {} : { end });

/** What is to be mended stands in a file of the project's, where it can be told; the step of our Dockerfile is related to that. */
async function explainBuild(failure: BuildFailure, { engine, facts }: StageContext, network: Network): Promise<UserError> {
  const { dockerfileName, line, exitCode, logTail, step } = failure.details;
  const where = { file: dockerfileName, ...(line !== undefined && { line }) };
  const { endpoint } = engine.info;
  const full = logTail.find((text) => NO_SPACE.test(text));
  if (full !== undefined) return engineDiskFull(endpoint, full, failure);
  const index = explainIndex((pattern) => logTail.map((text) => pattern.exec(text)).find((match) => match !== null), where, network);
  if (index) return index;
  const texts = await readRequirementsTexts(facts.project);
  const beside = { ...where, what: 'the step that failed' };
  const known =
    explainUnfit(logTail, beside, (name) => placeOfRequirement(texts, name)) ??
    explainAbsent(logTail, beside, (name, build) => placeOfRequirement(build ? texts : texts.filter(({ file }) => file === CONFIG_FILE), name, build));
  if (known) return known;
  const last = logTail.findLast((text) => text.trim() !== '');
  const raised = frameIn(logTail, locateIn(facts.project));
  const how = exitCode === undefined ? failure.message : `A step of ${dockerfileName} ended with exit code ${exitCode}`;
  return new UserError({
    kind: 'stage',
    code: 'dockerfile-step-failed',
    // Of what the project's own code raised the words come first, and not which step of ours ran it.
    ...(raised && last !== undefined
      ? { message: last.trim(), where: raised, related: [beside], why: how }
      : {
          message: exitCode === undefined || last === undefined ? how : `${how}: ${last.trim()}`,
          where,
          ...(step !== undefined && { why: stepName(step) }),
        }),
    cause: failure,
  });
}

export interface Job {
  readonly stage: StageName;
  readonly step: { readonly id: string; readonly name: string };
  readonly image: string;
  readonly command: readonly string[];
  readonly files: readonly PackedFile[];
  /** Further tars, sent behind the files. */
  readonly sources?: readonly (() => Readable)[];
  readonly env?: Readonly<Record<string, string>>;
  readonly mounts?: JobRequest['mounts'];
  /** Whether it asks for nothing over the network, and so is given no secret. Default: false. */
  readonly isOffline?: boolean;
  readonly outputs?: readonly string[];
  readonly onArchive?: (path: string, tar: Readable) => Promise<void>;
  /** What our scripts tell of the whole, beside their steps. */
  readonly onMessage?: (message: JobMessage) => void;
  /** So many starts and ends of steps are taken from what the job prints; a script of ours that prints nothing of others may have more. */
  readonly maxSteps?: number;
}

export interface JobEnd {
  readonly exitCode: number;
  readonly tail: LogTail;
}

/** What a build of somebody else's prints must not grow into steps without end, which all are remembered. */
const FEW_STEPS = 100;

export async function runJob(context: StageContext, job: Job): Promise<JobEnd> {
  const { engine, emit, room, signal } = context;
  const network = job.isOffline ? NO_NETWORK : await context.network.complete();
  const tail = new LogTail();
  const started = performance.now();
  const say = (state: 'started' | 'done' | 'failed'): void => {
    emit({ type: 'step', stage: job.stage, ...job.step, state, ...(state !== 'started' && { ms: performance.now() - started }) });
  };
  // Steps may run side by side: what the first that failed printed says why, and nothing of the others does.
  const tails = new Map<string, LogTail>();
  let failed: LogTail | undefined;
  const log = (step: string, stream: 'stdout' | 'stderr', text: string, end: LineEnd): void => {
    tail.push(text);
    const own = tails.get(step) ?? new LogTail();
    tails.set(step, own);
    own.push(text);
    emit({ type: 'log', stage: job.stage, step, stream, text, ...unlessNewline(end) });
  };
  let steps = 0;
  const take = (stream: 'stdout' | 'stderr', line: string, end: LineEnd): void => {
    const told = steps < (job.maxSteps ?? FEW_STEPS) ? readJobMessage(line) : undefined;
    if (told === undefined) log(job.step.id, stream, line, end);
    else if ('text' in told) log(`${job.step.id} ${told.step}`, stream, told.text, '\n');
    else if ('progress' in told) {
      const { progress: label, current, total, unit } = told;
      emit({ type: 'progress', stage: job.stage, label, current, ...(total !== undefined && { total }), unit });
    } else if ('state' in told) {
      steps += 1;
      const { name, state, ms } = told;
      const own = `${job.step.id} ${told.step}`;
      if (state === 'failed') failed ??= tails.get(own);
      if (state !== 'started') tails.delete(own);
      emit({ type: 'step', stage: job.stage, id: own, name, state, ...(ms !== undefined && { ms }) });
    } else job.onMessage?.(told);
  };
  say('started');
  const { exitCode } = await engine
    .runJob({
      image: job.image,
      entrypoint: [],
      command: jobCommand(network, job.command),
      labels: jobLabels(context),
      user: '0:0',
      workingDir: '/src',
      ...(network.offline && { network: 'none' }),
      env: { ...jobEnv(network), HOME: '/root', ...job.env },
      ...(job.mounts && { mounts: job.mounts }),
      input: () => inputTar(job.files, job.sources ?? []),
      secrets: jobSecrets(network),
      onOutput: (stream, text, end) => {
        take(stream, text, end);
        return room();
      },
      ...(job.outputs && { outputs: job.outputs }),
      ...(job.onArchive && { onArchive: job.onArchive }),
      removeBehind: true,
      signal,
    })
    .catch((error: unknown) => {
      say('failed');
      throw error;
    });
  say(exitCode === 0 ? 'done' : 'failed');
  const full = exitCode === 0 ? undefined : (failed ?? tail).find(NO_SPACE);
  if (full) throw engineDiskFull(engine.info.endpoint, full.match.input);
  return { exitCode, tail: failed ?? tail };
}

/** Two zero blocks (POSIX pax, ustar interchange format). */
const END_OF_TAR = 1024;

/** One tar out of several: all but the last without what ends them. */
function inputTar(files: readonly PackedFile[], sources: readonly (() => Readable)[]): Readable {
  if (sources.length === 0) return packFiles(files);
  return Readable.from(
    (async function* () {
      yield* withoutEnd(packFiles(files));
      for (const [i, open] of sources.entries()) yield* i === sources.length - 1 ? open() : withoutEnd(open());
    })(),
    { objectMode: false },
  );
}

async function* withoutEnd(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of tar) {
    const all = held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([held, chunk]);
    const cut = Math.max(0, all.length - END_OF_TAR);
    if (cut > 0) yield all.subarray(0, cut);
    held = all.subarray(cut);
  }
}
