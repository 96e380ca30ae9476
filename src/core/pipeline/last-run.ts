/** The last run of a project on this machine: its record, what became of it, and the end of its log. */
import { open, realpath } from 'node:fs/promises';
import { harmless, shortened } from '../harmless.js';
import { meantProject } from '../project/meant-project.js';
import type { LastRun, Request } from '../request.js';
import { recordsFolder } from './record-files.js';
import { readRecords, stateOfRecord } from './run-record.js';

const TAIL_BYTES = 64 * 1024;
const TAIL_LINES = 60;
const LONGEST_LINE = 500;
/** Where in our own code an error was made tells nothing about the project. */
const OWN_STACK = /^\s+at .*(?:\bdist\/(?:cli|worker|mcp)\.js|node:internal)/;

/** undefined: nothing is remembered. Never rejects: a project that cannot be read may be what failed. */
export async function readLastRun(request: Pick<Request, 'folder' | 'target' | 'env'>): Promise<LastRun | undefined> {
  const folder = recordsFolder(request.env);
  const named = await realpath(request.folder).catch(() => request.folder);
  const below = await meantProject(request.folder).then(
    ({ project }) => project.root,
    () => named,
  );
  const records = [...(await readRecords(folder, named)), ...(below === named ? [] : await readRecords(folder, below))];
  const wanted = records.filter(({ target }) => request.target === undefined || target === '' || target === request.target);
  const [record] = wanted.sort((a, b) => b.startedAt - a.startedAt);
  return record && { record, state: stateOfRecord(record), tail: record.log === undefined ? [] : await tailOf(record.log) };
}

/** The last lines of a log that may be large, each of a length that can be read. */
async function tailOf(path: string): Promise<readonly string[]> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, TAIL_BYTES)), 0, Math.min(size, TAIL_BYTES), start);
      const lines = buffer.subarray(0, bytesRead).toString().split('\n');
      // The first is a part of a line, unless it is the log's first.
      return (start === 0 ? lines : lines.slice(1))
        .filter((line) => line !== '' && !OWN_STACK.test(line))
        .slice(-TAIL_LINES)
        .map((line) => shortened(harmless(line), LONGEST_LINE));
    } finally {
      await file.close();
    }
  } catch {
    return []; // logs are deleted by people
  }
}
