/** What the core says of wheels, as documents.ts. */
import * as z from 'zod/mini';
import { errorReport } from './documents.js';

const strings = z.array(z.string());

const warning = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('missing') }),
  z.looseObject({ kind: z.literal('other-size'), locked: z.number() }),
  z.looseObject({ kind: z.literal('unlisted') }),
  z.looseObject({ kind: z.literal('not-in-lock'), lock: z.string() }),
  z.looseObject({ kind: z.literal('other-version'), lock: z.string(), version: z.string() }),
  z.looseObject({ kind: z.literal('other-hash'), lock: z.string() }),
  z.looseObject({ kind: z.literal('python'), python: z.string() }),
  z.looseObject({
    kind: z.literal('platform'),
    misfit: z.discriminatedUnion('of', [
      z.looseObject({ of: z.literal('libc'), wheel: z.literal('musl'), base: z.string() }),
      z.looseObject({ of: z.literal('glibc'), wheel: z.string(), base: z.string() }),
      z.looseObject({ of: z.literal('machine'), wheel: z.string(), base: z.string() }),
      z.looseObject({ of: z.literal('system'), wheel: z.string(), base: z.literal('linux') }),
    ]),
  }),
]);

export const wheelsDocument = z.looseObject({
  project: z.looseObject({ root: z.string(), name: z.string() }),
  target: z.string(),
  folder: z.string(),
  python: z.exactOptional(z.string()),
  lock: z.exactOptional(z.string()),
  lockProblem: z.exactOptional(errorReport),
  wheels: z.array(
    z.looseObject({
      name: z.string(),
      version: z.string(),
      file: z.string(),
      path: z.string(),
      role: z.enum(['application', 'dependency', 'none']),
      tags: strings,
      size: z.number(),
      modified: z.exactOptional(z.number()),
      sha256: z.exactOptional(z.string()),
      warnings: z.array(warning),
    }),
  ),
});

export const wheelContents = z.looseObject({
  file: z.string(),
  name: z.string(),
  version: z.string(),
  build: z.exactOptional(z.string()),
  tags: strings,
  size: z.number(),
  modified: z.number(),
  sha256: z.exactOptional(z.string()),
  summary: z.exactOptional(z.string()),
  requiresPython: z.exactOptional(z.string()),
  requires: strings,
  extras: strings,
  headers: z.array(z.looseObject({ name: z.string(), values: strings })),
  description: z.exactOptional(z.looseObject({ text: z.string(), type: z.string(), isCut: z.boolean() })),
  generator: z.exactOptional(z.string()),
  isPure: z.exactOptional(z.boolean()),
  entryPoints: z.array(z.looseObject({ group: z.string(), name: z.string(), value: z.string() })),
  files: z.array(z.looseObject({ path: z.string(), size: z.number() })),
  moreFiles: z.number(),
  unrecorded: strings,
  missing: strings,
  locked: z.exactOptional(z.enum(['as locked', 'other', 'unlisted'])),
});

export const wheelVerdict = z.looseObject({
  path: z.string(),
  state: z.enum(['as locked', 'other', 'missing', 'unlisted', 'damaged']),
  sha256: z.exactOptional(z.string()),
  files: z.array(z.looseObject({ path: z.string(), kind: z.enum(['missing', 'different', 'unknown-algorithm', 'unrecorded']) })),
  problem: z.exactOptional(z.string()),
});

export const deletedWheels = z.looseObject({ files: strings, freed: z.number() });
