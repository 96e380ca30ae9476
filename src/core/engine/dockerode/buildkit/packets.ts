/** The messages of fsutil: tonistiigi/fsutil types/wire.proto and types/stat.proto. */
import { Reader, Writer } from './protobuf.js';

export const Packet = { STAT: 0, REQ: 1, DATA: 2, FIN: 3, ERR: 4 } as const;

export interface FileStat {
  /** Relative, with `/`. */
  readonly path: string;
  /** Go's os.FileMode, not a Unix mode (Go's io/fs). */
  readonly mode: number;
  readonly size: number;
  /** Nanoseconds: the engine takes a file as unchanged when size, mode and this are the same. */
  readonly modTime: bigint;
}

export interface DecodedPacket {
  readonly type: number;
  readonly id: number;
  /** What an ERR packet says. */
  readonly text: string;
}

export function decodePacket(message: Uint8Array): DecodedPacket {
  const reader = new Reader(message);
  let type: number = Packet.STAT;
  let id = 0;
  let data = new Uint8Array(0);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.uint();
    else if (field === 3) id = reader.uint();
    else if (field === 4) data = Uint8Array.from(reader.bytes());
    else reader.skip();
  }
  return { type, id, text: type === Packet.ERR ? Buffer.from(data).toString('utf8') : '' };
}

export function encodeStat(stat: FileStat): Uint8Array {
  const inner = new Writer().string(1, stat.path).uint(2, stat.mode).uint(5, stat.size).int64(6, stat.modTime).finish();
  return new Writer().bytes(2, inner).finish();
}

/** What stands before a piece of content, which follows uncopied. An empty piece ends the file. */
export function dataHeader(id: number, length: number): Uint8Array {
  const writer = new Writer().uint(1, Packet.DATA).uint(3, id);
  return (length > 0 ? writer.lengthPrefix(4, length) : writer).finish();
}

export function encodeFin(): Uint8Array {
  return new Writer().uint(1, Packet.FIN).finish();
}

export function encodeError(text: string): Uint8Array {
  return new Writer().uint(1, Packet.ERR).bytes(4, Buffer.from(text, 'utf8')).finish();
}
