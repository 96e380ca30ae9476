/** The labels by which we know our own objects on an engine. They hold immutable facts only. */
export type Labels = Readonly<Record<string, string>>;

const PREFIX = 'io.pypackage.';

export const LABEL = {
  /** On everything of ours: what it is. See `Kind`. */
  kind: `${PREFIX}kind`,
  /** Hash of everything that shaped it. */
  fingerprint: `${PREFIX}fingerprint`,
  /** Project id: name and 8 hex digits. */
  project: `${PREFIX}project`,
  target: `${PREFIX}target`,
  /** The run that made it. */
  run: `${PREFIX}run`,
  /** On a lease: the process that holds it (holder.ts). */
  holder: `${PREFIX}holder`,
  revision: `${PREFIX}revision`,
  /** JSON of what else is worth knowing without opening the image; its form depends on the kind (pipeline/image-facts.ts). */
  facts: `${PREFIX}facts`,
  /** On a release: sha256 of the application's wheel, as the lock names it. */
  wheel: `${PREFIX}wheel.sha256`,
  /** On a release: hash of the names and hashes of the dependency wheels. */
  lock: `${PREFIX}lock.sha256`,
  /** On a release: fingerprint of the image that holds the application's wheel. */
  application: `${PREFIX}application`,
  /** On a release: fingerprints of the dependency wheels' image and of the layer that they are installed in. */
  dependencies: `${PREFIX}dependencies`,
  layer: `${PREFIX}layer`,
  /** On a release: JSON of the Debian packages that it got for its wheels, each with its reason (pipeline/image-facts.ts, `systemPackages`). */
  systemPackages: `${PREFIX}system-packages`,
  /** On a release: commands of the Procfile's process types, JSON. */
  processes: `${PREFIX}processes`,
  /** On a release: JSON of the application's modules that can be imported, and why others cannot (pipeline/image-facts.ts, `imports`). */
  imports: `${PREFIX}imports`,
} as const;

/**
 * base, builder: images · deps: dependency wheels without an operating system · wheels: the application's wheel, likewise ·
 * layer: base with the dependencies installed · release · job: a container of a run · service: a started release ·
 * lease: who holds it works on the target · cache: pip's cache volume · data: a release's data volume.
 */
export type Kind = 'base' | 'builder' | 'deps' | 'wheels' | 'layer' | 'release' | 'job' | 'service' | 'cache' | 'data' | 'lease';
