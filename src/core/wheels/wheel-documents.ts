/** What front ends are told of wheels. Facts only: the words are theirs. */
import type { ErrorReport } from '../errors.js';

/** What is not as it should be with a wheel of a project. */
export type WheelWarning =
  /** The lock names it, and it is not there. */
  | { readonly kind: 'missing' }
  /** Bytes. */
  | { readonly kind: 'other-size'; readonly locked: number }
  /** It lies in the folder, and the lock beside it does not name it. */
  | { readonly kind: 'unlisted' }
  /** The project's own lock does not name it. */
  | { readonly kind: 'not-in-lock'; readonly lock: string }
  /** The project's own lock has another version. */
  | { readonly kind: 'other-version'; readonly lock: string; readonly version: string }
  /** The project's own lock has this version, and no file with the hash of what this one came from. */
  | { readonly kind: 'other-hash'; readonly lock: string }
  /** Its tags are of other Pythons. */
  | { readonly kind: 'python'; readonly python: string }
  | { readonly kind: 'platform'; readonly misfit: PlatformMisfit };

/** What it was made for, and what the base image is. */
export type PlatformMisfit =
  | { readonly of: 'libc'; readonly wheel: 'musl'; readonly base: string }
  | { readonly of: 'glibc'; readonly wheel: string; readonly base: string }
  | { readonly of: 'machine'; readonly wheel: string; readonly base: string }
  /** Such as macosx_11_0_arm64. */
  | { readonly of: 'system'; readonly wheel: string; readonly base: 'linux' };

export interface WheelEntry {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** `none`: no lock names it. */
  readonly role: 'application' | 'dependency' | 'none';
  /** Expanded: `py3-none-any`. */
  readonly tags: readonly string[];
  /** Bytes, as it is on the disk; of a missing one as it is locked. */
  readonly size: number;
  /** Milliseconds since 1970; undefined: it is missing. */
  readonly modified?: number;
  /** Hex, as it is locked; undefined where nothing locks it. */
  readonly sha256?: string;
  readonly warnings: readonly WheelWarning[];
}

export interface WheelsDocument {
  readonly project: { readonly root: string; readonly name: string };
  readonly target: string;
  /** Absolute: where the wheels are exported to. */
  readonly folder: string;
  /** `3.13`, which the wheels are for; undefined where there is no export. */
  readonly python?: string;
  /** The project's own lock, relative to its folder. */
  readonly lock?: string;
  /** Why the wheels are not compared with it. */
  readonly lockProblem?: ErrorReport;
  /** The application first, then dependencies by name, then what no lock names. */
  readonly wheels: readonly WheelEntry[];
}

export interface EntryPointRow {
  readonly group: string;
  readonly name: string;
  readonly value: string;
}

export interface WheelContents {
  readonly file: string;
  readonly name: string;
  readonly version: string;
  /** Of the file's name. */
  readonly build?: string;
  readonly tags: readonly string[];
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Hex; undefined unless it was asked for. */
  readonly sha256?: string;
  readonly summary?: string;
  readonly requiresPython?: string;
  /** PEP 508. */
  readonly requires: readonly string[];
  readonly extras: readonly string[];
  /** Headers of METADATA that people read, as they are written there: `Author`, `License-Expression`, `Project-URL` … */
  readonly headers: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** The text behind the headers, and its content type. */
  readonly description?: { readonly text: string; readonly type: string; readonly isCut: boolean };
  readonly generator?: string;
  readonly isPure?: boolean;
  readonly entryPoints: readonly EntryPointRow[];
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Files beyond those that are listed. */
  readonly moreFiles: number;
  /** What RECORD and the archive do not say alike, as far as their lists tell; paths. */
  readonly unrecorded: readonly string[];
  readonly missing: readonly string[];
  /** Compared with the lock of the export that it lies in; undefined where it lies in none, or its hash was not asked for. */
  readonly locked?: 'as locked' | 'other' | 'unlisted';
}

export interface WheelVerdict {
  readonly path: string;
  readonly state: 'as locked' | 'other' | 'missing' | 'unlisted' | 'damaged';
  /** Hex; undefined: it is missing. */
  readonly sha256?: string;
  /** Files in it that are not as its RECORD says. */
  readonly files: readonly { readonly path: string; readonly kind: 'missing' | 'different' | 'unknown-algorithm' | 'unrecorded' }[];
  /** Why it cannot be read. */
  readonly problem?: string;
}

export interface DeletedWheels {
  /** Absolute. */
  readonly files: readonly string[];
  /** Bytes. */
  readonly freed: number;
}
