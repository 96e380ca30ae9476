/** Reads zip archives by their central directory. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, inflateRaw } from 'node:zlib';

/** Bytes at any place of a file or of a buffer. */
export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes; rejects at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
}

export interface ZipEntry {
  /** With `/`; a folder's ends with one. */
  readonly path: string;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly packedSize: number;
  readonly crc: number;
  readonly method: number;
  readonly headerAt: number;
}

/** The archive is damaged, or holds what we do not open. The message completes "FILE is no valid wheel: …". */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

const END = 0x06054b50;
const END_SIZE = 22;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_SIZE = 20;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const LARGEST_COMMENT = 0xffff;
const IN_ZIP64 = 0xffffffff;
/** Of the list of files, in bytes: a million of them. */
const LARGEST_DIRECTORY = 128 * 1024 * 1024;
/** What is read at a time of a content that is only hashed. */
const PIECE = 256 * 1024;

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

/** @throws ZipError */
export async function readDirectory(file: RandomAccess): Promise<readonly ZipEntry[]> {
  const { offset, size, count } = await findDirectory(file);
  if (offset + size > file.size) throw new ZipError('its directory of files lies outside of it');
  if (size > LARGEST_DIRECTORY) throw new ZipError(`its directory of files is larger than ${LARGEST_DIRECTORY} bytes`);
  const directory = await file.read(offset, size);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === CENTRAL) {
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const commentLength = directory.readUInt16LE(at + 32);
    const end = at + 46 + nameLength + extraLength + commentLength;
    if (end > directory.length) throw new ZipError('its directory of files is cut short');
    entries.push(readEntry(directory, at, nameLength, extraLength));
    at = end;
  }
  if (entries.length !== count) throw new ZipError(`its directory names ${count} files but lists ${entries.length}`);
  return entries;
}

function readEntry(directory: Buffer, at: number, nameLength: number, extraLength: number): ZipEntry {
  const path = directory.toString('utf8', at + 46, at + 46 + nameLength);
  if ((directory.readUInt16LE(at + 8) & 1) !== 0) throw new ZipError(`${path} in it is encrypted`);
  if (path === '' || path.startsWith('/') || path.includes('\\') || path.includes('\0') || path.split('/').includes('..') || /^[a-z]:/i.test(path)) {
    throw new ZipError(`it holds the path "${path}", which leads out of it`);
  }
  let packedSize = directory.readUInt32LE(at + 20);
  let size = directory.readUInt32LE(at + 24);
  let headerAt = directory.readUInt32LE(at + 42);
  // The zip64 record holds, in this order, only the fields that are full in the entry itself.
  let wide = zip64Record(directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength));
  const next = (): number => {
    if (wide.length < 8) throw new ZipError(`the entry of ${path} is damaged`);
    const value = Number(wide.readBigUInt64LE(0));
    wide = wide.subarray(8);
    return value;
  };
  if (size === IN_ZIP64) size = next();
  if (packedSize === IN_ZIP64) packedSize = next();
  if (headerAt === IN_ZIP64) headerAt = next();
  return { path, size, packedSize, headerAt, crc: directory.readUInt32LE(at + 16), method: directory.readUInt16LE(at + 10) };
}

function zip64Record(extra: Buffer): Buffer {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return extra.subarray(0, 0);
}

async function findDirectory(file: RandomAccess): Promise<{ readonly offset: number; readonly size: number; readonly count: number }> {
  const tailSize = Math.min(file.size, END_SIZE + LARGEST_COMMENT);
  const tail = await file.read(file.size - tailSize, tailSize);
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    // The comment that follows must reach to the end, or this is a signature inside some content.
    if (tail.readUInt32LE(at) !== END || at + END_SIZE + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const count = tail.readUInt16LE(at + 10);
    const size = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    if (count !== 0xffff && size !== IN_ZIP64 && offset !== IN_ZIP64) return { offset, size, count };
    return (await findDirectory64(file, file.size - tailSize + at)) ?? { offset, size, count };
  }
  throw new ZipError('it is no zip archive, or its end is missing');
}

