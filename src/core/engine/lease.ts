/** Who works on a target: a container of that name, which one process at a time can have. */
import type { Labels } from './labels.js';

export interface LeaseRequest {
  /** The container's name: who has it, has the lease. */
  readonly name: string;
  /** Any image with `cat`. */
  readonly image: string;
  readonly labels: Labels;
  readonly signal?: AbortSignal;
}

export interface Lease {
  readonly held: true;
  /** Aborts when it is gone although nobody released it: the holder slept and another took it over, or somebody removed it. */
  readonly lost: AbortSignal;
  /** Asks the engine; rejects when that does not answer. */
  isHeld(): Promise<boolean>;
  /** Lets go; the name is free a moment later. */
  release(): Promise<void>;
}
