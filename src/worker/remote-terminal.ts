/** A terminal on the other side of the border: what is typed there comes in, and bytes go out as fast as they are drawn. */
import { PassThrough, Writable } from 'node:stream';
import type { TerminalStreams } from '../core/engine/engine.js';
import type { TerminalSize } from '../protocol/worker.js';

/** Bytes that may wait: then the container does. */
const ROOM = 64 * 1024;

export class RemoteTerminal implements TerminalStreams {
  readonly tty = true;
  readonly stdin = new PassThrough();
  readonly stdout: RemoteOutput;
  readonly stderr: RemoteOutput;

  constructor(size: TerminalSize, send: (bytes: Uint8Array) => void) {
    this.stdout = new RemoteOutput(size, send);
    this.stderr = this.stdout;
  }

  type(data: string): void {
    this.stdin.write(data);
  }

  resize(size: TerminalSize): void {
    this.stdout.resize(size);
  }

  acknowledge(): void {
    this.stdout.acknowledge();
  }

  /** Resolves when all that was written has been drawn. */
  finish(): Promise<void> {
    return new Promise((resolve) => this.stdout.end(() => resolve()));
  }
}

/** One batch is under way at a time; what is written meanwhile makes the next. */
class RemoteOutput extends Writable {
  columns: number;
  rows: number;
  private underWay: (() => void) | undefined;

  constructor(
    { columns, rows }: TerminalSize,
    private readonly sendBytes: (bytes: Uint8Array) => void,
  ) {
    super({ highWaterMark: ROOM });
    this.columns = columns;
    this.rows = rows;
  }

  resize({ columns, rows }: TerminalSize): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }

  acknowledge(): void {
    const { underWay } = this;
    this.underWay = undefined;
    underWay?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.deliver([chunk], done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.deliver(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  private deliver(chunks: readonly Buffer[], done: () => void): void {
    this.underWay = done;
    // Of its own memory: a piece of a pool would take the whole pool with it over the border.
    const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.sendBytes(bytes);
  }
}
