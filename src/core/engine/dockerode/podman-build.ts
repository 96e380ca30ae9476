/**
 * A build on Podman. Steps that need the network's certificates and credentials run in containers of ours: there a cancel ends them at
 * once (Podman lets the step of a build that nobody waits for run on), and nothing that they were given is in what is kept of them. All
 * other steps go to Podman's own build, which mounts other images.
 */
import { throwIfAborted } from '../../errors.js';
import type { CredentialsSource } from '../credentials.js';
import { SECRETS_FOLDER } from '../engine.js';
import type { BuildOutcome, BuildProgress, BuildRequest, LineEnd } from '../engine.js';
import { object, text } from '../json.js';
import { LABEL } from '../labels.js';
import { EngineRefusal } from '../problems.js';
import type { PackedFile } from '../tar.js';
import { packFiles } from '../tar.js';
import type { EngineApi } from './api.js';
import { instructions } from './dockerfile-instructions.js';
import type { Instruction } from './dockerfile-instructions.js';
import { inspectImage, removeImage } from './images.js';
import { runJob } from './job.js';
import { buildPlainly, stepFailure, stepTitle } from './plain-build.js';
import { containerStep } from './podman-step.js';
import { registryConfigHeader } from './registry-headers.js';
import type { ContainerStep } from './podman-step.js';
import { StepTail } from './step-tail.js';
import { ensureVolume } from './volumes.js';

/** Variables that Podman gives to every container and that what is kept of one has, too. Nobody sets them in an image on purpose. */
const OF_PODMAN = ['TERM', 'container', 'HOSTNAME'];
const ROOT = '/run/pypackage-steps';
const MARK = '\u001Epypackage-step:';

export async function buildOnPodman(api: EngineApi, request: BuildRequest, credentials: CredentialsSource): Promise<BuildOutcome> {
  throwIfAborted(request.signal);
  const { tags, labels = {} } = request;
  const groups = groupsOf(request);
  const headers = await registryConfigHeader(await missingOf(api, request), credentials);
  // Images between two groups: nobody needs them once the next is there.
  const passing: string[] = [];
  try {
    let from: string | undefined;
    for (const group of groups) {
      if ('steps' in group) {
        from = await runSteps(api, request, group.steps, from ?? '');
        passing.push(from);
      } else if (!group.isLast) {
        const below = from === undefined ? onlyImage(group.plain) : undefined;
        if (below !== undefined) {
          from = below;
          continue;
        }
        from = await buildPlainly(api, request, {
          dockerfile: partOf(request.dockerfile, group.plain, from),
          tags: [],
          // With a label it is a new image: one of nothing but FROM would be the image below itself, which is not ours to remove.
          labels: request.stepLabels ?? { [LABEL.kind]: 'job' },
          headers,
        });
        passing.push(from);
      } else {
        // Labels cannot be taken away from an image: those of the containers become empty, which counts as none (podman.ts).
        const blank = passing.length === 0 ? {} : Object.fromEntries(Object.keys(request.stepLabels ?? {}).map((key) => [key, '']));
        const whole = { tags, labels: { ...blank, ...labels }, headers, ...(passing.length > 0 && { unsetEnv: OF_PODMAN }) };
        return { imageId: await buildPlainly(api, request, { dockerfile: partOf(request.dockerfile, group.plain, from), ...whole }) };
      }
    }
    throw new TypeError('a Dockerfile without an instruction');
  } finally {
    // Without the signal. One that stays is swept by its label with the next run.
    for (const image of passing.toReversed()) await removePassing(api, image).catch(() => undefined);
  }
}

/** The image of a group that holds nothing but a plain FROM. */
function onlyImage(plain: readonly Instruction[]): string | undefined {
  const [first, ...others] = plain;
  return others.length === 0 ? /^FROM\s+([^\s-]\S*)$/i.exec(first?.text ?? '')?.[1] : undefined;
}

