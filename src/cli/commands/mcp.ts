/** `mcp`: tools for assistants, until whoever started it goes away. Standard output belongs to the protocol. */
import type { Context } from '../context.js';

export async function serveAssistants({ io, core, request, signal }: Context): Promise<number> {
  const { serveMcp } = await import('../../mcp/server.js');
  const { stdin, stdout } = io.streams();
  if (stdin.isTTY) io.stderr.write('Waiting for an assistant on standard input; Ctrl+C ends it. How assistants are told of it: docs/assistants.md\n');
  await serveMcp({ core, request, stdin, stdout, signal });
  return 0;
}
