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
  revision: `${PREFIX}revision`,
  /** On an application wheel's image: hash of the Requires-Dist that its METADATA states. */
  requires: `${PREFIX}requires`,
  /** On wheel images: JSON of the wheels in it. */
  wheels: `${PREFIX}wheels`,
  /** On a release: sha256 of the application's wheel, as the lock names it. */
  wheel: `${PREFIX}wheel.sha256`,
  lock: `${PREFIX}lock.sha256`,
} as const;

/**
 * base, builder: images · deps: dependency wheels without an operating system · wheels: the application's wheel, likewise ·
 * layer: base with the dependencies installed · release · job: a container of a run · service: a started release ·
 * cache: pip's cache volume · data: a release's data volume.
 */
export type Kind = 'base' | 'builder' | 'deps' | 'wheels' | 'layer' | 'release' | 'job' | 'service' | 'cache' | 'data';
