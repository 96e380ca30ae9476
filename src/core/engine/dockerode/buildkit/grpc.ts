/**
 * A gRPC server over one HTTP/2 session, without a library:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { messageOf } from '../../../errors.js';
import { bytesOf } from '../lines.js';

export const Status = { OK: 0, CANCELLED: 1, NOT_FOUND: 5, UNIMPLEMENTED: 12, INTERNAL: 13 } as const;

export class GrpcError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Metadata = ReadonlyMap<string, readonly string[]>;
export type Handler = (call: GrpcCall) => Promise<void>;

const PREFIX = 5; // one byte "compressed", four bytes length
/** grpc-go refuses messages above 4 MiB by default, and BuildKit never sends larger ones. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** One call: read `messages`, `send` replies; the status is sent when the handler settles. */
export class GrpcCall {
  private drained: Promise<void> | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    readonly metadata: Metadata,
  ) {}

  /** True when the engine has given this call up (the build was cancelled or failed elsewhere). */
  get aborted(): boolean {
    return this.stream.destroyed || this.stream.aborted;
  }

  /**
   * Queues one message made of `parts`; resolves when there is room for more. Await it for bulk data; do not await
   * it where that would stop reading.
   */
  send(...parts: readonly Uint8Array[]): Promise<void> {
    if (this.aborted) return Promise.reject(new GrpcError(Status.CANCELLED, 'the engine closed the call'));
    const prefix = Buffer.alloc(PREFIX);
    prefix.writeUInt32BE(
      parts.reduce((sum, part) => sum + part.length, 0),
      1,
    );
    this.corkUntilNextTick();
    let room = this.stream.write(prefix);
    for (const part of parts) room = this.stream.write(part);
    return room ? Promise.resolve() : (this.drained ??= this.whenDrained());
  }

  /** Reads without destroying the stream when the caller stops early (a plain `for await` would). */
  async *messages(): AsyncGenerator<Buffer, void, undefined> {
    let chunks: Buffer[] = [];
    let have = 0;
    let need = PREFIX;
    let inBody = false;
    for await (const chunk of this.stream.iterator({ destroyOnReturn: false })) {
      const bytes = bytesOf(chunk);
      chunks.push(bytes);
      have += bytes.length;
      if (have < need) continue; // join once per message, or large messages cost quadratic time
      let buf = Buffer.concat(chunks);
      while (buf.length >= need) {
        if (inBody) {
          yield buf.subarray(0, need);
          buf = buf.subarray(need);
          need = PREFIX;
          inBody = false;
        } else {
          need = bodyLength(buf);
          buf = buf.subarray(PREFIX);
          inBody = true;
        }
      }
      chunks = [buf];
      have = buf.length;
    }
  }

  /** The only message of a unary call. */
  async request(): Promise<Buffer> {
    for await (const message of this.messages()) return message;
    throw new GrpcError(Status.INTERNAL, 'the call carried no message');
  }

  /** Many small messages (one per file) leave in one write. */
  private corkUntilNextTick(): void {
    if (this.stream.writableCorked > 0) return;
    this.stream.cork();
    process.nextTick(() => this.stream.uncork());
  }

  private whenDrained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => () => {
        this.drained = undefined;
        this.stream.off('drain', onDrain).off('close', onClose);
        done();
      };
      const onDrain = settle(resolve);
      const onClose = settle(() => reject(new GrpcError(Status.CANCELLED, 'the engine closed the call')));
      this.stream.once('drain', onDrain).once('close', onClose);
    });
  }
}

function bodyLength(buf: Buffer): number {
  if (buf[0] !== 0) throw new GrpcError(Status.UNIMPLEMENTED, 'compressed messages are not supported');
  const length = buf.readUInt32BE(1);
  if (length > MAX_MESSAGE) throw new GrpcError(Status.INTERNAL, `message of ${length} bytes`);
  return length;
}

export function serveGrpc(session: ServerHttp2Session, handlers: ReadonlyMap<string, Handler>): void {
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    // A call the engine resets emits 'error'; its handler notices by itself through send() and messages().
    stream.on('error', () => undefined);
    void answer(stream, handlers.get(String(headers[':path'])), readMetadata(raw));
  });
}

/**
 * Headers from the raw list: Node joins repeated ones with ", ", and patterns may hold commas themselves. It also reads
 * them as latin1, while 20.10 sends plain UTF-8 (later engines send ASCII only).
 */
function readMetadata(raw: readonly string[]): Metadata {
  const metadata = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = Buffer.from(raw[i + 1] ?? '', 'latin1').toString('utf8');
    const values = metadata.get(name);
    if (values) values.push(value);
    else metadata.set(name, [value]);
  }
  return metadata;
}

async function answer(stream: ServerHttp2Stream, handler: Handler | undefined, metadata: Metadata): Promise<void> {
  let status: number = Status.OK;
  let message = '';
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': String(status), ...(message && { 'grpc-message': encodeURIComponent(message) }) });
  });
  try {
    if (!handler) throw new GrpcError(Status.UNIMPLEMENTED, 'unknown method');
    await handler(new GrpcCall(stream, metadata));
  } catch (error) {
    status = error instanceof GrpcError ? error.status : Status.INTERNAL;
    message = messageOf(error);
  }
  if (!stream.destroyed) stream.end();
}
