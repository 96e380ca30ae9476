/** A container on the caller's own streams, as `docker run -i[t] --rm`. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { CancelledError, throwIfAborted } from '../../errors.js';
import type { InteractiveRequest, TerminalStreams } from '../engine.js';
import { name } from './api.js';
import type { EngineApi } from './api.js';
import { containerBody } from './container-body.js';
import { createContainer, removeAtEnd, startCreated } from './containers.js';
import { Demultiplexer } from './demultiplexer.js';
import { waitForExit } from './exit.js';
import { bytesOf } from './lines.js';

export async function runInteractive(api: EngineApi, request: InteractiveRequest, address: string): Promise<number> {
  const { signal } = request;
  throwIfAborted(signal);
  const id = await createContainer(api, request, containerBody(request, { address, tty: request.tty, stdin: true }));
  try {
    throwIfAborted(signal);
    const query = { stream: true, stdin: true, stdout: true, stderr: true };
    const socket = await api.upgrade({ method: 'POST', path: `/containers/${name(id)}/attach`, query, what: 'attach to a container', signal }, 'tcp');
    const onAbort = (): void => void socket.destroy();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await converse(api, socket, request, {
        start: () => startCreated(api, request, id, signal),
        exit: (ended) => waitForExit(api, id, ended, signal),
        resizePath: `/containers/${name(id)}/resize`,
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
    }
  } catch (error) {
    throw signal?.aborted ? new CancelledError() : api.explain(error, signal);
  } finally {
    await removeAtEnd(api, id);
  }
}

/** What differs between a container of its own and a command in one that runs. */
export interface Conversation {
  readonly start: () => Promise<void>;
  /** @param ended settles when the output has ended */
  readonly exit: (ended: Promise<void>) => Promise<number>;
  readonly resizePath: string;
}

/** Connects the caller's streams and returns the exit code. */
export async function converse(api: EngineApi, socket: Duplex, streams: TerminalStreams, { start, exit, resizePath }: Conversation): Promise<number> {
  const { stdin, stdout, tty } = streams;
  const ended = forwardOutput(socket, streams);
  await Promise.race([start(), ended]);
  // The command may be over by now; its window's size is nobody's concern then.
  const setSize = (): Promise<void> => resizeTerminal(api, resizePath, stdout).catch(() => undefined);
  const resize = (): void => void setSize();
  const raw = tty && stdin.isTTY === true;
  try {
    if (raw) stdin.setRawMode?.(true);
    if (tty) {
      await setSize();
      stdout.on('resize', resize);
    }
    // Its end closes our half only. With a terminal the end of input is a character (^D), and the engine takes a closed half for a
    // caller that left: output that is still on its way would be lost.
    stdin.pipe(socket, { end: !tty });
    const code = await exit(ended);
    await ended;
    return code;
  } finally {
    stdout.off('resize', resize);
    stdin.unpipe(socket);
    stdin.pause(); // or it would keep the process alive
    if (raw) stdin.setRawMode?.(false);
  }
}

async function resizeTerminal(api: EngineApi, path: string, { columns, rows }: TerminalStreams['stdout']): Promise<void> {
  if (columns === undefined || rows === undefined) return;
  await api.send({ method: 'POST', path, query: { w: columns, h: rows }, what: 'resize a terminal' });
}

/** Settles when nothing more comes. The caller's streams stay open: they are not ours. */
function forwardOutput(socket: Duplex, { stdout, stderr, tty }: TerminalStreams): Promise<void> {
  const sink = new Demultiplexer((stream, data) => write(stream === 'stdout' ? stdout : stderr, data));
  // A reader that goes away fails the write of the moment, when nobody may be waiting for the sink.
  sink.on('error', () => socket.destroy());
  const pump = async (): Promise<void> => {
    // Not `for await` over the socket: that would destroy it, and with it our half, at the end of the output.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      const data = bytesOf(chunk);
      if (tty) await write(stdout, data);
      else if (!sink.write(data)) await once(sink, 'drain');
    }
    if (!tty) await new Promise<void>((resolve) => sink.end(() => resolve()));
  };
  // A cut connection is found out by whoever waits for the exit; a reader that went away (`| head`) is no failure of the command.
  return pump().catch(() => undefined);
}

async function write(out: NodeJS.WritableStream, data: Buffer): Promise<void> {
  if (!out.write(data)) await once(out, 'drain');
}