/** Images that a stage starts from and that the engine would have to pull. */
async function missingOf(api: EngineApi, { dockerfile, signal }: BuildRequest): Promise<readonly string[]> {
  const froms = instructions(dockerfile).filter(({ word }) => word === 'FROM');
  const named = froms.flatMap(
    ({ text }) =>
      text
        .split(/\s+/)
        .slice(1)
        .find((word) => !word.startsWith('--')) ?? [],
  );
  const missing: string[] = [];
  // An earlier stage, and what is made from a variable, is no image of a registry.
  const stages = new Set(froms.flatMap(({ text }) => /\sAS\s+(\S+)\s*$/i.exec(text)?.[1]?.toLowerCase() ?? []));
  for (const image of new Set(named)) {
    if (image === 'scratch' || image.includes('$') || stages.has(image.toLowerCase())) continue;
    const found = await inspectImage(api, image, signal).catch((error: unknown) => {
      // The build says better what is wrong with it.
      if (!(error instanceof EngineRefusal)) throw error;
    });
    if (!found) missing.push(image);
  }
  return missing;
}

/** One that has a name is somebody's. */
async function removePassing(api: EngineApi, image: string): Promise<void> {
  const found = await inspectImage(api, image, undefined);
  if (found?.tags.length === 0) await removeImage(api, image, false);
}

type Group =
  | { readonly steps: readonly (ContainerStep & { readonly instruction: Instruction })[] }
  | { readonly plain: readonly Instruction[]; readonly isLast: boolean };

/** Consecutive steps for one container, and what lies between. The last group is plain, even when it holds nothing but tags and labels. */
function groupsOf(request: BuildRequest): readonly Group[] {
  const all = instructions(request.dockerfile);
  const isSimple = all.filter(({ word }) => word === 'FROM').length === 1 && !all.some(({ word }) => word === 'SHELL' || word === 'ARG');
  const groups: Group[] = [];
  let plain: Instruction[] = [];
  for (const instruction of all) {
    const step = isSimple ? containerStep(instruction, request.files ?? {}) : undefined;
    if (!step) {
      plain.push(instruction);
      continue;
    }
    const last = groups.at(-1);
    if (plain.length === 0 && last && 'steps' in last) groups[groups.length - 1] = { steps: [...last.steps, { ...step, instruction }] };
    else {
      groups.push({ plain, isLast: false }, { steps: [{ ...step, instruction }] });
      plain = [];
    }
  }
  return [...groups, { plain, isLast: true }];
}

/** These instructions on the lines where they stand, on top of an image. */
function partOf(dockerfile: string, plain: readonly Instruction[], from: string | undefined): string {
  const kept = dockerfile.split(/\r?\n/).map((line, i) => (plain.some(({ start, end }) => i + 1 >= start && i + 1 <= end) ? line : ''));
  const first = instructions(dockerfile)[0]?.start ?? 1;
  if (from !== undefined) kept[first - 1] = `FROM ${from}`;
  return kept.join('\n');
}

