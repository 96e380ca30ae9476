/** What is on an engine, as front ends list it: plain rows, and how they change. */
import type { ErrorReport } from '../errors.js';
import type { ContainerSummary, ImageSummary } from '../engine/engine.js';
import { LABEL } from '../engine/labels.js';
import { formatCount } from '../format.js';
import { applicationFacts, baseFacts, dependencyFacts, readFacts } from '../pipeline/image-facts.js';
import type { EngineAnswer } from '../request.js';

interface Owned {
  /** What it is of ours (engine/labels.ts, `Kind`); undefined for somebody else's. */
  readonly kind?: string;
  /** Project id; images that several projects may share have none. */
  readonly project?: string;
  readonly target?: string;
}

export interface ContainerRow extends Owned {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: ContainerSummary['state'];
  readonly health: ContainerSummary['health'];
  /** Of one that has ended. */
  readonly exitCode?: number;
  /** Milliseconds since 1970, full seconds. */
  readonly created: number;
  /** Of one that runs, as exactly as the engine's list tells it: milliseconds since 1970 by this machine's clock, full seconds. */
  readonly upSince?: number;
  readonly ports: ContainerSummary['ports'];
}

export interface ImageRow extends Owned {
  readonly id: string;
  readonly tags: readonly string[];
  readonly fingerprint?: string;
  /** What it says about itself: `Python 3.13.1`, the name of a wheel, `14 packages`. */
  readonly about?: string;
  /** The commit of a release. */
  readonly revision?: string;
  /** Bytes, as the engine counts. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Rows that came or are other than before, and the ids of those that went. */
export interface RowChanges<T> {
  readonly rows: readonly T[];
  readonly gone: readonly string[];
}

export type ObjectChange =
  /** It answers, and what there is has been told. */
  | { readonly type: 'connected'; readonly engine: EngineAnswer }
  /** It does not, and is tried again until it does. Rows stay as they were last seen. */
  | { readonly type: 'away'; readonly problem: ErrorReport }
  | ({ readonly type: 'containers' } & RowChanges<ContainerRow>)
  | ({ readonly type: 'images' } & RowChanges<ImageRow>);

export function containerRow(
  { id, name, image, imageId, labels, state, health, exitCode, created, ports }: ContainerSummary,
  upSince: number | undefined,
): ContainerRow {
  return {
    id,
    name,
    image,
    imageId,
    ...owned(labels),
    state,
    health,
    ...(exitCode !== undefined && { exitCode }),
    created: Math.floor(created / 1000) * 1000,
    ...(upSince !== undefined && { upSince }),
    // Podman and Docker list one port once for each address: in an order that changes.
    ports: [...ports].sort((a, b) => a.container - b.container || a.host - b.host || a.address.localeCompare(b.address)),
  };
}

export function imageRow(image: ImageSummary): ImageRow {
  const { id, tags, labels, size, created } = image;
  const about = aboutImage(image);
  const { [LABEL.fingerprint]: fingerprint, [LABEL.revision]: revision } = labels;
  return {
    id,
    tags: [...tags].sort(),
    ...owned(labels),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(about !== undefined && { about }),
    ...(revision !== undefined && revision !== '' && { revision }),
    size,
    created,
  };
}

function aboutImage(image: ImageSummary): string | undefined {
  const kind = image.labels[LABEL.kind];
  if (kind === 'wheels') return readFacts(applicationFacts, image)?.file || undefined;
  if (kind === 'deps') {
    const packages = readFacts(dependencyFacts, image)?.packages;
    return packages && formatCount(packages.length, 'package');
  }
  const python = readFacts(baseFacts, image)?.python;
  return python === undefined ? undefined : `Python ${python}`;
}

function owned({ [LABEL.kind]: kind, [LABEL.project]: project, [LABEL.target]: target }: ContainerSummary['labels']): Owned {
  return { ...(kind !== undefined && { kind }), ...(project !== undefined && { project }), ...(target !== undefined && { target }) };
}
