// Writes docs/cli.md from the tables that the command line itself is made of. A unit test holds that it is current.
import { writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const { outputFiles } = await build({
  entryPoints: [new URL('src/cli/docs.ts', root).pathname],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const { cliDocument } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
await writeFile(new URL('docs/cli.md', root), cliDocument());
