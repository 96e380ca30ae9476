/** What the tests of the pipeline share: copies of projects, a core of their own, its runs as data, and the removal of all they make. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import type { Core } from '../../src/core/core.js';
import { createCore } from '../../src/core/create-core.js';
import { LABEL } from '../../src/core/engine/labels.js';
import type { ErrorReport } from '../../src/core/errors.js';
import { STAGES } from '../../src/core/pipeline/events.js';
import type { EventBody, ReleaseSummary, RunEvent, StageName } from '../../src/core/pipeline/events.js';
import { detectProject } from '../../src/core/project/detect.js';
import { projectId, readRevision } from '../../src/core/project/revision.js';
import type { Request, RunRequest } from '../../src/core/request.js';
import { connectEngine } from '../../src/core/engine/connect.js';
import { ask, containersWith, discard, listImages } from './raw-engine.js';

/** Debian-like with Python, and on the engine: see scripts/setup/base-image.mjs. */
export const BASE_IMAGE = process.env['PYPACKAGE_BASE_IMAGE'] || 'pypackage-standin/python:3.11-bookworm';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Run {
  readonly outcome: 'done' | 'failed' | 'cancelled';
  readonly exitCode: number;
  readonly changed: boolean;
  readonly events: readonly RunEvent[];
  readonly id: string;
  /** Of a run that failed. */
  readonly error: ErrorReport | undefined;
  readonly release: ReleaseSummary | undefined;
  /** Everything that the complete log holds. */
  readonly log: string;
}

export type RunOptions = Partial<Omit<RunRequest, 'folder'>> & { readonly signal?: AbortSignal; readonly onEvent?: (event: RunEvent) => void };

export class Sandbox {
  /** `pt-1a2b3c4d`: the namespace of all images made here. */
  readonly namespace = `pt-${randomBytes(4).toString('hex')}`;
  readonly core: Core = createCore();
  private root: string | undefined;
  private hasFreshBase = false;
  private readonly projects = new Set<string>();

  /** A folder of this machine for everything that the file's tests write. */
  get folder(): string {
    if (this.root === undefined) throw new Error('the folder is there only within a test');
    return this.root;
  }

  async open(): Promise<void> {
    this.root = await realpath(await mkdtemp(join(tmpdir(), 'pypackage-pipeline-')));
  }

  async close(): Promise<void> {
    for (const project of this.projects) {
      for (const { Id } of await containersWith({ [LABEL.project]: project })) await discard(`/containers/${Id}?force=1&v=1`);
    }
    // Of a base of our own nobody else uses the cache.
    const bases = (await listImages()).filter(
      ({ Labels, RepoTags }) => Labels[LABEL.kind] === 'base' && RepoTags.every((tag) => tag.startsWith(`${this.namespace}/`)),
    );
    const caches = new Set(this.hasFreshBase ? bases.map(({ Labels }) => Labels[LABEL.fingerprint]) : []);
    for (const tag of await this.tags()) await discard(`/images/${tag}`);
    const volumes = await ask(
      z.object({ Volumes: z.nullish(z.array(z.object({ Name: z.string(), Labels: z.nullish(z.record(z.string(), z.string())) }))) }),
      '/volumes',
    );
    for (const { Name, Labels } of volumes.Volumes ?? [])
      if (this.projects.has(Labels?.[LABEL.project] ?? '') || caches.has(Labels?.[LABEL.fingerprint])) await discard(`/volumes/${Name}?force=1`);
    this.core.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** All names in this namespace, sorted. */
  async tags(): Promise<readonly string[]> {
    return (await listImages()).flatMap(({ RepoTags }) => RepoTags.filter((tag) => tag.startsWith(`${this.namespace}/`))).sort();
  }

  /** A copy of a sample. */
  async sample(name: 'polls' | 'greet', as: string = name): Promise<string> {
    const folder = join(this.folder, as);
    await cp(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => !/\/(target|__pycache__|build|[^/]*\.egg-info)$/.test(path) });
    return folder;
  }

  async project(files: Files, as: string): Promise<string> {
    const folder = join(this.folder, as);
    await writeFiles(folder, files);
    return folder;
  }

  /** A base image that no stage has seen, so that all of them work from the beginning. */
  freshBase(): Promise<string> {
    this.hasFreshBase = true;
    return this.image('fresh', `FROM ${BASE_IMAGE}\nCOPY fresh /etc/pypackage-fresh\n`, { fresh: this.namespace });
  }

  /** `NAMESPACE/python:TAG`, without any label of ours. */
  async image(tag: string, dockerfile: string, files: Files = {}): Promise<string> {
    const engine = await connectEngine({ env: process.env });
    const reference = `${this.namespace}/python:${tag}`;
    try {
      await engine.build({ dockerfile, dockerfileName: `Dockerfile.${tag}`, files, tags: [reference] });
    } finally {
      engine.close();
    }
    return reference;
  }

