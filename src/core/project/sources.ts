/** The files that a wheel is built from: listed, hashed and sent in one order with normalised modes. */
import type { Readable } from 'node:stream';

export interface SourceFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
  /** sha256 of the content, or of the link's target. */
  readonly sha256: string;
}

export interface SourceTree {
  readonly root: string;
  /** Sorted by the bytes of their paths. */
  readonly files: readonly SourceFile[];
  /** sha256 over paths, kinds, executable bits and contents. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export interface SourceTar {
  (): Readable;
}
// export async function readSources(root, { cacheFile?: string, signal? }): Promise<SourceTree>
// export function packSources(tree: SourceTree, prefix: string): Readable      tar; a file that changed since is a UserError
// export function changedFiles(before: ReadonlyMap<string, string>, tree: SourceTree): readonly string[]
