/**
 * The core's answers and events as they cross the border between threads, checked where they arrive. Where they are used the
 * compiler compares them with the core's contracts. They are loose: a field that a contract gains passes through.
 */
import * as z from 'zod/mini';
import { STAGES } from '../core/pipeline/events.js';

const stage = z.enum(STAGES);
const strings = z.array(z.string());

const place = z.looseObject({ file: z.string(), line: z.exactOptional(z.number()), column: z.exactOptional(z.number()) });

const relatedPlace = z.looseObject({ file: z.string(), line: z.exactOptional(z.number()), column: z.exactOptional(z.number()), what: z.string() });

export const errorReport = z.looseObject({
  kind: z.enum(['stage', 'project', 'engine', 'lease', 'defect', 'cancelled']),
  code: z.string(),
  message: z.string(),
  where: z.exactOptional(place),
  related: z.exactOptional(z.array(relatedPlace)),
  why: z.exactOptional(z.string()),
  fix: z.exactOptional(z.string()),
  remedy: z.exactOptional(
    z.discriminatedUnion('kind', [
      z.looseObject({ kind: z.literal('system-packages'), use: z.enum(['build', 'run']), packages: z.array(z.string()) }),
      z.looseObject({ kind: z.literal('replacement'), at: place, from: z.string(), to: z.string() }),
    ]),
  ),
  detail: z.exactOptional(z.string()),
});

export const foundProjects = z.array(z.looseObject({ folder: z.string(), name: z.string(), kind: z.enum(['package', 'site']) }));

export const owner = z.looseObject({ projectId: z.string(), target: z.string(), namespace: z.string() });

export const fixResult = z.looseObject({ file: z.union([z.string(), z.undefined()]), packages: z.array(z.string()), added: z.array(z.string()) });

export const projectSummary = z.looseObject({
  root: z.string(),
  name: z.string(),
  version: z.exactOptional(z.string()),
  target: z.string(),
  python: z.string(),
  django: z.boolean(),
  kind: z.enum(['package', 'site']),
  lockFiles: strings,
});

export const runOutcome = z.looseObject({ outcome: z.enum(['done', 'failed', 'cancelled']), exitCode: z.number(), changed: z.boolean() });

export const startResult = z.looseObject({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  url: z.union([z.string(), z.undefined()]),
  alreadyRunning: z.boolean(),
});

const stageStatus = z.looseObject({
  stage,
  state: z.enum(['up to date', 'stale', 'never run', 'unknown']),
  reason: z.string(),
  artifact: z.exactOptional(z.looseObject({ id: z.string(), name: z.string(), size: z.number(), created: z.number() })),
});

const serviceStatus = z.looseObject({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  health: z.string(),
  url: z.exactOptional(z.string()),
  image: z.string(),
});

export const statusDocument = z.looseObject({
  v: z.literal(1),
  project: z.looseObject({ name: z.string(), version: z.exactOptional(z.string()), root: z.string(), id: z.string() }),
  target: z.string(),
  python: z.looseObject({ version: z.string(), reason: z.string() }),
  baseImage: z.looseObject({ reference: z.string(), source: z.string() }),
  engine: z.looseObject({ product: z.string(), version: z.string(), url: z.string(), source: z.string() }),
  stages: z.array(stageStatus),
  release: z.exactOptional(z.looseObject({ image: z.string(), tags: strings, size: z.number(), created: z.number() })),
  services: z.array(serviceStatus),
  running: z.exactOptional(z.looseObject({ run: z.string(), startedAt: z.number(), where: z.enum(['this machine', 'another machine']) })),
});

const runState = z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']);

const runRecord = z.looseObject({
  v: z.literal(1),
  run: z.string(),
  verb: z.enum(['all', 'image', 'wheels', 'release', 'lock']),
  by: z.enum(['editor', 'command line']),
  holder: z.exactOptional(z.string()),
  pid: z.number(),
  writtenAt: z.number(),
  root: z.string(),
  target: z.string(),
  name: z.string(),
  version: z.exactOptional(z.string()),
  python: z.exactOptional(z.string()),
  engine: z.exactOptional(z.string()),
  state: runState,
  startedAt: z.number(),
  stageStartedAt: z.exactOptional(z.number()),
  endedAt: z.exactOptional(z.number()),
  ms: z.exactOptional(z.number()),
  changed: z.boolean(),
  stages: z.array(z.looseObject({ stage, state: z.enum(['waiting', 'running', 'up to date', 'done', 'failed']), text: z.string() })),
  stage: z.exactOptional(stage),
  log: z.exactOptional(z.string()),
  error: z.exactOptional(errorReport),
  release: z.exactOptional(z.looseObject({ name: z.string(), version: z.string(), image: z.string(), tags: strings, size: z.number() })),
  closing: z.exactOptional(z.literal(true)),
  told: z.exactOptional(z.literal(true)),
});

export const lastRun = z.union([z.looseObject({ record: runRecord, state: runState, tail: strings }), z.undefined()]);

const listedEngine = z.looseObject({
  url: z.string(),
  source: z.string(),
  value: z.string(),
  state: z.enum(['answers', 'absent', 'trouble']),
  answer: z.string(),
  message: z.exactOptional(z.string()),
  fix: z.exactOptional(z.string()),
  chosen: z.boolean(),
});

export const engineListing = z.looseObject({ engines: z.array(listedEngine), why: z.string() });

export const engineAnswer = z.looseObject({
  product: z.string(),
  version: z.string(),
  apiVersion: z.string(),
  platform: z.string(),
  buildkit: z.boolean(),
  canBuild: z.boolean(),
  url: z.string(),
  source: z.string(),
});

