/** Sources as a tar: one order, normalised modes, owners and times, so that the same tree gives the same bytes. */
import { createHash, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../errors.js';
import { readChunks } from './chunks.js';
import { unreadable, type SourceFile, type SourceTree } from './sources.js';
import { endOfTar, tarHeader, tarPadding } from './tar.js';

/**
 * Small files are put together into chunks of this size: each chunk costs a turn of the event loop and a system call. Larger ones are
 * no faster, and pile up: V8 collects buffers only once there are many.
 */
const CHUNK = 64 * 1024;
const STREAM_FROM = 1024 * 1024;

/**
 * A tar of the tree below `prefix` (`src`; empty for none). Errors with UserError `source-changed` when a file is no longer
 * the one that was hashed.
 * @param check sees the beginning of each file; what it throws ends the tar
 */
export function packSources(tree: SourceTree, prefix: string, check?: Check): Readable {
  return Readable.from(coalesce(entries(tree, prefix.replace(/^\/+|\/+$/g, ''), check)), { objectMode: false, highWaterMark: 2 * CHUNK });
}

async function* coalesce(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    pending.push(part);
    size += part.byteLength;
    if (size < CHUNK) continue;
    yield together(pending, size);
    pending = [];
    size = 0;
  }
  if (size > 0) yield together(pending, size);
}

/** Without a copy where there is one piece only, as within a large file. */
function together(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = parts;
  return only && parts.length === 1 ? only : Buffer.concat(parts, size);
}

type Check = (file: SourceFile, content: Uint8Array) => void;

async function* entries(tree: SourceTree, prefix: string, check: Check | undefined): AsyncGenerator<Uint8Array> {
  const folders = new Set<string>();
  for (const folder of parentsOf(`${prefix}/`)) yield folderHeader(folder, folders);
  for (const file of tree.files) {
    const name = prefix === '' ? file.path : `${prefix}/${file.path}`;
    for (const folder of parentsOf(name)) if (!folders.has(folder)) yield folderHeader(folder, folders);
    if (file.kind === 'link') {
      yield tarHeader({ name, type: 'link', mode: 0o777, size: 0, target: file.target ?? '' });
      continue;
    }
    yield tarHeader({ name, type: 'file', mode: file.executable ? 0o755 : 0o644, size: file.size });
    let isFirst = true;
    for await (const chunk of content(tree, file)) {
      if (isFirst) check?.(file, chunk);
      isFirst = false;
      yield chunk;
    }
    yield tarPadding(file.size);
  }
  yield endOfTar();
}

function folderHeader(folder: string, written: Set<string>): Uint8Array {
  written.add(folder);
  return tarHeader({ name: `${folder}/`, type: 'folder', mode: 0o755, size: 0 });
}

/** `a`, `a/b` for `a/b/c`. */
function parentsOf(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/')).filter((folder) => folder !== '');
}

async function* content(tree: SourceTree, file: SourceFile): AsyncGenerator<Uint8Array> {
  const absolute = path.join(tree.root, file.path);
  try {
    if (file.size < STREAM_FROM) {
      const bytes = readFileSync(absolute);
      if (bytes.length !== file.size || hash('sha256', bytes) !== file.sha256) throw changed(file);
      yield bytes;
      return;
    }
    const digest = createHash('sha256');
    let size = 0;
    // One byte more than expected is enough to see that the file grew.
    for await (const chunk of readChunks(absolute, { limit: file.size + 1 })) {
      size += chunk.length;
      if (size > file.size) throw changed(file);
      digest.update(chunk);
      yield chunk;
    }
    if (size !== file.size || digest.digest('hex') !== file.sha256) throw changed(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw changed(file, error);
    throw unreadable(tree.root, file.path, error);
  }
}

function changed(file: SourceFile, cause?: unknown): UserError {
  return new UserError({
    kind: 'project',
    code: 'source-changed',
    message: `${file.path} changed while it was being packaged`,
    where: { file: file.path },
    why: 'A wheel must be built from one state of the sources',
    fix: 'Build again once nothing writes to it',
    cause,
  });
}