/** Returns the id of an image of what the steps have made. */
async function runSteps(
  api: EngineApi,
  request: BuildRequest,
  steps: readonly (ContainerStep & { readonly instruction: Instruction })[],
  from: string,
): Promise<string> {
  const { signal, secrets, dockerfile, dockerfileName, stepLabels = {} } = request;
  const parent = await inspectImage(api, from, signal);
  const caches = new Map(steps.flatMap((step) => step.caches).map((cache) => [cache.target, cache]));
  for (const { volume } of caches.values()) await ensureVolume(api, volume, { [LABEL.kind]: 'cache' });
  const files: PackedFile[] = [
    ...new Map(steps.flatMap((step) => step.files).map((file) => [file.path, file])).values(),
    ...steps.map(({ command }, i) => ({ path: `${ROOT}/${i}.sh`, content: command, mode: 0o500 })),
    { path: `${ROOT}/all.sh`, content: script(steps, [...caches.values()], [...(secrets ?? new Map()).keys()]), mode: 0o500 },
  ];
  const progress = new StepProgress(
    request,
    steps.map(({ instruction }) => ({ line: instruction.start, name: stepTitle(dockerfile, instruction.start, instruction.text) })),
  );
  let image = '';
  const { exitCode } = await runJob(
    api,
    {
      image: from,
      entrypoint: ['/bin/sh'],
      command: [`${ROOT}/all.sh`],
      labels: stepLabels,
      mounts: [...caches.values()].map(({ volume, target }) => ({ type: 'volume', source: volume, target })),
      input: () => packFiles(files),
      secrets: [...(secrets ?? [])].map(([id, content]) => ({ path: id, content, mode: 0o400 })),
      onOutput: (stream, line, end): Promise<void> | undefined => progress.take(stream, line, end),
      ...(signal && { signal }),
      beforeRemoval: async (id) => {
        // What the container was started with is not the image's.
        const changes = [`CMD ${JSON.stringify(parent?.command ?? [])}`, `ENTRYPOINT ${JSON.stringify(parent?.entrypoint ?? [])}`];
        const answer = await api.json({
          method: 'POST',
          path: '/commit',
          query: { container: id, changes },
          body: {},
          what: `keep what ${dockerfileName} has made`,
          signal,
        });
        image = text(object(answer)['Id']);
      },
    },
    '127.0.0.1',
  ).catch((error: unknown) => {
    progress.end('failed');
    throw error;
  });
  const failed = progress.end(exitCode === 0 ? 'done' : 'failed');
  if (exitCode !== 0 && failed) throw stepFailure(dockerfileName, { ...failed, exitCode, tail: progress.tail.lines, problem: `exit code ${exitCode}` });
  return image;
}

/** Each step in a shell of its own, as in a build. What was put into the container for them is gone before anything of it is kept. */
function script(steps: readonly ContainerStep[], caches: ContainerStep['caches'], secrets: readonly string[]): string {
  const links = ['mkdir -p /run/secrets', ...secrets.map((id) => `ln -s ${SECRETS_FOLDER}/${id} /run/secrets/${id}`)];
  const locks = caches.filter(({ isLocked }) => isLocked).map(({ target }, i) => `exec ${8 - i}>${target}/.pypackage-lock && flock ${8 - i}`);
  const runs = steps.map((_, i) => `printf '${MARK.replace('\u001E', '\\036')}${i}\\n'\n/bin/sh ${ROOT}/${i}.sh`);
  const given = ['/run/secrets', ROOT, ...new Set(steps.flatMap((step) => step.files.map(({ path }) => path.slice(0, path.lastIndexOf('/')))))];
  return ['set -e', ...links, ...locks, ...runs, 'cd /', `rm -rf ${given.join(' ')}`, ''].join('\n');
}

class StepProgress {
  readonly tail = new StepTail();
  private current: { readonly line: number; readonly name: string; readonly started: number } | undefined;

  constructor(
    private readonly request: BuildRequest,
    private readonly steps: readonly { readonly line: number; readonly name: string }[],
  ) {}

  take(stream: 'stdout' | 'stderr', line: string, end: LineEnd): Promise<void> | undefined {
    if (line.startsWith(MARK)) {
      this.end('done');
      const step = this.steps[Number(line.slice(MARK.length))];
      if (!step) return undefined;
      this.current = { ...step, started: performance.now() };
      this.tail.clear();
      return this.say({ type: 'step', id: `line ${step.line}`, name: step.name, state: 'started' });
    }
    this.tail.push(line);
    return this.current && this.say({ type: 'log', id: `line ${this.current.line}`, stream, text: line, end });
  }

  /** Returns the step that was running. */
  end(state: 'done' | 'failed'): { readonly line: number; readonly name: string } | undefined {
    const { current } = this;
    this.current = undefined;
    if (current) void this.say({ type: 'step', id: `line ${current.line}`, name: current.name, state, ms: Math.round(performance.now() - current.started) });
    return current;
  }

  private say(progress: BuildProgress): Promise<void> | undefined {
    return this.request.onProgress?.(progress) ?? undefined;
  }
}
