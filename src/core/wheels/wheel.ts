/** What a wheel file says about itself (PEP 427, core metadata). */
import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import { hashFile } from '../project/chunks.js';
import { normalizeName } from '../project/names.js';
import { compareVersions, parseVersion } from '../project/specifiers.js';
import { parseConsoleScripts, parseHeaders, parseRecord, type RecordEntry } from './metadata.js';
import { parseWheelName, type WheelName } from './wheel-name.js';
import { readDirectory, readEntryContent, ZipError, type RandomAccess, type ZipEntry } from './zip.js';

export interface Wheel {
  readonly fileName: string;
  readonly name: string;
  readonly normalizedName: string;
  readonly version: string;
  /** Expanded: `py3-none-any`. */
  readonly tags: readonly string[];
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly requiresPython: string | undefined;
  readonly requiresDist: readonly string[];
  readonly providesExtra: readonly string[];
  readonly summary: string | undefined;
  /** `console_scripts` by name. */
  readonly consoleScripts: ReadonlyMap<string, string>;
  /** Paths of RECORD with their `sha256=…` where given. */
  readonly record: readonly RecordEntry[];
}

/** @throws UserError `wheel-invalid` that names the file and what is wrong */
export async function readWheel(file: string): Promise<Wheel> {
  const sha256 = await hashWheel(file);
  return withWheel(file, async (fileName, access) => wheelOf(await readParts(fileName, access), access.size, sha256));
}

/** sha256 of a wheel's file. @throws UserError `wheel-invalid` where it cannot be read */
export async function hashWheel(file: string, signal?: AbortSignal): Promise<string> {
  return unreadable(file, () => hashFile(file, signal));
}

/** Opens a file for as long as the work takes. @throws UserError `wheel-invalid` for what cannot be read, and for every ZipError of the work */
export async function withWheel<T>(file: string, work: (fileName: string, access: RandomAccess) => Promise<T>): Promise<T> {
  const fileName = path.basename(file);
  return unreadable(file, async () => {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const access: RandomAccess = {
        size,
        async read(position, length) {
          const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
          if (bytesRead !== length) throw new ZipError('its end is missing');
          return buffer;
        },
      };
      return await naming(fileName, () => work(fileName, access));
    } finally {
      await handle.close();
    }
  });
}

async function unreadable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error)
      throw invalid(path.basename(file), `it cannot be read (${error.code})`, error);
    throw error;
  }
}

/** @throws UserError `wheel-invalid` */
export async function readWheelBuffer(fileName: string, content: Uint8Array): Promise<Wheel> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const access: RandomAccess = {
    size: bytes.length,
    async read(position, length) {
      if (position + length > bytes.length) throw new ZipError('its end is missing');
      return bytes.subarray(position, position + length);
    },
  };
  return naming(fileName, async () => wheelOf(await readParts(fileName, access), access.size, hash('sha256', bytes)));
}

async function naming<T>(fileName: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ZipError) throw invalid(fileName, error.message, error);
    throw error;
  }
}

/** What a wheel holds, read and checked: the files of its .dist-info, and the directory of the archive. */
export interface WheelParts {
  readonly fileName: string;
  readonly named: WheelName;
  /** Of METADATA. */
  readonly name: string;
  readonly version: string;
  readonly metadata: ReadonlyMap<string, readonly string[]>;
  readonly metadataText: string;
  /** Headers of WHEEL. */
  readonly format: ReadonlyMap<string, readonly string[]>;
  readonly record: readonly RecordEntry[];
  /** entry_points.txt; empty where there is none. */
  readonly entryPoints: string;
  readonly entries: readonly ZipEntry[];
}

/** @param limit of each text file in it, in bytes @throws ZipError, UserError `wheel-invalid` */
export async function readParts(fileName: string, access: RandomAccess, limit?: number): Promise<WheelParts> {
  const named = parseWheelName(fileName);
  if (!named) throw invalid(fileName, 'its name is not NAME-VERSION-PYTHON-ABI-PLATFORM.whl (PEP 427)');
  const entries = await readDirectory(access);
  const folder = findDistInfo(fileName, entries, named.normalizedName);
  const text = async (name: string, required: boolean): Promise<string> => {
    const found = entries.filter((entry) => entry.path === `${folder}/${name}`);
    const [entry] = found;
    if (found.length > 1) throw new ZipError(`it holds ${folder}/${name} ${found.length} times`);
    if (entry) return (await readEntryContent(access, entry, limit)).toString('utf8');
    if (required) throw new ZipError(`it has no ${folder}/${name}`);
    return '';
  };
  const format = parseHeaders(await text('WHEEL', true));
  const formatVersion = format.get('wheel-version')?.[0];
  if (formatVersion?.split('.')[0] !== '1') throw new ZipError(`its format is version ${formatVersion ?? '(none)'}, and only version 1 is known`);
  const metadataText = await text('METADATA', true);
  const metadata = parseHeaders(metadataText);
  const name = metadata.get('name')?.[0];
  const version = metadata.get('version')?.[0];
  if (name === undefined || version === undefined) throw new ZipError('its METADATA has no Name or no Version');
  if (normalizeName(name) !== named.normalizedName) throw new ZipError(`its METADATA is of ${name}, not of ${named.name}`);
  if (!isSameVersion(version, named.version)) throw new ZipError(`its METADATA is of version ${version}, not ${named.version}`);
  const record = parseRecord(await text('RECORD', true));
  if (!record) throw new ZipError('its RECORD is damaged');
  return { fileName, named, name, version, metadata, metadataText, format, record, entryPoints: await text('entry_points.txt', false), entries };
}

function wheelOf({ fileName, named, name, version, metadata, record, entryPoints }: WheelParts, size: number, sha256: string): Wheel {
  return {
    fileName,
    name,
    normalizedName: named.normalizedName,
    version,
    tags: named.tags,
    size,
    sha256,
    requiresPython: metadata.get('requires-python')?.[0],
    requiresDist: metadata.get('requires-dist') ?? [],
    providesExtra: metadata.get('provides-extra') ?? [],
    summary: metadata.get('summary')?.[0],
    consoleScripts: parseConsoleScripts(entryPoints),
    record,
  };
}

/** The one `NAME-VERSION.dist-info`. Libraries may hold folders of that kind deeper inside, as copies of other projects. */
function findDistInfo(fileName: string, entries: readonly ZipEntry[], normalizedName: string): string {
  const folders = new Set(entries.map((entry) => /^([^/]+\.dist-info)\//.exec(entry.path)?.[1]).filter((folder) => folder !== undefined));
  const [folder] = folders;
  if (folder === undefined) throw invalid(fileName, 'it has no .dist-info folder');
  if (folders.size > 1) throw invalid(fileName, `it has more than one .dist-info folder: ${[...folders].sort().join(', ')}`);
  if (normalizeName(folder.replace(/-[^-]*\.dist-info$/, '')) !== normalizedName) throw invalid(fileName, `its ${folder} is of another project`);
  return folder;
}

function isSameVersion(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left !== undefined && right !== undefined && compareVersions(left, right) === 0;
}

function invalid(fileName: string, what: string, cause?: unknown): UserError {
  return new UserError({ kind: 'stage', code: 'wheel-invalid', message: `${fileName} is no valid wheel: ${what}`, where: { file: fileName }, cause });
}
