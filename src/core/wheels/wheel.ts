/** What a wheel file says about itself (PEP 427, core metadata). */
import { hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import { hashFile } from '../project/chunks.js';
import { normalizeName } from '../project/names.js';
import { compareVersions, parseVersion } from '../project/specifiers.js';
import { parseConsoleScripts, parseHeaders, parseRecord, type RecordEntry } from './metadata.js';
import { parseWheelName } from './wheel-name.js';
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
  const fileName = path.basename(file);
  try {
    const sha256 = await hashFile(file);
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
      return await read(fileName, access, sha256);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error)
      throw invalid(fileName, `it cannot be read (${error.code})`, error);
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
  return read(fileName, access, hash('sha256', bytes));
}

async function read(fileName: string, access: RandomAccess, sha256: string): Promise<Wheel> {
  try {
    return await readContents(fileName, access, sha256);
  } catch (error) {
    if (error instanceof ZipError) throw invalid(fileName, error.message, error);
    throw error;
  }
}

async function readContents(fileName: string, access: RandomAccess, sha256: string): Promise<Wheel> {
  const named = parseWheelName(fileName);
  if (!named) throw invalid(fileName, 'its name is not NAME-VERSION-PYTHON-ABI-PLATFORM.whl (PEP 427)');
  const entries = await readDirectory(access);
  const folder = findDistInfo(fileName, entries, named.normalizedName);
  const text = async (name: string, required: boolean): Promise<string> => {
    const found = entries.filter((entry) => entry.path === `${folder}/${name}`);
    const [entry] = found;
    if (found.length > 1) throw new ZipError(`it holds ${folder}/${name} ${found.length} times`);
    if (entry) return (await readEntryContent(access, entry)).toString('utf8');
    if (required) throw new ZipError(`it has no ${folder}/${name}`);
    return '';
  };
  const format = parseHeaders(await text('WHEEL', true)).get('wheel-version')?.[0];
  if (format?.split('.')[0] !== '1') throw new ZipError(`its format is version ${format ?? '(none)'}, and only version 1 is known`);
  const metadata = parseHeaders(await text('METADATA', true));
  const name = metadata.get('name')?.[0];
  const version = metadata.get('version')?.[0];
  if (name === undefined || version === undefined) throw new ZipError('its METADATA has no Name or no Version');
  if (normalizeName(name) !== named.normalizedName) throw new ZipError(`its METADATA is of ${name}, not of ${named.name}`);
  if (!isSameVersion(version, named.version)) throw new ZipError(`its METADATA is of version ${version}, not ${named.version}`);
  const record = parseRecord(await text('RECORD', true));
  if (!record) throw new ZipError('its RECORD is damaged');
  return {
    fileName,
    name,
    normalizedName: named.normalizedName,
    version,
    tags: named.tags,
    size: access.size,
    sha256,
    requiresPython: metadata.get('requires-python')?.[0],
    requiresDist: metadata.get('requires-dist') ?? [],
    providesExtra: metadata.get('provides-extra') ?? [],
    summary: metadata.get('summary')?.[0],
    consoleScripts: parseConsoleScripts(await text('entry_points.txt', false)),
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
