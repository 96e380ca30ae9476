/**
 * One request to an engine that builds without a BuildKit session: Podman. It understands all that our recipes use: mounts of cache, files,
 * other images and secrets, COPY --chmod. A secret is a file of the sent context that Podman takes out of it before the first step, and that
 * a step sees as its mount only. https://docs.podman.io/en/latest/_static/api.html#operation/ImageBuild ; `secrets`: podman
 * pkg/api/handlers/compat/images_build.go
 */
import { randomBytes } from 'node:crypto';
import { UserError } from '../../errors.js';
import type { Pace } from '../../pace.js';
import { BuildFailure } from '../engine.js';
import type { BuildProgress, BuildRequest, LineEnd } from '../engine.js';
import { object, text } from '../json.js';
import { EngineRefusal, connectionLost } from '../problems.js';
import { pullProblem } from '../pull-problem.js';
import { packFiles } from '../tar.js';
import type { PackedFile } from '../tar.js';
import type { EngineApi } from './api.js';
import { instructions } from './dockerfile-instructions.js';
import type { Instruction } from './dockerfile-instructions.js';
import { labelInstruction } from './label-instruction.js';
import { LineSplitter } from './lines.js';
import { StepTail } from './step-tail.js';

export interface PlainBuild {
  /** Part of the request's, each instruction on the line where it stands there. */
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Variables that are left out of the image. */
  readonly unsetEnv?: readonly string[];
  /** For the images that it starts from. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the image's id. */
export async function buildPlainly(api: EngineApi, request: BuildRequest, build: PlainBuild): Promise<string> {
  const { buildArgs, noCache, signal } = request;
  const secrets = [...(request.secrets ?? [])].map(([id, content]) => ({ id, file: `podman-build-secret-${randomBytes(8).toString('hex')}`, content }));
  const files: PackedFile[] = [
    ...Object.entries(request.files ?? {}).map(([path, content]) => ({ path, content, mode: 0o644 })),
    ...secrets.map(({ file, content }) => ({ path: file, content, mode: 0o600 })),
    { path: `${CONTEXT_FILE}.Dockerfile`, content: withLabels(build), mode: 0o644 },
    // Neither is a file of the request, so that no COPY should meet it.
    { path: '.dockerignore', content: `${CONTEXT_FILE}.Dockerfile\n.dockerignore\n`, mode: 0o644 },
  ];
  const query = {
    dockerfile: `${CONTEXT_FILE}.Dockerfile`,
    t: build.tags,
    // One layer for each build, and no images of single steps that nobody names.
    layers: false,
    rm: true,
    forcerm: true,
    nocache: noCache === true ? true : undefined,
    buildargs: buildArgs && JSON.stringify(inBothSpellings(buildArgs)),
    unsetenv: build.unsetEnv,
    secrets: secrets.length > 0 ? JSON.stringify(secrets.map(({ id, file }) => `id=${id},src=${file}`)) : undefined,
  };
  const what = `build ${request.dockerfileName}`;
  const account = new BuildAccount(request, build.dockerfile);
  let imageId = '';
  let problem = '';
  const call = {
    method: 'POST',
    path: '/build',
    query,
    body: packFiles(files),
    headers: { ...build.headers, 'Content-Type': 'application/x-tar' },
    what,
    signal,
  } as const;
  for await (const line of api.lines({ ...call, mayBeSilent: true })) {
    const said = text(line['stream']);
    if (said !== '') await account.push(said);
    if (line['aux'] !== undefined) imageId = text(object(line['aux'])['ID']);
    if (line['error'] !== undefined) problem = text(line['error']).trim();
  }
  if (problem !== '') throw account.failure(problem);
  account.finish();
  // A stream that ends early without an error is a broken connection, not a success.
  if (imageId === '') throw connectionLost(api.endpoint, undefined);
  return imageId;
}

/** Podman 5.4 makes an instruction of each label that it is given, in which it then replaces variables: this one is quoted. */
function withLabels({ dockerfile, labels }: PlainBuild): string {
  return [dockerfile, ...Object.entries(labels).map(([key, value]) => labelInstruction(key, value)), ''].join('\n');
}

/** A step sees a proxy by both names, as BuildKit does it, whichever was given. */
function inBothSpellings(buildArgs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = (name: string): readonly string[] => (/^\w+_proxy$/i.test(name) ? [name.toLowerCase(), name.toUpperCase()] : [name]);
  return Object.fromEntries(Object.entries(buildArgs).flatMap(([name, value]) => names(name).map((one) => [one, value])));
}

/** A name that no file of a project has. */
const CONTEXT_FILE = '.pypackage-build';

/** `[2/5] RUN …`: where the instruction stands in the whole Dockerfile, as BuildKit names a step. */
export function stepTitle(dockerfile: string, line: number, instruction: string): string {
  const all = instructions(dockerfile);
  return `[${all.findIndex(({ start }) => start === line) + 1}/${all.length}] ${instruction}`;
}

/** The stage stands there when there are several. */
const STEP = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/\d+: (.*)$/m;

interface Step {
  readonly id: string;
  readonly name: string;
  readonly line: number;
  readonly started: number;
}

/** What the build has said so far, as steps and lines. */
class BuildAccount {
  private readonly stages: readonly (readonly Instruction[])[];
  private readonly splitter: LineSplitter;
  private readonly tail = new StepTail();
  private step: Step | undefined;

