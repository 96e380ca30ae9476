/** `mcp`: tools for assistants, until whoever started it goes away. Standard output belongs to the protocol. */
import type { Context } from '../context.js';

export async function serveAssistants({ io, core, request, signal }: Context): Promise<number> {
  const { serveMcp } = await import('../../mcp/server.js');
  const { stdin, stdout } = io.streams();
  await serveMcp({ core, request, stdin, stdout, signal });
  return 0;
}