export const doctorDocument = z.looseObject({
  v: z.literal(1),
  version: z.string(),
  engine: z.exactOptional(engineAnswer),
  tried: z.array(listedEngine),
  why: z.string(),
  checks: z.array(z.looseObject({ name: z.string(), state: z.enum(['ok', 'warning', 'missing']), text: z.string(), fix: z.exactOptional(z.string()) })),
});

const head = { v: z.literal(1), run: z.string(), seq: z.number(), time: z.string(), target: z.string() };

const releaseSummary = z.looseObject({
  name: z.string(),
  version: z.string(),
  image: z.string(),
  tags: strings,
  imageId: z.string(),
  size: z.number(),
  command: strings,
  serves: z.boolean(),
});

export const runEvent = z.discriminatedUnion('type', [
  z.looseObject({
    ...head,
    type: z.literal('run.started'),
    project: z.looseObject({ name: z.string(), version: z.exactOptional(z.string()), root: z.string() }),
    python: z.string(),
    engine: z.string(),
    stages: z.array(stage),
    facts: strings,
    log: z.exactOptional(z.string()),
  }),
  z.looseObject({ ...head, type: z.literal('stage.started'), stage, reason: z.string() }),
  z.looseObject({
    ...head,
    type: z.literal('step'),
    stage,
    id: z.string(),
    name: z.string(),
    state: z.enum(['started', 'cached', 'done', 'failed']),
    ms: z.exactOptional(z.number()),
  }),
  z.looseObject({
    ...head,
    type: z.literal('log'),
    stage,
    step: z.exactOptional(z.string()),
    stream: z.enum(['stdout', 'stderr', 'note']),
    text: z.string(),
    end: z.exactOptional(z.enum(['\r\n', '\r', ''])),
  }),
  z.looseObject({
    ...head,
    type: z.literal('progress'),
    stage,
    label: z.string(),
    current: z.number(),
    total: z.exactOptional(z.number()),
    unit: z.enum(['bytes', 'items']),
  }),
  z.looseObject({
    ...head,
    type: z.literal('artifact'),
    stage,
    kind: z.enum(['image', 'wheel', 'lock', 'export']),
    name: z.string(),
    digest: z.exactOptional(z.string()),
    size: z.exactOptional(z.number()),
  }),
  z.looseObject({ ...head, type: z.literal('stage.skipped'), stage, reason: z.string() }),
  z.looseObject({ ...head, type: z.literal('stage.finished'), stage, summary: z.string(), detail: z.string(), ms: z.number() }),
  z.looseObject({ ...head, type: z.literal('stage.failed'), stage, error: errorReport, ms: z.number() }),
  z.looseObject({
    ...head,
    type: z.literal('run.finished'),
    outcome: z.enum(['done', 'failed', 'cancelled']),
    changed: z.boolean(),
    ms: z.number(),
    release: z.exactOptional(releaseSummary),
    error: z.exactOptional(errorReport),
  }),
]);

const owned = { kind: z.exactOptional(z.string()), project: z.exactOptional(z.string()), target: z.exactOptional(z.string()) };

const containerRow = z.looseObject({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  imageId: z.string(),
  ...owned,
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  health: z.enum(['none', 'starting', 'healthy', 'unhealthy']),
  exitCode: z.exactOptional(z.number()),
  created: z.number(),
  upSince: z.exactOptional(z.number()),
  ports: z.array(z.looseObject({ container: z.number(), host: z.number(), address: z.string() })),
});

const imageRow = z.looseObject({
  id: z.string(),
  tags: strings,
  ...owned,
  fingerprint: z.exactOptional(z.string()),
  about: z.exactOptional(z.string()),
  revision: z.exactOptional(z.string()),
  size: z.number(),
  created: z.number(),
});

export const objectChange = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('connected'), engine: engineAnswer }),
  z.looseObject({ type: z.literal('away'), problem: errorReport }),
  z.looseObject({ type: z.literal('containers'), rows: z.array(containerRow), gone: strings }),
  z.looseObject({ type: z.literal('images'), rows: z.array(imageRow), gone: strings }),
]);

export const imageContents = z.looseObject({
  id: z.string(),
  tags: strings,
  size: z.number(),
  created: z.number(),
  platform: z.string(),
  env: strings,
  command: strings,
  entrypoint: strings,
  user: z.string(),
  workingDir: z.string(),
  ports: strings,
  layers: z.array(z.looseObject({ createdBy: z.string(), size: z.number() })),
});

const installedPackage = z.looseObject({ name: z.string(), version: z.string(), size: z.number() });

export const installedPackages = z.array(installedPackage);

const comparedImage = z.looseObject({ id: z.string(), tags: strings, size: z.number(), created: z.number() });

export const imageComparison = z.looseObject({
  before: comparedImage,
  after: comparedImage,
  added: installedPackages,
  removed: installedPackages,
  changed: z.array(z.looseObject({ name: z.string(), before: z.string(), after: z.string(), kind: z.enum(['upgraded', 'downgraded', 'other']) })),
  same: z.number(),
});

export const removalPreview = z.looseObject({
  rows: z.array(
    z.looseObject({
      image: z.string(),
      names: strings,
      isWhole: z.boolean(),
      kind: z.exactOptional(z.string()),
      project: z.exactOptional(z.string()),
      usedBy: z.array(z.looseObject({ name: z.string(), isRunning: z.boolean() })),
    }),
  ),
  freed: z.union([z.number(), z.undefined()]),
});

export const removedImages = z.array(z.looseObject({ image: z.string(), problem: z.exactOptional(errorReport) }));