  constructor(
    private readonly request: BuildRequest,
    dockerfile: string,
  ) {
    this.stages = stagesOf(dockerfile);
    this.splitter = new LineSplitter((line, end): Promise<void> | undefined => this.take(line, end));
  }

  push(said: string): Pace {
    // What the step before printed may lack the end of its line.
    if (STEP.test(said)) this.splitter.flush();
    return this.splitter.push(Buffer.from(said));
  }

  finish(): void {
    this.splitter.flush();
    this.end('done');
  }

  failure(problem: string): Error {
    this.splitter.flush();
    const { step } = this;
    this.end('failed');
    return plainBuildFailure(this.request, { problem, step, tail: this.tail.lines });
  }

  private take(line: string, end: LineEnd): Promise<void> | undefined {
    const began = STEP.exec(line);
    if (began) {
      const [, stage = '1', number = '', instruction = ''] = began;
      this.begin(this.stages[Number(stage) - 1]?.[Number(number) - 1], instruction);
      return undefined;
    }
    if (!this.step || isBookkeeping(line)) return undefined;
    this.tail.push(line);
    return this.say({ type: 'log', id: this.step.id, stream: 'stdout', text: line, end });
  }

  /** What does not stand in the Dockerfile (the labels of the request) is no step. */
  private begin(found: Instruction | undefined, instruction: string): void {
    this.end('done');
    if (!found) return;
    const { start } = found;
    this.step = { id: `line ${start}`, name: stepTitle(this.request.dockerfile, start, instruction), line: start, started: performance.now() };
    this.tail.clear();
    void this.say({ type: 'step', id: this.step.id, name: this.step.name, state: 'started' });
  }

  private end(state: 'done' | 'failed'): void {
    const { step } = this;
    this.step = undefined;
    if (step) void this.say({ type: 'step', id: step.id, name: step.name, state, ms: Math.round(performance.now() - step.started) });
  }

  private say(progress: BuildProgress): Promise<void> | undefined {
    return this.request.onProgress?.(progress) ?? undefined;
  }
}

function isBookkeeping(line: string): boolean {
  return /^(--> |COMMIT|Getting image source|Copying (blob|config)|Writing manifest|Storing signatures|Successfully (built|tagged)|[0-9a-f]{64}$)/.test(line);
}

/** Podman counts every instruction of a stage, its FROM too; an ARG before the first FROM belongs to none. */
function stagesOf(dockerfile: string): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions(dockerfile)) {
    if (instruction.word === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

interface Failure {
  readonly problem: string;
  readonly step: Step | undefined;
  readonly tail: readonly string[];
}

function plainBuildFailure({ dockerfileName }: BuildRequest, { problem, step, tail }: Failure): Error {
  const secret = /no secret with id "?([^\s"]+)/.exec(problem)?.[1];
  if (secret !== undefined) {
    return new UserError({ kind: 'engine', code: 'missing-secret', message: `${dockerfileName} needs the secret ${secret}, which was not given` });
  }
  const parse = /dockerfile parse error (?:on )?line (\d+): (.*)/is.exec(problem);
  if (parse) {
    const line = Number(parse[1]);
    return new BuildFailure(`${dockerfileName}, line ${line}: ${parse[2] ?? problem}`, { dockerfileName, line, logTail: [], cause: new Error(problem) });
  }
  if (!step) return new EngineRefusal(`build ${dockerfileName}`, 200, problem);
  const image = /\] FROM (\S+)/i.exec(step.name)?.[1];
  if (image !== undefined) return pullProblem(image, problem);
  const exit = /exit status (\d+)\s*$/.exec(problem)?.[1];
  return stepFailure(dockerfileName, { ...step, exitCode: exit === undefined ? undefined : Number(exit), tail, problem });
}

/** A step that ended badly. */
export function stepFailure(
  dockerfileName: string,
  { name, line, exitCode, tail, problem }: { name: string; line: number; exitCode: number | undefined; tail: readonly string[]; problem: string },
): BuildFailure {
  return new BuildFailure(`${dockerfileName}, line ${line}: ${name} ${exitCode === undefined ? `failed: ${problem}` : `ended with exit code ${exitCode}`}`, {
    dockerfileName,
    line,
    step: name,
    ...(exitCode !== undefined && { exitCode }),
    logTail: tail.length > 0 ? tail : [problem],
    cause: new Error(problem),
  });
}
