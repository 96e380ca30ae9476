/** What a program that reads `--json` may rely on, written apart from the types that made it. */
import { z } from 'zod';

const stage = z.enum(['base', 'builder', 'wheels', 'release']);
const count = z.int().min(0);
const text = z.string().min(1);

const error = z.strictObject({
  kind: z.enum(['stage', 'project', 'engine', 'lease', 'defect', 'cancelled']),
  code: text,
  message: text,
  where: z.strictObject({ file: text, line: count.optional(), column: count.optional() }).optional(),
  related: z.array(z.strictObject({ file: text, line: count.optional(), column: count.optional(), what: text })).optional(),
  why: z.string().optional(),
  fix: z.string().optional(),
  detail: z.string().optional(),
});

const head = { v: z.literal(1), run: text, seq: z.int().min(1), time: z.iso.datetime(), target: text };

export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...head,
    type: z.literal('run.started'),
    project: z.strictObject({ name: text, version: text.optional(), root: text }),
    python: text,
    engine: text,
    stages: z.array(stage),
    facts: z.array(z.string()),
    log: text.optional(),
  }),
  z.strictObject({ ...head, type: z.literal('stage.started'), stage, reason: text }),
  z.strictObject({
    ...head,
    type: z.literal('step'),
    stage,
    id: text,
    name: text,
    state: z.enum(['started', 'cached', 'done', 'failed']),
    ms: z.number().min(0).optional(),
  }),
  z.strictObject({
    ...head,
    type: z.literal('log'),
    stage,
    step: z.string().optional(),
    stream: z.enum(['stdout', 'stderr', 'note']),
    text: z.string(),
    end: z.enum(['\r\n', '\r', '']).optional(),
  }),
  z.strictObject({
    ...head,
    type: z.literal('progress'),
    stage,
    label: z.string(),
    current: z.number(),
    total: z.number().optional(),
    unit: z.enum(['bytes', 'items']),
  }),
  z.strictObject({
    ...head,
    type: z.literal('artifact'),
    stage,
    kind: z.enum(['image', 'wheel', 'lock', 'export']),
    name: text,
    digest: text.optional(),
    size: count.optional(),
  }),
  z.strictObject({ ...head, type: z.literal('stage.skipped'), stage, reason: text }),
  z.strictObject({ ...head, type: z.literal('stage.finished'), stage, summary: text, detail: z.string(), ms: z.number().min(0) }),
  z.strictObject({ ...head, type: z.literal('stage.failed'), stage, error, ms: z.number().min(0) }),
  z.strictObject({
    ...head,
    type: z.literal('run.finished'),
    outcome: z.enum(['done', 'failed', 'cancelled']),
    changed: z.boolean(),
    ms: z.number().min(0),
    error: error.optional(),
    release: z
      .strictObject({
        name: text,
        version: text,
        image: text,
        tags: z.array(text).min(1),
        imageId: text,
        size: z.int().min(1),
        command: z.array(z.string()).min(1),
        serves: z.boolean(),
      })
      .optional(),
  }),
]);

export type JsonEvent = z.infer<typeof eventSchema>;

/** The events of one run; throws where a line is not one, or where they are not numbered from 1 without gaps. */
export function parseEvents(output: string): readonly JsonEvent[] {
  const events = output
    .trimEnd()
    .split('\n')
    .map((line) => eventSchema.parse(JSON.parse(line)));
  events.forEach(({ seq, run }, index) => {
    if (seq !== index + 1 || run !== events[0]?.run) throw new Error(`event ${index + 1} is number ${seq} of run ${run}`);
  });
  return events;
}

const service = z.strictObject({ id: text, name: text, state: text, health: z.string(), url: z.url().optional(), image: text });

export const statusSchema = z.strictObject({
  v: z.literal(1),
  project: z.strictObject({ name: text, version: text.optional(), root: text, id: z.string().regex(/^.+-[0-9a-f]{8}$/) }),
  target: text,
  python: z.strictObject({ version: text, reason: text }),
  baseImage: z.strictObject({ reference: text, source: text }),
  engine: z.strictObject({ product: text, version: text, url: text, source: text }),
  stages: z.array(
    z.strictObject({
      stage,
      state: z.enum(['up to date', 'stale', 'never run', 'unknown']),
      reason: z.string(),
      artifact: z.strictObject({ id: z.string().regex(/^sha256:[0-9a-f]{64}$/), name: text, size: count, created: count }).optional(),
    }),
  ),
  release: z.strictObject({ image: text, tags: z.array(text), size: count, created: count }).optional(),
  services: z.array(service),
  running: z.strictObject({ run: text, startedAt: count, where: z.enum(['this machine', 'another machine']) }).optional(),
});

export const errorSchema = z.strictObject({ v: z.literal(1), error });
