/** What people want to see of a wheel file, wherever it lies. Nothing of it is run, and what is read has limits: a file may be anything. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readExportedLock } from './export.js';
import { parseBody, parseEntryPoints, type RecordEntry } from './metadata.js';
import { hashWheel, readParts, withWheel, type WheelParts } from './wheel.js';
import type { WheelContents } from './wheel-documents.js';
import type { ZipEntry } from './zip.js';

/** Of METADATA, RECORD and the others, in bytes. */
const LARGEST_TEXT = 16 * 1024 * 1024;
/** Characters of a description. */
const LONGEST_DESCRIPTION = 200_000;
const MOST_FILES = 20_000;
/** Requirements, classifiers, entry points … of one kind. */
const MOST_VALUES = 2_000;

/** What METADATA says that is not shown in another place; in the order in which it is shown. */
const HEADERS = [
  'License-Expression',
  'License',
  'License-File',
  'Author',
  'Author-email',
  'Maintainer',
  'Maintainer-email',
  'Home-page',
  'Download-URL',
  'Project-URL',
  'Keywords',
  'Platform',
  'Requires-External',
  'Classifier',
  'Metadata-Version',
];

/**
 * @param options.hash whether the whole file is read for its sha256
 * @throws UserError `wheel-invalid`; rejects with the signal's reason
 */
export async function readWheelContents(file: string, options: { readonly hash: boolean; readonly signal: AbortSignal }): Promise<WheelContents> {
  const parts = await withWheel(file, (fileName, access) => readParts(fileName, access, LARGEST_TEXT));
  const { size, mtimeMs } = await stat(file);
  const sha256 = options.hash ? await hashWheel(file, options.signal) : undefined;
  const locked = sha256 === undefined ? undefined : await compareWithExport(file, sha256);
  return {
    ...contentsOf(parts),
    size,
    modified: mtimeMs,
    ...(sha256 !== undefined && { sha256 }),
    ...(locked !== undefined && { locked }),
  };
}

function contentsOf({
  fileName,
  named,
  name,
  version,
  metadata,
  metadataText,
  format,
  record,
  entryPoints,
  entries,
}: WheelParts): Omit<WheelContents, 'size' | 'modified'> {
  const first = (header: string): string | undefined => metadata.get(header)?.[0];
  const values = (header: string): readonly string[] => (metadata.get(header) ?? []).slice(0, MOST_VALUES);
  const summary = first('summary');
  const requiresPython = first('requires-python');
  const generator = format.get('generator')?.[0];
  const isPure = format.get('root-is-purelib')?.[0];
  const description = descriptionOf(first('description'), parseBody(metadataText), first('description-content-type'));
  const files = entries.filter(isFile);
  return {
    file: fileName,
    name,
    version,
    ...(named.build !== undefined && { build: named.build }),
    tags: named.tags,
    ...(summary !== undefined && { summary }),
    ...(requiresPython !== undefined && { requiresPython }),
    requires: values('requires-dist'),
    extras: values('provides-extra'),
    headers: HEADERS.map((header) => ({ name: header, values: values(header.toLowerCase()) })).filter(({ values }) => values.length > 0),
    ...(description && { description }),
    ...(generator !== undefined && { generator }),
    ...(isPure !== undefined && { isPure: isPure.toLowerCase() === 'true' }),
    entryPoints: parseEntryPoints(entryPoints).slice(0, MOST_VALUES),
    files: files.slice(0, MOST_FILES).map(({ path, size }) => ({ path, size })),
    moreFiles: Math.max(0, files.length - MOST_FILES),
    ...compareLists(record, files),
  };
}

const isFile = ({ path }: ZipEntry): boolean => !path.endsWith('/');

/** Of old formats it is a header. */
function descriptionOf(header: string | undefined, body: string, type = 'text/x-rst'): WheelContents['description'] {
  const text = body.trim() === '' ? (header ?? '') : body;
  if (text.trim() === '' || text.trim() === 'UNKNOWN') return undefined;
  return { text: text.slice(0, LONGEST_DESCRIPTION), type, isCut: text.length > LONGEST_DESCRIPTION };
}

/** Signatures of RECORD are not in it (PEP 427). */
export const isUnrecorded = (file: string, recorded: ReadonlySet<string>): boolean => !recorded.has(file) && !/\.dist-info\/RECORD\.(?:jws|p7s)$/.test(file);

function compareLists(record: readonly RecordEntry[], files: readonly ZipEntry[]): Pick<WheelContents, 'unrecorded' | 'missing'> {
  const recorded = new Set(record.map((entry) => entry.path));
  const held = new Set(files.map((entry) => entry.path));
  return {
    unrecorded: files.flatMap(({ path }) => (isUnrecorded(path, recorded) ? [path] : [])).slice(0, MOST_VALUES),
    missing: record.flatMap(({ path }) => (held.has(path) ? [] : [path])).slice(0, MOST_VALUES),
  };
}

/** One of ours lies two folders below its lock, and the first is the beginning of its hash. */
async function compareWithExport(file: string, sha256: string): Promise<WheelContents['locked']> {
  const folder = path.dirname(path.dirname(file));
  if (path.basename(path.dirname(folder)) !== 'pypackage') return undefined;
  const lock = await readExportedLock(folder);
  if (!lock) return undefined;
  const place = path.relative(folder, file).split(path.sep).join('/');
  const locked = lock.wheels.find((wheel) => wheel.path === place);
  if (!locked) return 'unlisted';
  return locked.sha256 === sha256 ? 'as locked' : 'other';
}
