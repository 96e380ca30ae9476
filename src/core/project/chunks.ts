/** Files in pieces, so that a large one is never wholly in memory. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Of what is handed out: V8 collects buffers only once there are many, and larger ones are no faster. */
const CHUNK = 64 * 1024;
/** Of what is only hashed, in one buffer. */
const HASHED = 256 * 1024;

/** The content of a file; the rest is left unread when the reader stops. At most `limit` bytes where that is given. */
export async function* readChunks(file: string, options: { readonly limit?: number } = {}): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r');
  try {
    for (let left = options.limit ?? Infinity; left > 0;) {
      // A buffer of its own for each piece: the reader may keep it.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(Math.min(CHUNK, left)), 0);
      if (bytesRead === 0) return;
      left -= bytesRead;
      yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** sha256 in hexadecimal digits. Rejects with the signal's reason when it is aborted. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const digest = createHash('sha256');
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(HASHED);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0);
      if (bytesRead === 0) return digest.digest('hex');
      digest.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