  request(folder: string, overrides: Partial<Omit<Request, 'folder'>> = {}): Request {
    return {
      folder,
      namespace: this.namespace,
      baseImage: { reference: BASE_IMAGE, source: 'PYPACKAGE_BASE_IMAGE' },
      logDir: join(this.folder, 'logs'),
      ...overrides,
      env: { ...process.env, HOME: this.folder, XDG_CACHE_HOME: join(this.folder, 'cache'), ...overrides.env },
    };
  }

  /** A run of `all`, unless said otherwise. Whatever it ends with, its events are in order. */
  async run(folder: string, { signal, onEvent, ...options }: RunOptions = {}): Promise<Run> {
    const events: RunEvent[] = [];
    const request: RunRequest = { stages: STAGES, verb: 'all', ...options, ...this.request(folder, options) };
    await this.remember(request);
    const outcome = await this.core.run(
      request,
      (event) => {
        events.push(event);
        onEvent?.(event);
      },
      signal ?? new AbortController().signal,
    );
    const id = checkOrder(events);
    const finished = lastOf(events, 'run.finished');
    if (finished?.outcome !== outcome.outcome)
      throw new Error(`the run ${outcome.outcome}, and its last event says that it ${finished?.outcome ?? 'did not end'}`);
    const log = firstOf(events, 'run.started')?.log;
    return { ...outcome, id, events, error: finished?.error, release: finished?.release, log: log === undefined ? '' : await readFile(log, 'utf8') };
  }

  /** A run that is expected to get through. */
  async make(folder: string, options: RunOptions = {}): Promise<Run & { readonly release: ReleaseSummary }> {
    const done = await this.run(folder, options);
    const { release } = done;
    if (done.outcome !== 'done' || !release) throw new Error(`the run ${done.outcome}: ${JSON.stringify(done.error)}\n${done.log}`);
    return { ...done, release };
  }

  /** What projects are called on the engine, so that all that carries the name can be removed. */
  private async remember(request: Request): Promise<void> {
    try {
      this.projects.add(projectId(await detectProject(request.folder), await readRevision(request.folder)));
    } catch {
      // no project: the run says so, and makes nothing
    }
  }
}

/** To be called once in a file. */
export function useSandbox(): Sandbox {
  const sandbox = new Sandbox();
  beforeAll(() => sandbox.open());
  afterAll(() => sandbox.close());
  return sandbox;
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Replaces text that must be there once. */
export async function edit(folder: string, path: string, from: string, to: string): Promise<void> {
  const file = join(folder, path);
  const text = await readFile(file, 'utf8');
  expect(text.split(from)).toHaveLength(2);
  await writeFile(
    file,
    text.replace(from, () => to),
  );
}

/** Without the user's own configuration, and with a date that does not move. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  const { stdout } = await promisify(execFile)('git', [...args], { cwd: folder, env });
  return stdout.trim();
}

/** Makes the folder a repository with one commit; returns the commit. */
export async function commitAll(folder: string, message = 'all'): Promise<string> {
  await git(folder, 'init', '--quiet', '--initial-branch', 'main');
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}

type Of<T extends EventBody['type']> = Extract<RunEvent, { readonly type: T }>;

export function eventsOf<T extends EventBody['type']>(events: readonly RunEvent[], type: T): readonly Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type);
}

export function firstOf<T extends EventBody['type']>(events: readonly RunEvent[], type: T): Of<T> | undefined {
  return eventsOf(events, type)[0];
}

export function lastOf<T extends EventBody['type']>(events: readonly RunEvent[], type: T): Of<T> | undefined {
  return eventsOf(events, type).at(-1);
}

/** Stages with how they ended: `base skipped`, `wheels finished`. */
export function stageEnds(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'stage.skipped' || event.type === 'stage.finished' || event.type === 'stage.failed' ? [`${event.stage} ${event.type.split('.')[1]}`] : [],
  );
}

export function reasonOf(events: readonly RunEvent[], stage: StageName): string | undefined {
  return eventsOf(events, 'stage.started').find((event) => event.stage === stage)?.reason;
}

/** Lines of a log, notes included. */
export function lines(events: readonly RunEvent[]): string {
  return eventsOf(events, 'log')
    .map((event) => event.text)
    .join('\n');
}

/** Every run's: one version and run id, numbers without gaps, a beginning and an end, each stage in its place. Returns the id. */
function checkOrder(events: readonly RunEvent[]): string {
  const id = events[0]?.run ?? '';
  expect(id).toMatch(/^\d{8}-\d{6}-[0-9a-f]{4}$/);
  expect(events.every((event) => event.v === 1 && event.run === id)).toBe(true);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.every((event, i) => i === 0 || event.time >= (events[i - 1]?.time ?? ''))).toBe(true);
  expect(eventsOf(events, 'run.finished')).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('run.finished');
  const started = eventsOf(events, 'run.started');
  expect(started.length).toBeLessThanOrEqual(1);
  if (started.length === 1) expect(events[0]?.type).toBe('run.started');
  const stages = events.flatMap((event) => ('stage' in event ? [STAGES.indexOf(event.stage)] : []));
  expect(stages.every((stage, i) => i === 0 || stage >= (stages[i - 1] ?? 0))).toBe(true);
  return id;
}
