/** A package index that is there and not well. pip itself says of most such troubles that the index has no such package. */
import { UserError } from '../../errors.js';
import type { Place } from '../../errors.js';

/** The first line that fits. */
export type FindLine = (pattern: RegExp) => RegExpExecArray | undefined;

/** undefined when nothing of the kind was said. */
export function explainIndex(find: FindLine, where: Place): UserError | undefined {
  return timeOut(find, where) ?? serverError(find, where) ?? halfFile(find, where);
}

function timeOut(find: FindLine, where: Place): UserError | undefined {
  // The first is what pip 26 says of an index, the others what it says of a file, and of each try.
  const found = find(/didn't respond within [\d.]+ seconds/) ?? find(/Read timed out|ReadTimeoutError|ConnectTimeoutError|TimeoutError: timed out/);
  if (!found) return undefined;
  const seconds = find(/didn't respond within ([\d.]+) seconds|(?:read|connect) timeout=([\d.]+)/)
    ?.slice(1)
    .find(Boolean);
  return new UserError({
    kind: 'stage',
    code: 'index-timeout',
    message: `The package index${at(found.input)} did not answer in time`,
    where,
    ...(seconds !== undefined && { why: `It was waited ${Number(seconds)} s for an answer, each time` }),
    fix: 'Check that it works, or name another one with PIP_INDEX_URL; a slow one gets more time with PIP_DEFAULT_TIMEOUT, in seconds, and more tries with PIP_RETRIES',
  });
}

function serverError(find: FindLine, where: Place): UserError | undefined {
  const found =
    find(/Could not fetch URL .*?\b(5\d\d) Server Error: ([^:]+?) for url/) ??
    find(/HTTP error (5\d\d) while getting/) ??
    find(/\b(5\d\d) Server Error: ([^:]+?) for url/) ??
    find(/too many (5\d\d) error responses/);
  if (!found) return undefined;
  return new UserError({
    kind: 'stage',
    code: 'index-failing',
    message: `The package index${at(found.input)} answers with an error: ${[found[1], found[2]].filter(Boolean).join(' ')}`,
    where,
    fix: 'Try again later, or name another one with PIP_INDEX_URL',
  });
}

function halfFile(find: FindLine, where: Place): UserError | undefined {
  const found = find(/Download failed after .*not enough bytes were received.*/) ?? find(/IncompleteRead\(.*|Connection broken: .*/);
  if (!found) return undefined;
  const url = find(/URL: (\S+)/)?.[1];
  const file = url?.split(/[?#]/)[0]?.split('/').at(-1);
  return new UserError({
    kind: 'stage',
    code: 'index-incomplete',
    message: `The package index${at(url ?? found.input)} sent only a part of ${file ?? 'a file'}`,
    where,
    why: found[0],
    fix: 'Try again: what was downloaded whole is kept; where it happens every time, look at the index and the proxies on the way to it',
  });
}

/** ` at HOST`, from a line that names it. */
function at(line: string): string {
  const pool = /host='([^']+)', port=(\d+)/.exec(line);
  if (pool) return ` at ${pool[1]}${pool[2] === '443' || pool[2] === '80' ? '' : `:${pool[2]}`}`;
  const host = /https?:\/\/(?:[^@/\s]*@)?([^/\s'")]+)/.exec(line)?.[1];
  return host === undefined ? '' : ` at ${host}`;
}
