/**
 * moby.filesync.v1.FileSync/DiffCopy: the engine asks for a directory, gets the list of its files, and requests only
 * those that differ from what it kept. tonistiigi/fsutil send.go and receive.go, moby/buildkit session/filesync.
 * Its patterns are not looked at: they only spare sending what no instruction needs, and our contexts hold nothing else.
 */
import { GrpcError, Status } from './grpc.js';
import type { GrpcCall, Handler } from './grpc.js';
import type { MemoryTree } from './memory-tree.js';
import { Packet, dataHeader, decodePacket, encodeError, encodeFin, encodeStat } from './packets.js';

export const FILE_SYNC = '/moby.filesync.v1.FileSync/DiffCopy';

/** grpc-go refuses messages above 4 MiB. */
const PIECE = 1024 * 1024;

export function fileSyncService(trees: ReadonlyMap<string, MemoryTree>): Handler {
  return async (call) => {
    const name = call.metadata.get('dir-name')?.[0] ?? '';
    const tree = trees.get(name);
    if (!tree) throw new GrpcError(Status.NOT_FOUND, `no access allowed to dir "${name}"`);
    try {
      await Promise.all([list(call, tree), answerRequests(call, tree)]);
    } catch (error) {
      if (call.aborted) return; // the engine gave up; it says why on /build
      // Tell the engine why, in its own words; otherwise it reports a bare "EOF".
      await call.send(encodeError(String(error))).catch(() => undefined);
      throw error;
    }
  };
}

async function list(call: GrpcCall, tree: MemoryTree): Promise<void> {
  for (const stat of tree.list()) await call.send(encodeStat(stat));
  await call.send(new Uint8Array(0)); // a STAT without a stat, all of it defaults: the list is complete
}

/** The number of a file is its place in the list. */
async function answerRequests(call: GrpcCall, tree: MemoryTree): Promise<void> {
  const files = tree.list();
  for await (const message of call.messages()) {
    const packet = decodePacket(message);
    if (packet.type === Packet.REQ) {
      const content = tree.read(files[packet.id]?.path ?? '');
      if (!content) throw new GrpcError(Status.NOT_FOUND, `the engine asked for the unknown file ${packet.id}`);
      await sendFile(call, packet.id, content);
    } else if (packet.type === Packet.FIN) {
      return call.send(encodeFin());
    } else if (packet.type === Packet.ERR) {
      return; // the engine says more on /build
    }
  }
}

async function sendFile(call: GrpcCall, id: number, content: Buffer): Promise<void> {
  for (let at = 0; at < content.length; at += PIECE) {
    const piece = content.subarray(at, at + PIECE);
    await call.send(dataHeader(id, piece.length), piece);
  }
  await call.send(dataHeader(id, 0));
}
