/** Small tars: a few files into a container, and reading what comes out of one. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';

export interface PackedFile {
  /** With or without a leading `/`; one that ends in `/` is a directory and its content is not looked at. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** 2020-02-02T00:00:00Z, the same as for wheels: equal files make equal tars. */
const MTIME = new Date(1_580_601_600_000);

/** A tar in memory, sorted by the bytes of the paths. Parent directories that are missing are made by whoever unpacks it. */
export function packFiles(files: readonly PackedFile[]): Readable {
  const tar = pack();
  const named = files.map((file) => ({ file, name: file.path.replace(/^\/+/, '') }));
  named.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  for (const { file, name } of named) {
    const directory = name.endsWith('/');
    const head = { name, mode: file.mode, uid: file.uid ?? 0, gid: file.gid ?? 0, mtime: MTIME, type: directory ? ('directory' as const) : ('file' as const) };
    if (directory) tar.entry(head);
    else tar.entry(head, Buffer.from(file.content));
  }
  tar.finalize();
  // tar-stream's streams are not Node's; wrapped, they behave as everybody expects.
  return Readable.from(tar, { objectMode: false });
}

export interface TarEntry {
  /** As it stands in the tar, without a leading `./`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'other';
  readonly mode: number;
  readonly size: number;
  /** Target of a link; empty for anything else. */
  readonly linkname: string;
}

/** Calls `onEntry` for one entry after the other; content that it does not read is skipped. Rejects when the tar is damaged or ends early. */
export async function readTar(tar: Readable, onEntry: (entry: TarEntry, content: Readable) => Promise<void> | void): Promise<void> {
  const entries = extract();
  // Not awaited yet: it settles only after the loop below has taken everything.
  const fed = pipeline(tar, entries);
  fed.catch(() => undefined);
  for await (const entry of entries) {
    const content = Readable.from(entry, { objectMode: false });
    const { name, type, mode, size, linkname } = entry.header;
    await onEntry({ path: name.replace(/^\.\//, ''), type: typeOf(type), mode: mode ?? 0, size: size ?? 0, linkname: linkname ?? '' }, content);
    if (!content.readableEnded) entry.resume();
  }
  await fed;
}

function typeOf(type: string | null | undefined): TarEntry['type'] {
  if (type === 'contiguous-file') return 'file';
  return type === 'file' || type === 'directory' || type === 'symlink' || type === 'link' ? type : 'other';
}
