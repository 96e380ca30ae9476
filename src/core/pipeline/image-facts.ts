/** What our images say about themselves in the label `io.pypackage.facts`, by kind. Parsed at the edge: labels can be anything. */
import * as z from 'zod/mini';
import type { ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';

const strings = z.array(z.string());

export const baseFacts = z.object({
  /** `3.13.1` */
  python: z.string(),
  /** `debian-12` */
  distribution: z.string(),
  systemPython: z.boolean(),
  /** As Python names it: `x86_64`, `aarch64`. */
  machine: z.string(),
  /** Version of the GNU C library, which decides what binary wheels fit (PEP 600): `2.36`. */
  glibc: z.string(),
  /** Of a rustc that the image brings on its PATH: `1.85.0`. */
  rust: z.exactOptional(z.string()),
  /** Reference and identity of the image it was made from. */
  from: z.string(),
});
export type BaseImageFacts = z.infer<typeof baseFacts>;

/** Debian packages, each with its reason in words and as file names: wheel → library → package. */
export const systemPackages = z.array(z.object({ package: z.string(), because: z.string(), wheel: z.string(), library: z.string() }));
export type SystemPackages = z.infer<typeof systemPackages>;

export const applicationFacts = z.object({
  file: z.string(),
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  size: z.number(),
  requiresDist: strings,
  providesExtra: strings,
  scripts: strings,
  /** Names to import. */
  modules: strings,
  /** What the wheel needs at run time. */
  system: systemPackages,
});
export type ApplicationFacts = z.infer<typeof applicationFacts>;

/** Modules of the application that can be imported in the release, and the reason of each that cannot. */
export const imports = z.object({ ok: strings, failed: z.record(z.string(), z.string()) });
export type Imports = z.infer<typeof imports>;

export const dependencyFacts = z.object({
  /** `django==5.2.1`, normalised. */
  packages: strings,
  /** Hash of the names and hashes of all wheels. */
  lock: z.string(),
  size: z.number(),
  /** Debian packages that the wheels need at run time. */
  system: systemPackages,
});
export type DependencyFacts = z.infer<typeof dependencyFacts>;

/** undefined for an image that does not say it, or not in a form we know. */
export function readFacts<T extends z.ZodMiniType>(schema: T, image: ImageSummary): z.infer<T> | undefined {
  const text = image.labels[LABEL.facts];
  if (text === undefined) return undefined;
  try {
    const parsed = z.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
