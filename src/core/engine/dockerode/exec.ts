/** A command in a container that runs, on the caller's own streams, as `docker exec -i[t]`. */
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, throwIfAborted } from '../../errors.js';
import type { ExecRequest, TerminalStreams } from '../engine.js';
import { number, object, text } from '../json.js';
import type { Json } from '../json.js';
import { connectionLost } from '../problems.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import hangUp from './hang-up.sh';
import { converse } from './interactive.js';

/** A connection that died without a word is found out after this time. */
const HEARTBEAT_MS = 15_000;
const ANSWER_MS = 20_000;
const END_MS = 2_000;
/** The first line is the process id in the container, which the engine does not tell. */
const TELL_ID = ['sh', '-c', 'echo "$$"; exec "$@"', 'sh'] as const;

export async function execInteractive(api: EngineApi, container: string, request: ExecRequest): Promise<number> {
  const { command, env, tty, signal } = request;
  throwIfAborted(signal);
  const id = await createExec(api, container, {
    Cmd: [...TELL_ID, ...command],
    Tty: tty,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    ...(env && { Env: Object.entries(env).map(([key, value]) => `${key}=${value}`) }),
  });
  const output = new FirstLine(request.stdout);
  try {
    const socket = await api.upgrade(
      { method: 'POST', path: `/exec/${name(id)}/start`, body: { Detach: false, Tty: tty }, what: 'run a command', signal },
      'tcp',
    );
    try {
      const code = await converse(
        api,
        socket,
        { ...request, stdout: output },
        { start: () => output.begun, exit: (ended) => exitCode(api, id, ended, signal), resizePath: `/exec/${name(id)}/resize` },
      );
      await output.finish();
      return code;
    } finally {
      socket.destroy();
      output.release();
    }
  } catch (error) {
    throw signal?.aborted ? new CancelledError() : api.explain(error, signal);
  } finally {
    if (signal?.aborted && output.line !== undefined) await endSession(api, container, output.line).catch(() => undefined);
  }
}

async function createExec(api: EngineApi, container: string, body: Json): Promise<string> {
  const answer = await api.json({ method: 'POST', path: `/containers/${name(container)}/exec`, body, what: 'run a command in a container' });
  return text(object(answer)['Id']);
}

/** Its output ends with it; that is looked after, since a connection may be cut, and since some engines are late to say so. */
async function exitCode(api: EngineApi, id: string, ended: Promise<void>, signal: AbortSignal | undefined): Promise<number> {
  const outputEnded = ended.then(() => true);
  let endedAt: number | undefined;
  for (;;) {
    const isOver = endedAt === undefined ? await Promise.race([outputEnded, sleep(HEARTBEAT_MS, false, { ...(signal && { signal }) })]) : true;
    if (isOver) endedAt ??= performance.now();
    throwIfAborted(signal);
    const state = object(await api.json({ method: 'GET', path: `/exec/${name(id)}/json`, what: 'inspect a command', signal, timeout: ANSWER_MS }));
    if (state['Running'] !== true) return number(state['ExitCode']);
    if (endedAt !== undefined && performance.now() - endedAt > END_MS) throw connectionLost(api.endpoint, new Error('the output of a running command ended'));
    if (endedAt !== undefined) await sleep(50);
  }
}

async function endSession(api: EngineApi, container: string, leader: string): Promise<void> {
  const id = await createExec(api, container, { Cmd: ['sh', '-c', hangUp, leader] });
  await api.send({ method: 'POST', path: `/exec/${name(id)}/start`, body: { Detach: true, Tty: false }, what: 'end a command', timeout: ANSWER_MS });
}

/** Takes the first line out of what is written to another stream, whose size and end are still its own. */
class FirstLine extends Writable {
  line: string | undefined;
  /** Resolves with the first line, or with the end: from then on the command has its terminal. */
  readonly begun: Promise<void>;
  private tellBegun: () => void = () => undefined;
  private head = '';
  private readonly onResize = (): void => void this.emit('resize');

  constructor(private readonly target: TerminalStreams['stdout']) {
    super();
    this.begun = new Promise((resolve) => (this.tellBegun = resolve));
    target.on('resize', this.onResize);
  }

  get columns(): number | undefined {
    return this.target.columns;
  }

  get rows(): number | undefined {
    return this.target.rows;
  }

  release(): void {
    this.target.off('resize', this.onResize);
  }

  /** Resolves when all of it has been handed on. */
  finish(): Promise<void> {
    return new Promise((resolve) => this.end(() => resolve()));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const rest = this.line === undefined ? this.afterFirst(chunk) : chunk;
    if (rest.length === 0 || this.target.write(rest)) done();
    else this.target.once('drain', done);
  }

  private afterFirst(chunk: Buffer): Buffer {
    const end = chunk.indexOf(10);
    this.head += chunk.toString('latin1', 0, end < 0 ? chunk.length : end);
    if (end < 0) return Buffer.alloc(0);
    this.line = this.head.trim();
    this.tellBegun();
    return chunk.subarray(end + 1);
  }
}
