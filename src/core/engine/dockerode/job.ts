/** Jobs: containers that are created, filled, run to their end, read and removed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError, throwIfAborted } from '../../errors.js';
import { isHeld } from '../../pace.js';
import type { JobRequest, JobResult } from '../engine.js';
import type { Labels } from '../labels.js';
import { connectionLost, isMissing } from '../problems.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { containerBody } from './container-body.js';
import { createContainer, removeAtEnd, startCreated } from './containers.js';
import { Demultiplexer } from './demultiplexer.js';
import { waitForExit } from './exit.js';
import { LineSplitter } from './lines.js';
import { awaitingSecrets, hasSecrets, sendSecrets } from './secret-input.js';

/** Output that is on its way when the container has ended must go on coming; so long a silence means that it will not. */
const SILENCE_MS = 10_000;

interface OwnJob extends JobRequest {
  /** Called after a successful end. */
  readonly beforeRemoval?: (id: string) => Promise<void>;
}

export async function runJob(api: EngineApi, request: OwnJob, address: string): Promise<JobResult> {
  throwIfAborted(request.signal);
  const stdin = hasSecrets(request);
  const id = await createContainer(api, request, containerBody(stdin ? awaitingSecrets(request) : request, { address, stdin }));
  let isOver = false;
  try {
    throwIfAborted(request.signal);
    const exitCode = await runToEnd(api, id, request);
    if (exitCode === 0 || request.outputsOnFailure) {
      for (const path of request.outputs ?? []) {
        await readArchive(api, id, path, (tar) => request.onArchive?.(path, tar) ?? Promise.resolve(), request.signal);
      }
    }
    if (exitCode === 0) await request.beforeRemoval?.(id);
    isOver = true;
    return { exitCode };
  } catch (error) {
    throw api.explain(error, request.signal);
  } finally {
    // Without the signal: it has its own deadline.
    const removing = removeAtEnd(api, id);
    if (isOver && request.removeBehind) api.goOn(removing);
    else await removing;
  }
}

async function runToEnd(api: EngineApi, id: string, request: JobRequest): Promise<number> {
  const { signal, input, secrets = [] } = request;
  const stdin = secrets.length > 0;
  // Before the start: what is written between the start and a later attach would be lost.
  const attaching = api.upgrade(
    {
      method: 'POST',
      path: `/containers/${name(id)}/attach`,
      query: { stream: true, stdin, stdout: true, stderr: true },
      what: 'attach to a container',
      signal,
    },
    'tcp',
  );
  const filling = input ? fill(api, id, input(), signal) : undefined;
  const [attached, filled] = await Promise.allSettled([attaching, filling]);
  if (attached.status === 'rejected') throw attached.reason;
  const socket = attached.value;
  const onAbort = (): void => void socket.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (filled.status === 'rejected') throw filled.reason;
    const output = new Output(socket, request.onOutput);
    await startCreated(api, request, id, signal);
    if (stdin) await sendSecrets(socket, secrets);
    const exitCode = await waitForExit(api, id, output.ended, signal);
    await output.drained(api);
    return exitCode;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

async function fill(api: EngineApi, id: string, tar: Readable, signal: AbortSignal | undefined): Promise<void> {
  // A tar that fails while it is being read destroys the request with its own error: the caller sees that one.
  let own: unknown;
  tar.once('error', (error) => (own = error));
  try {
    await api.send({ method: 'PUT', path: `/containers/${name(id)}/archive`, query: { path: '/' }, body: tar, what: 'copy files into a container', signal });
  } catch (error) {
    throw own ?? error;
  }
}

/** The two outputs of a container as lines. */
class Output {
  private bytes = 0;
  /** The reader has no room: the silence is ours. */
  private held = false;
  private problem: unknown;
  private over = false;
  /** Settles when nothing more comes, for whatever reason. */
  readonly ended: Promise<void>;

  constructor(socket: Duplex, onLine: JobRequest['onOutput']) {
    const splitters = {
      stdout: new LineSplitter((line, end) => onLine?.('stdout', line, end)),
      stderr: new LineSplitter((line, end) => onLine?.('stderr', line, end)),
    };
    const demultiplexer = new Demultiplexer((stream, data) => {
      this.bytes += data.length;
      const pace = splitters[stream].push(data);
      if (!isHeld(pace)) return undefined;
      this.held = true;
      return pace.then(() => void (this.held = false));
    });
    this.ended = pipeline(socket, demultiplexer)
      .catch((error: unknown) => void (this.problem = error))
      .finally(() => {
        splitters.stdout.flush();
        splitters.stderr.flush();
        this.over = true;
      });
  }

  /** To be called when the container has ended. */
  async drained(api: EngineApi): Promise<void> {
    const own = new AbortController();
    try {
      for (let before = -1; !this.over; before = this.bytes) {
        if (before === this.bytes && !this.held) throw connectionLost(api.endpoint, new Error("the rest of a container's output did not come"));
        await Promise.race([this.ended, sleep(SILENCE_MS, undefined, { signal: own.signal }).catch(() => undefined)]);
      }
    } finally {
      own.abort();
    }
    if (this.problem !== undefined) throw api.explain(this.problem, undefined);
  }
}

async function readArchive(
  api: EngineApi,
  id: string,
  path: string,
  onArchive: (tar: Readable) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const call = { method: 'GET', path: `/containers/${name(id)}/archive`, query: { path }, what: `read ${path} from a container`, signal } as const;
  const tar = await api.open(call).catch((error: unknown) => {
    throw isMissing(error) ? missingPath(path, error) : error;
  });
  try {
    await onArchive(tar);
  } finally {
    tar.destroy();
  }
}

function missingPath(path: string, cause: unknown): UserError {
  return new UserError({ kind: 'engine', code: 'path-missing', message: `There is no ${path} in the container`, cause });
}

export async function readFromImage(
  api: EngineApi,
  image: string,
  path: string,
  onArchive: (tar: Readable) => Promise<void>,
  labels: Labels,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfAborted(signal);
  // An image without an operating system has no command, and a container needs one to be created; it is never started.
  const id = await createContainer(api, { image, labels }, { Image: image, Labels: labels, Cmd: ['-'], HostConfig: { NetworkMode: 'none' } });
  try {
    await readArchive(api, id, path, onArchive, signal);
  } catch (error) {
    throw api.explain(error, signal);
  } finally {
    await removeAtEnd(api, id);
  }
}
