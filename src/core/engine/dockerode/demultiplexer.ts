/**
 * Takes apart the stream in which the engine sends a container's two outputs: frames of eight bytes of head (1 or 2, three
 * zeros, length) and content. https://docs.docker.com/reference/api/engine/ (ContainerAttach, stream format)
 */
import { Writable } from 'node:stream';
import type { Paced } from '../../pace.js';

const HEAD = 8;

/** Waits for what `onData` returns before it takes more, so that a slow reader slows the container down, not our memory up. */
export class Demultiplexer extends Writable {
  private readonly head = Buffer.alloc(HEAD);
  private headLength = 0;
  private left = 0;
  private current: 'stdout' | 'stderr' = 'stdout';

  constructor(private readonly onData: Paced<[stream: 'stdout' | 'stderr', data: Buffer]>) {
    super({ highWaterMark: 256 * 1024 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    void this.accept(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    done(this.headLength > 0 || this.left > 0 ? new Error('aborted') : null);
  }

  private async accept(chunk: Buffer, done: (error?: Error | null) => void): Promise<void> {
    let problem: Error | null = null;
    try {
      await this.take(chunk);
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error));
    }
    done(problem);
  }

  private async take(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.left === 0) {
        at += this.takeHead(chunk, at);
        continue;
      }
      const data = chunk.subarray(at, at + this.left);
      at += data.length;
      this.left -= data.length;
      const pending = this.onData(this.current, data);
      if (pending) await pending;
    }
  }

  private takeHead(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.head, this.headLength, at, at + HEAD - this.headLength);
    this.headLength += copied;
    if (this.headLength === HEAD) {
      this.headLength = 0;
      this.current = this.head[0] === 2 ? 'stderr' : 'stdout';
      this.left = this.head.readUInt32BE(4);
    }
    return copied;
  }
}