async function findDirectory64(
  file: RandomAccess,
  endAt: number,
): Promise<{ readonly offset: number; readonly size: number; readonly count: number } | undefined> {
  if (endAt < END64_LOCATOR_SIZE) return undefined;
  const locator = await file.read(endAt - END64_LOCATOR_SIZE, END64_LOCATOR_SIZE);
  if (locator.readUInt32LE(0) !== END64_LOCATOR) return undefined;
  const at = Number(locator.readBigUInt64LE(8));
  if (at + 56 > file.size) throw new ZipError('its zip64 directory lies outside of it');
  const end = await file.read(at, 56);
  if (end.readUInt32LE(0) !== END64) throw new ZipError('its zip64 directory is damaged');
  return { count: Number(end.readBigUInt64LE(32)), size: Number(end.readBigUInt64LE(40)), offset: Number(end.readBigUInt64LE(48)) };
}

/** Unpacks one file and checks its length and CRC. @throws ZipError also for more than `limit` bytes. */
export async function readEntryContent(file: RandomAccess, entry: ZipEntry, limit = 64 * 1024 * 1024): Promise<Buffer> {
  if (entry.size > limit || entry.packedSize > limit) throw new ZipError(`${entry.path} in it is larger than ${limit} bytes`);
  const packed = await file.read(await findContent(file, entry), entry.packedSize);
  const content = await unpack(entry, packed);
  if (content.length !== entry.size || crc32(content) !== entry.crc) throw new ZipError(`the content of ${entry.path} in it is damaged`);
  return content;
}

/** sha256 of one file, in hexadecimal digits: unpacked piece by piece, however large it is. @throws ZipError; rejects with the signal's reason */
export async function hashEntryContent(file: RandomAccess, entry: ZipEntry, signal?: AbortSignal): Promise<string> {
  const start = await findContent(file, entry);
  const isPacked = entry.method !== 0;
  if (isPacked && entry.method !== 8) throw otherMethod(entry);
  const packed = Readable.from(pieces(file, start, entry.packedSize, signal));
  const digest = createHash('sha256');
  let size = 0;
  let crc = 0;
  const damaged = (cause?: unknown): ZipError => new ZipError(`the content of ${entry.path} in it is damaged`, { cause });
  try {
    const unpacked = isPacked ? packed.compose(createInflateRaw()) : packed;
    for await (const piece of unpacked) {
      if (!Buffer.isBuffer(piece)) throw damaged();
      size += piece.length;
      if (size > entry.size) throw damaged();
      digest.update(piece);
      crc = crc32(piece, crc);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ZipError ? error : damaged(error);
  }
  if (size !== entry.size || crc !== entry.crc) throw damaged();
  return digest.digest('hex');
}

async function* pieces(file: RandomAccess, start: number, size: number, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += PIECE) {
    signal?.throwIfAborted();
    yield await file.read(start + at, Math.min(PIECE, size - at));
  }
}

async function findContent(file: RandomAccess, entry: ZipEntry): Promise<number> {
  if (entry.headerAt + 30 > file.size) throw new ZipError(`${entry.path} lies outside of it`);
  const header = await file.read(entry.headerAt, 30);
  if (header.readUInt32LE(0) !== LOCAL) throw new ZipError(`${entry.path} in it is damaged`);
  const start = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.packedSize > file.size) throw new ZipError(`${entry.path} in it is cut short`);
  return start;
}

async function unpack(entry: ZipEntry, packed: Buffer): Promise<Buffer> {
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw otherMethod(entry);
  try {
    // One byte more than announced, so that a longer content is an error and not a full memory.
    return await inflate(packed, { maxOutputLength: entry.size + 1 });
  } catch (cause) {
    throw new ZipError(`the content of ${entry.path} in it is damaged`, { cause });
  }
}

function otherMethod({ path, method }: ZipEntry): ZipError {
  return new ZipError(`${path} in it is compressed by a method that wheels do not use (${method})`);
}
