import { open } from 'node:fs/promises';

/** The content of a file in pieces, the rest unread when the reader stops. At most `limit` bytes where that is given. */
export async function* readChunks(
  file: string,
  options: { readonly limit?: number; readonly chunk?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<Buffer> {
  const { limit = Infinity, chunk = 256 * 1024, signal } = options;
  const handle = await open(file, 'r');
  try {
    for (let left = limit; left > 0;) {
      signal?.throwIfAborted();
      // A buffer of its own for each piece: the reader may keep it.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(Math.min(chunk, left)), 0);
      if (bytesRead === 0) return;
      left -= bytesRead;
      yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
