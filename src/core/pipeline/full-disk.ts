/** A disk that is full, this machine's or the engine's, in words of its own wherever it showed. */
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Endpoint } from '../engine/engine.js';
import { UserError } from '../errors.js';

/** errno 28 and 122 in the words of libc, of Go and of apt. */
export const NO_SPACE = /no space left on device|disk quota exceeded|you don't have enough free space/i;

export function engineDiskFull(endpoint: Endpoint, said: string, cause?: unknown): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-disk-full',
    message: `The disk of the engine at ${endpoint.url} is full`,
    why: said.trim(),
    fix: 'Make room there: pypackage clean removes what this project made, docker system prune what nobody uses; then run it again, what was finished is kept',
    cause,
  });
}

/** Anything else stays as it is. */
export function explainFullDisk(error: unknown, endpoint?: Endpoint): unknown {
  for (const one of chainOf(error)) {
    if ('code' in one && (one.code === 'ENOSPC' || one.code === 'EDQUOT')) return hostDiskFull(one);
  }
  if (!endpoint || !(error instanceof UserError)) return error;
  const said = [error.message, error.why ?? ''].find((text) => NO_SPACE.test(text));
  return said === undefined ? error : engineDiskFull(endpoint, said, error);
}

function hostDiskFull(error: Error): UserError {
  const path = 'path' in error && typeof error.path === 'string' ? dirname(error.path) : undefined;
  return new UserError({
    kind: 'stage',
    code: 'disk-full',
    message: `The disk of this machine is full: nothing more can be written to ${path ?? tmpdir()}`,
    why: error.message,
    fix: 'Make room there, or set TMPDIR to a folder with more; then run it again, what was finished is kept',
    cause: error,
  });
}

function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at);
  return chain;
}
