/**
 * Secrets of a job: a tar over its standard input, which its first process unpacks into memory before the command begins. What an engine
 * keeps of a container (layer, archive, inspection, log) never holds them.
 */
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SECRETS_FOLDER } from '../engine.js';
import type { JobRequest } from '../engine.js';
import type { PackedFile } from '../tar.js';
import { packFiles } from '../tar.js';

/** tar reads whole records of this size, in bytes. The input's end need not be seen, which not every way to an engine passes on. */
const RECORD = 10_240;

const UNPACK = `tar -xf - -C ${SECRETS_FOLDER} && exec "$@" < /dev/null`;

export function hasSecrets({ secrets = [] }: JobRequest): boolean {
  return secrets.length > 0;
}

/** The same job, which waits for its secrets first. */
export function awaitingSecrets(request: JobRequest): JobRequest {
  const { entrypoint, mounts = [] } = request;
  if (entrypoint === undefined) throw new TypeError('a job with secrets names its entrypoint');
  return {
    ...request,
    // Below a file system that is in memory anyway, the place leaves no empty folder in what is kept of the container.
    mounts: [...mounts, { type: 'tmpfs', target: SECRETS_FOLDER }],
    entrypoint: ['/bin/sh', '-c', UNPACK, 'sh', ...entrypoint],
  };
}

/** To be called once the job has started. A job that ends before it has read all of it says so by its exit code. */
export async function sendSecrets(attached: Duplex, secrets: readonly PackedFile[]): Promise<void> {
  const tar = await buffer(packFiles(secrets));
  attached.write(Buffer.concat([tar, Buffer.alloc((RECORD - (tar.length % RECORD)) % RECORD)]));
}
